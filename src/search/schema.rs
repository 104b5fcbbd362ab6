//! What does the index know of a vacancy? Two fields of terms (`words` with weights as frequencies, `net`), and columns
//! of small numbers for filters, facets and order. No text is kept: what is shown comes from the database.

use std::collections::{BTreeMap, BTreeSet};

use tantivy::TantivyDocument;
use tantivy::schema::{FAST, Field, INDEXED, IndexRecordOption, NumericOptions, STRING, Schema, TextFieldIndexing, TextOptions};

use crate::db::types::VacancyId;
use crate::error::{Error, Result};
use crate::lexicon::{Education, EmploymentType, Lexicon};
use crate::search::analyse::Cutter;
use crate::search::terms::{JOINED, Terms};
use crate::search::weights::Weights;
use crate::vacancies::{Content, VacancyRow};

/// Raised when the fields or their meaning change, so that the index is made anew.
const MAKE: u32 = 5;
/// What is added to degrees so that they are never negative.
const DEGREES_SHIFT: f64 = 180.0;
/// How many steps a degree has: about 11 m.
const DEGREE_STEPS: f64 = 10_000.0;
/// How many parts of a vacancy count for its completeness.
const PARTS: u64 = 8;
/// From how many characters on a description says something.
const DESCRIPTION_CHARS: usize = 60;

/// The columns, each of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Column {
    High,
    Low,
    Area,
    Skill,
    Craft,
    Education,
    Kind,
    PayMin,
    PayMax,
    Months,
    Published,
    Parts,
    Lat,
    Lon,
    Handicraft,
    Fresh,
    Revision,
}

impl Column {
    /// Every column, in order.
    pub const ALL: [Column; 17] = [
        Column::High,
        Column::Low,
        Column::Area,
        Column::Skill,
        Column::Craft,
        Column::Education,
        Column::Kind,
        Column::PayMin,
        Column::PayMax,
        Column::Months,
        Column::Published,
        Column::Parts,
        Column::Lat,
        Column::Lon,
        Column::Handicraft,
        Column::Fresh,
        Column::Revision,
    ];

    /// Gives the name of the column in the schema.
    pub fn name(self) -> &'static str {
        match self {
            Column::High => "id_high",
            Column::Low => "id_low",
            Column::Area => "area",
            Column::Skill => "skill",
            Column::Craft => "craft",
            Column::Education => "education",
            Column::Kind => "employment_type",
            Column::PayMin => "salary_min",
            Column::PayMax => "salary_max",
            Column::Months => "min_months",
            Column::Published => "published",
            Column::Parts => "parts",
            Column::Lat => "lat",
            Column::Lon => "lon",
            Column::Handicraft => "handicraft",
            Column::Fresh => "fresh",
            Column::Revision => "revision",
        }
    }
}

/// The fields.
#[derive(Debug, Clone)]
pub struct Fields {
    pub id: Field,
    pub words: Field,
    pub net: Field,
    pub title: Field,
    pub employer: Field,
    columns: BTreeMap<Column, Field>,
}

impl Fields {
    /// Gives the field of a column.
    pub fn column(&self, column: Column) -> Field {
        self.columns.get(&column).copied().unwrap_or(self.id)
    }
}

/// Makes the schema.
pub fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let terms = |option, norms| {
        let indexing = TextFieldIndexing::default().set_tokenizer(JOINED).set_index_option(option).set_fieldnorms(norms);
        TextOptions::default().set_indexing_options(indexing)
    };
    let id = schema.add_text_field("id", STRING);
    let words = schema.add_text_field("words", terms(IndexRecordOption::WithFreqs, true));
    let net = schema.add_text_field("net", terms(IndexRecordOption::WithFreqsAndPositions, false));
    let title = schema.add_text_field("title", TextOptions::default().set_fast("raw"));
    let employer = schema.add_text_field("employer", TextOptions::default().set_fast("raw"));
    let columns = Column::ALL.map(|column| {
        let looked_up = matches!(column, Column::Area | Column::Skill | Column::Craft | Column::Education | Column::Kind);
        let looked_up = looked_up || matches!(column, Column::Handicraft | Column::Fresh);
        let options: NumericOptions = if looked_up { (FAST | INDEXED).into() } else { FAST.into() };
        (column, schema.add_u64_field(column.name(), options))
    });
    (schema.build(), Fields { id, words, net, title, employer, columns: columns.into_iter().collect() })
}

