//! What does one row of a feed say? Each kind of source has its own names for the same things; a row becomes a
//! `ReadRow`, or a `Reject` with its reason. Fields that no vacancy may depend on are dropped here and only counted.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::ingest::job_posting;
use crate::ingest::mapping::Mapping;
use crate::ingest::model::Kind;
use crate::lexicon::{EmployerNumber, date};
use crate::vacancies::RawVacancy;

const QUARANTINE: &str = include_str!("../../index/quarantine.tsv");
const COLUMNS: &str = include_str!("../../index/vacancy_columns.tsv");
/// The largest row that is read, in bytes of JSON.
pub const ROW_BYTES_MAX: usize = 2 * 1024 * 1024;

/// What exports write for nothing.
const NOT_AVAILABLE: &str = "N/A";

/// Why a row was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// The machine-readable reason.
    pub code: &'static str,
    /// The reason in words.
    pub detail: String,
    /// What the source calls the row, where it says.
    pub reference: Option<String>,
}

/// A row of a source, read but not yet understood.
#[derive(Debug, Clone, Default)]
pub struct ReadRow {
    /// What the source calls it.
    pub reference: String,
    /// Its wording.
    pub raw: RawVacancy,
    /// The employer's number, when it is sound.
    pub uscc: Option<String>,
    /// Where it can be read at the source.
    pub url: Option<String>,
    /// The source's own word for when it changed.
    pub changed_at: Option<String>,
    /// The first day.
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    pub expires_at: Option<NaiveDate>,
    /// Whether the source takes it back.
    pub withdrawn: bool,
    /// A hash over the whole row without what is dropped.
    pub hash: String,
}

/// The tables that reading needs.
pub struct Reader {
    quarantine: HashMap<String, String>,
    columns: HashMap<String, String>,
}

impl Default for Reader {
    fn default() -> Reader {
        let rows =
            |text: &'static str| text.lines().filter(|l| !l.starts_with('#')).skip(1).map(|l| l.split('\t').collect::<Vec<_>>());
        let two =
            |row: Vec<&str>, first: usize, second: usize| Some(((*row.get(first)?).to_owned(), (*row.get(second)?).to_owned()));
        Reader {
            quarantine: rows(QUARANTINE).filter_map(|row| two(row, 0, 2)).collect(),
            columns: rows(COLUMNS).filter_map(|row| two(row, 0, 1)).collect(),
        }
    }
}

/// Where each thing stands in an entry of a change feed, where its mapping does not say.
const ENTRY: &[(&str, &str)] = &[("reference", "/id"), ("changed_at", "/date_modified"), ("op", "/status")];

/// The words by which a source takes a row back.
const WITHDRAWALS: &[&str] =
    &["d", "delete", "deleted", "remove", "removed", "inactive", "stopped", "rejected", "closed", "expired", "true"];

/// What each thing is called in the public labour-market system.
const LEMIS: &[(&str, &str)] = &[
    ("reference", "acb210"),
    ("title", "acb216"),
    ("description", "aae013"),
    ("employer", "aab004"),
    ("uscc", "aab998"),
    ("place", "aab301"),
    ("address", "acb204"),
    ("occupation_code", "aca111"),
    ("occupation", "aca112"),
    ("salary", "acb21i"),
    ("basic_pay", "acb21h"),
    ("education", "aac011_text"),
    ("education_code", "aac011"),
    ("experience", "acb22a"),
    ("headcount", "acb21d"),
    ("employment_type", "aac048"),
    ("benefits", "acb228"),
    ("industry", "aab022"),
    ("skills", "skills"),
    ("valid_from", "aae030"),
    ("expires_at", "aae031"),
    ("changed_at", "aae036"),
    ("op", "op"),
];

impl Reader {
    /// Tells whether a heading of a file means something.
    pub fn knows(&self, heading: &str) -> bool {
        self.columns.contains_key(heading.trim())
    }

    /// Reads a row; `dropped` counts the fields that no vacancy may depend on.
    pub fn read(
        &self,
        kind: Kind,
        mapping: Option<&Mapping>,
        row: &Value,
        dropped: &mut BTreeMap<String, i64>,
    ) -> Result<ReadRow, Reject> {
        let Some(fields) = row.as_object() else { return Err(reject("not_an_object", "the row is not an object", None)) };
        if fields.values().all(Value::is_null) {
            return Err(reject("empty_row", "every field of the row is null", None));
        }
        let clean = self.clean(fields, dropped);
        let text = serde_json::to_string(&clean).unwrap_or_default();
        if text.len() > ROW_BYTES_MAX {
            return Err(reject("row_too_large", "the row is larger than 2 MiB", None));
        }
        let words = self.words(kind, mapping, &Value::Object(clean));
        assemble(words, hex::encode(Sha256::digest(text.as_bytes())))
    }