/// Names the make of the index: fields, word lists and weights.
pub fn make(lexicon: &Lexicon, weights: &Weights) -> String {
    format!("{}{}-w{}", readable(), lexicon.version(), weights.version)
}

/// Gives the beginning of the names of all makes whose fields are those of today.
pub fn readable() -> String {
    format!("v{MAKE}-")
}

/// The term under which a skill stands among the words.
pub fn skill_term(id: &str) -> String {
    format!("#{id}")
}

/// The term under which an occupation stands among the words.
pub fn occupation_term(code: &str) -> String {
    format!("@{code}")
}

/// The term of another sign: `benefit:housing`, `kind:internship`, `fresh`, `area:3707`, `source:…`, `employer:…`.
pub fn sign_term(sign: &str) -> String {
    format!("+{sign}")
}

/// Gives a code of digits as a number.
pub fn code_number(code: &str) -> u64 {
    code.parse().unwrap_or(0)
}

/// Gives the place of a level of education in the list of levels.
pub fn education_number(level: &str) -> Option<u64> {
    place_in(Education::ALL.iter().map(|level| level.as_str()), level)
}

/// Gives the place of a form of employment in the list of forms.
pub fn kind_number(kind: &str) -> Option<u64> {
    place_in(EmploymentType::ALL.iter().map(|kind| kind.as_str()), kind)
}

/// Gives the place of a skill or category in the taxonomy.
pub fn skill_number(lexicon: &Lexicon, id: &str) -> Option<u64> {
    place_in(lexicon.skills.iter().map(|skill| skill.id.as_str()), id)
}

fn place_in<'w>(mut words: impl Iterator<Item = &'w str>, wanted: &str) -> Option<u64> {
    words.position(|word| word == wanted).and_then(|place| u64::try_from(place).ok())
}

/// Gives a coordinate as steps of a ten-thousandth of a degree.
pub fn steps(degrees: f64) -> u64 {
    let steps = ((degrees + DEGREES_SHIFT) * DEGREE_STEPS).round().clamp(0.0, 2.0 * DEGREES_SHIFT * DEGREE_STEPS);
    format!("{steps:.0}").parse().unwrap_or(0)
}

/// Gives the degrees of a coordinate in steps.
pub fn degrees(steps: u64) -> f64 {
    f64::from(u32::try_from(steps).unwrap_or(0)) / DEGREE_STEPS - DEGREES_SHIFT
}

/// Splits an id into its halves.
pub fn halves(id: &VacancyId) -> Result<(u64, u64)> {
    let id = uuid::Uuid::try_parse(id.as_str()).map_err(Error::internal)?;
    Ok(id.as_u64_pair())
}

/// Joins the halves of an id.
pub fn joined(high: u64, low: u64) -> Result<VacancyId> {
    let id = uuid::Uuid::from_u64_pair(high, low).hyphenated().to_string();
    VacancyId::parse(&id).ok_or_else(|| Error::internal("no id"))
}

/// What a vacancy's document is made with.
pub struct Maker<'m> {
    pub fields: &'m Fields,
    pub lexicon: &'m Lexicon,
    pub cutter: &'m Cutter,
    pub weights: &'m Weights,
}

impl Maker<'_> {
    /// Makes the document of a vacancy; what it does not state has no value and never counts as met.
    pub fn document(&self, row: &VacancyRow, sources: &[String]) -> Result<TantivyDocument> {
        let content = row.content()?;
        let mut doc = TantivyDocument::default();
        doc.add_text(self.fields.id, row.id.as_str());
        doc.add_text(self.fields.title, &content.title);
        doc.add_text(self.fields.employer, &content.employer_name);
        doc.add_text(self.fields.words, counted(&self.words(row, &content, sources)));
        doc.add_text(self.fields.net, self.net(&content));
        for (column, value) in self.numbers(row, &content)? {
            doc.add_u64(self.fields.column(column), value);
        }
        Ok(doc)
    }

    fn net(&self, content: &Content) -> String {
        let mut terms = Terms::default();
        self.net_terms(content).into_iter().for_each(|(position, term)| terms.put(position, &term));
        terms.text()
    }

    /// Gives every term under which the net finds a vacancy, with its position, in order.
    pub(super) fn net_terms(&self, content: &Content) -> Vec<(usize, String)> {
        let trade = trade(content);
        let texts = [&content.title, &content.employer_name, &content.description];
        let (mut terms, mut from): (Vec<(usize, String)>, usize) = (Vec::new(), 0);
        for text in texts.into_iter().chain(&trade) {
            terms.extend(self.cutter.net(text).into_iter().map(|(at, term)| (from + at, term)));
            from = terms.last().map_or(0, |(position, _)| position + 2);
        }
        terms
    }

    /// Weighs the words of all fields together (BM25F): the weight of a field is how often its words count.
    fn words(&self, row: &VacancyRow, content: &Content, sources: &[String]) -> BTreeMap<String, u32> {
        let Weights { title, title_pair, trade: trade_weight, employer, employer_pair, description, .. } = *self.weights;
        let mut words: BTreeMap<String, u32> = BTreeMap::new();
        let mut add = |term: String, weight: u32| *words.entry(term).or_default() += weight;
        for (text, weight, pairs) in [(&content.title, title, title_pair), (&content.employer_name, employer, employer_pair)] {
            let cut: BTreeSet<String> = self.cutter.words(text).into_iter().collect();
            let net: BTreeSet<String> = self.cutter.net(text).into_iter().map(|(_, term)| term).collect();
            net.difference(&cut).for_each(|pair| add(pair.clone(), pairs));
            cut.into_iter().for_each(|word| add(word, weight));
        }
        self.cutter.words(&content.description).into_iter().for_each(|word| add(word, description));
        let named: BTreeSet<String> = trade(content).iter().flat_map(|text| self.cutter.words(text)).collect();
        named.into_iter().for_each(|word| add(word, trade_weight));
        for (term, weight) in self.signs(row, content, sources) {
            add(term, weight);
        }
        words.retain(|_, weight| *weight > 0);
        words
    }

    /// Gives the terms of what a vacancy is, besides its words, each with its weight.
    pub(super) fn signs(&self, row: &VacancyRow, content: &Content, sources: &[String]) -> Vec<(String, u32)> {
        let mut signs: Vec<(String, u32)> = Vec::new();
        for need in &content.skills {
            let essential = need.need == "essential";
            let weight = if essential { self.weights.skill } else { self.weights.optional_skill };
            signs.push((skill_term(&need.id), weight));
        }
        let once = |sign: String| (sign_term(&sign), 1);
        signs.extend(content.occupation.iter().map(|occupation| (occupation_term(&occupation.code), 1)));
        signs.extend(content.benefits.iter().map(|benefit| once(format!("benefit:{benefit}"))));
        signs.extend(content.employment_type.iter().map(|kind| once(format!("kind:{kind}"))));
        signs.extend(sources.iter().map(|source| once(format!("source:{source}"))));
        signs.extend(row.employer_id.iter().map(|employer| once(format!("employer:{employer}"))));
        signs.extend(is_for_beginners(content).then(|| once("fresh".to_owned())));
        if content.place.is_none() {
            signs.push(once("nowhere".to_owned()));
        }
        if let Some(place) = &content.place {
            let code = place.district.as_deref().unwrap_or(&place.city);
            let within = [2, 4, 6].into_iter().filter_map(|digits| code.get(..digits));
            signs.extend(within.map(|prefix| once(format!("area:{prefix}"))));
        }
        signs
    }

    /// Gives the numbers of a vacancy by column.
    pub(super) fn numbers(&self, row: &VacancyRow, content: &Content) -> Result<Vec<(Column, u64)>> {
        let (high, low) = halves(&row.id)?;
        let mut numbers = vec![(Column::High, high), (Column::Low, low), (Column::Revision, row.revision.unsigned_abs())];
        if let Some(place) = &content.place {
            numbers.push((Column::Area, code_number(place.district.as_deref().unwrap_or(&place.city))));
            numbers.extend(place.lat.map(|lat| (Column::Lat, steps(lat))));
            numbers.extend(place.lon.map(|lon| (Column::Lon, steps(lon))));
        }
        let mut crafts = BTreeSet::new();
        for need in &content.skills {
            numbers.extend(skill_number(self.lexicon, &need.id).map(|number| (Column::Skill, number)));
            let categories = self.lexicon.skills.get(&need.id).into_iter().flat_map(|skill| &skill.categories);
            crafts.extend(categories.filter_map(|category| skill_number(self.lexicon, category)));
        }
        numbers.extend(crafts.into_iter().map(|craft| (Column::Craft, craft)));
        numbers.extend(content.education.min.as_deref().and_then(education_number).map(|level| (Column::Education, level)));
        numbers.extend(content.employment_type.as_deref().and_then(kind_number).map(|kind| (Column::Kind, kind)));
        let pay = |pay: Option<i64>| pay.and_then(|pay| u64::try_from(pay).ok());
        numbers.extend(pay(content.salary.min).map(|pay| (Column::PayMin, pay)));
        numbers.extend(pay(content.salary.max.or(content.salary.min)).map(|pay| (Column::PayMax, pay)));
        numbers.extend(content.experience.min_months.map(|months| (Column::Months, u64::from(months))));
        let published = row.published_at.map_or(0, |at| at.millis());
        numbers.push((Column::Published, u64::try_from(published).unwrap_or(0)));
        numbers.push((Column::Parts, parts(content)));
        numbers.push((Column::Handicraft, u64::from(content.handicraft.is)));
        numbers.push((Column::Fresh, u64::from(is_for_beginners(content))));
        Ok(numbers)
    }
}