    /// Names what a row says, in the way of its kind.
    fn words(&self, kind: Kind, mapping: Option<&Mapping>, clean: &Value) -> HashMap<String, String> {
        let mapped = |mapping: &Mapping| collect(mapping.fields.iter().map(|(thing, at)| (thing.as_str(), clean.pointer(at))));
        match (kind, mapping.filter(|mapping| !mapping.fields.is_empty())) {
            (Kind::Lemis, _) => {
                let mut words = collect(LEMIS.iter().map(|(thing, field)| (*thing, clean.get(*field))));
                if words.get("title").is_none_or(|t| t.is_empty()) {
                    let occupation = words.get("occupation").cloned().unwrap_or_default();
                    words.insert("title".to_owned(), occupation);
                }
                words
            }
            (Kind::PagedJson, Some(mapping)) => mapped(mapping),
            (Kind::ChangeFeed, mapping) => {
                let mut words = match mapping {
                    Some(mapping) => mapped(mapping),
                    None => self.by_columns(&flat(clean.get("content").unwrap_or(clean))),
                };
                for (thing, at) in ENTRY {
                    if mapping.is_none_or(|mapping| !mapping.fields.contains_key(*thing)) {
                        words.insert((*thing).to_owned(), clean.pointer(at).map(plain).unwrap_or_default());
                    }
                }
                words
            }
            (Kind::JobPosting, _) => job_posting::words(clean),
            _ => self.by_columns(clean),
        }
    }

    fn clean(&self, fields: &Map<String, Value>, dropped: &mut BTreeMap<String, i64>) -> Map<String, Value> {
        let kept = fields.iter().filter(|(name, value)| !self.is_dropped(name, value, dropped)).collect::<Vec<_>>();
        kept.into_iter().map(|(name, value)| (name.clone(), self.clean_inside(value, dropped))).collect()
    }

    fn clean_inside(&self, value: &Value, dropped: &mut BTreeMap<String, i64>) -> Value {
        match value {
            Value::Object(fields) => Value::Object(self.clean(fields, dropped)),
            Value::Array(items) => items.iter().map(|item| self.clean_inside(item, dropped)).collect(),
            other => other.clone(),
        }
    }

    /// Gives a row as it may be kept: without what no vacancy may depend on, identity numbers above all.
    pub fn without_quarantined(&self, row: &Value) -> Value {
        self.clean_inside(row, &mut BTreeMap::new())
    }

    fn is_dropped(&self, name: &str, value: &Value, dropped: &mut BTreeMap<String, i64>) -> bool {
        let Some(neutral) = self.quarantine.get(name) else { return false };
        let said = plain(value);
        if !said.is_empty() && said != *neutral {
            *dropped.entry(name.to_owned()).or_default() += 1;
        }
        true
    }

    /// Names the cells of a row by what their headings mean; the first that says something wins.
    pub fn by_columns(&self, row: &Value) -> HashMap<String, String> {
        let mut words: HashMap<String, String> = HashMap::new();
        for (name, value) in row.as_object().into_iter().flatten() {
            if let Some(thing) = self.columns.get(name.trim()) {
                let known = words.entry(thing.clone()).or_default();
                if known.is_empty() {
                    *known = plain(value);
                }
            }
        }
        words
    }
}

/// Gives the leaves of a row under their dotted names.
fn flat(row: &Value) -> Value {
    let mut leaves = Map::new();
    for (name, value) in row.as_object().into_iter().flatten() {
        match value.as_object() {
            Some(inner) => leaves.extend(inner.iter().map(|(leaf, value)| (format!("{name}.{leaf}"), value.clone()))),
            None => drop(leaves.insert(name.clone(), value.clone())),
        }
    }
    Value::Object(leaves)
}

fn collect<'a>(pairs: impl Iterator<Item = (&'a str, Option<&'a Value>)>) -> HashMap<String, String> {
    pairs.map(|(thing, value)| (thing.to_owned(), value.map(plain).unwrap_or_default())).collect()
}