/// Gives the share of its parts that a vacancy states, from 0 to 1.
pub fn completeness(parts: u64) -> f32 {
    let share = |parts: u64| f32::from(u8::try_from(parts).unwrap_or(0));
    share(parts) / share(PARTS)
}

fn parts(content: &Content) -> u64 {
    let stated = [
        content.place.is_some(),
        content.salary.min.is_some(),
        content.education.min.is_some(),
        content.experience.min_months.is_some(),
        content.employment_type.is_some(),
        !content.skills.is_empty(),
        !content.benefits.is_empty(),
        content.description.chars().nth(DESCRIPTION_CHARS).is_some(),
    ];
    stated.into_iter().map(u64::from).sum()
}

fn is_for_beginners(content: &Content) -> bool {
    content.fresh_graduates_welcome == Some(true) || content.experience.min_months == Some(0)
}

/// Names what is derived and yet looked for by its words; skills are not: 潍坊 in the name of a skill is no place.
fn trade(content: &Content) -> Vec<String> {
    let mut names: Vec<String> = content.occupation.iter().map(|occupation| occupation.name.clone()).collect();
    for place in content.place.iter() {
        names.push(place.city_name.clone());
        names.extend(place.district_name.clone());
    }
    names
}

fn counted(words: &BTreeMap<String, u32>) -> String {
    let mut terms = Terms::default();
    for (word, times) in words {
        terms.count(*times, word);
    }
    terms.text()
}