/// Gives the text of a value; a list is joined with line feeds.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if text.trim() == NOT_AVAILABLE => String::new(),
        Value::String(text) => text.trim().to_owned(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("\n"),
        other => other.to_string(),
    }
}

fn reject(code: &'static str, detail: impl Into<String>, reference: Option<String>) -> Reject {
    Reject { code, detail: detail.into(), reference }
}

fn assemble(mut words: HashMap<String, String>, hash: String) -> Result<ReadRow, Reject> {
    let mut take = |thing: &str| words.remove(thing).unwrap_or_default();
    let (title, employer_name) = (take("title"), take("employer"));
    let given = take("reference");
    let reference = if given.is_empty() { hash.chars().take(32).collect() } else { given };
    let withdrawn = WITHDRAWALS.contains(&take("op").to_lowercase().as_str());
    if title.is_empty() && !withdrawn {
        return Err(reject("missing_title", "the row has no title", Some(reference)));
    }
    if employer_name.is_empty() && !withdrawn {
        return Err(reject("missing_employer", "the row names no employer", Some(reference)));
    }
    let place = [take("place"), take("district")].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" ");
    let uscc = match EmployerNumber::parse(&take("uscc")) {
        Ok(EmployerNumber::Uscc(uscc)) => Some(uscc.as_str().to_owned()),
        _ => None,
    };
    let pay = [take("salary"), take("basic_pay")].into_iter().find(|t| !t.is_empty()).unwrap_or_default();
    let day = |text: String| date::parse(&text, None).map(|reading| reading.date);
    let (education_text, education_code) = (take("education"), take("education_code"));
    let some = |text: String| Some(text).filter(|t| !t.is_empty());
    Ok(ReadRow {
        uscc,
        url: some(take("url")),
        changed_at: some(take("changed_at")),
        valid_from: day(take("valid_from")),
        expires_at: day(take("expires_at")),
        withdrawn,
        hash,
        raw: RawVacancy {
            title,
            employer_name,
            description: take("description"),
            place,
            address: take("address"),
            occupation_code: take("occupation_code"),
            occupation_name: take("occupation"),
            skills: take("skills")
                .split(['\n', ',', '，', '、', ';', '；'])
                .map(|s| s.trim().to_owned())
                .filter(|s| !s.is_empty())
                .collect(),
            salary: pay,
            education: if education_text.is_empty() { education_code } else { education_text },
            experience: take("experience"),
            employment_type: take("employment_type"),
            headcount: take("headcount"),
            benefits: take("benefits"),
            industry: take("industry"),
        },
        reference,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_unlawful_field_is_counted_and_never_seen() {
        let mut dropped = BTreeMap::new();
        let row =
            json!({"acb210": "1", "aab004": "虚构风筝坊", "acb216": "风筝学徒", "aac004": "2", "acb221": "18", "aac017": "0"});
        let read = Reader::default().read(Kind::Lemis, None, &row, &mut dropped).unwrap();
        assert_eq!(dropped.into_iter().collect::<Vec<_>>(), [("aac004".to_owned(), 1), ("acb221".to_owned(), 1)]);
        let without = json!({"acb210": "1", "aab004": "虚构风筝坊", "acb216": "风筝学徒"});
        assert_eq!(read.hash, Reader::default().read(Kind::Lemis, None, &without, &mut BTreeMap::new()).unwrap().hash);
    }

    #[test]
    fn a_row_without_sense_is_rejected_with_its_reason() {
        let read = |row| Reader::default().read(Kind::Lemis, None, &row, &mut BTreeMap::new()).unwrap_err().code;
        assert_eq!(read(json!({"acb210": null, "aab004": null})), "empty_row");
        assert_eq!(read(json!({"acb210": "1", "aab004": "虚构坊"})), "missing_title");
        assert_eq!(read(json!({"acb210": "1", "acb216": "绣工"})), "missing_employer");
        assert_eq!(read(json!("text")), "not_an_object");
    }

    #[test]
    fn a_sheet_with_chinese_headings_is_read() {
        let row =
            json!({"岗位名称": "陶艺师", "公司名称": "虚构陶坊", "工作城市": "淄博", "薪资": "5-7千", "技能": "陶艺、3D建模"});
        let read = Reader::default().read(Kind::File, None, &row, &mut BTreeMap::new()).unwrap();
        assert_eq!((read.raw.title.as_str(), read.raw.place.as_str(), read.raw.skills.len()), ("陶艺师", "淄博", 2));
    }
}
