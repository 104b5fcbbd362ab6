//! How does a class come in? From a sheet, row by row: a student number that the school has already is brought up to date,
//! a row that cannot be taken says why, the others land.

use std::collections::HashMap;

use actix_web::post;
use actix_web::web::{Data, Json, Payload};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::Config;
use crate::db::types::{GraduateId, SchoolId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::graduates::model::{GraduateBody, JobIntent, NewGraduate};
use crate::graduates::profile::{ProfileBody, SkillHeld};
use crate::graduates::store;
use crate::http::{Caller, Failures, Now, Query, Role, collect};
use crate::lexicon::{Lexicon, date, sheet};

const COLUMNS: &str = include_str!("../../index/graduate_columns.tsv");
const INTENTS: &str = include_str!("../../index/job_intents.tsv");
/// The largest sheet of a class, in bytes.
const CLASS_BYTES_MAX: usize = 10 * 1024 * 1024;
/// How many rows a class may have.
const CLASS_ROWS_MAX: usize = 5_000;

/// Whose class it is.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ClassQuery {
    /// The school; a school's own account need not say it.
    school: Option<SchoolId>,
}

/// What became of one row of a class.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ClassReceipt {
    /// The place of the row in the sheet, from 1 below the headings.
    place: usize,
    /// `created`, `updated`, `unchanged` or `rejected`.
    status: &'static str,
    student_number: Option<String>,
    graduate: Option<GraduateId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// What became of a class.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ClassView {
    created: usize,
    updated: usize,
    unchanged: usize,
    rejected: usize,
    receipts: Vec<ClassReceipt>,
}

impl ClassView {
    fn of(receipts: Vec<ClassReceipt>) -> ClassView {
        let count = |status: &str| receipts.iter().filter(|receipt| receipt.status == status).count();
        let (created, updated) = (count("created"), count("updated"));
        ClassView { created, updated, unchanged: count("unchanged"), rejected: count("rejected"), receipts }
    }
}

/// Takes a class in (XLSX, CSV or NDJSON) and answers with one receipt a row; the same sheet twice changes nothing.
#[utoipa::path(tag = "graduates", operation_id = "import_graduates", params(ClassQuery),
    request_body(content(
        (Vec<u8> = "text/csv"),
        (Vec<u8> = "application/x-ndjson"),
        (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )),
    responses((status = 200, description = "每行一个回执", body = ClassView), Failures))]
#[post("/graduates/import")]
pub async fn import_class(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    query: Query<ClassQuery>,
    payload: Payload,
) -> Result<Json<ClassView>> {
    let bytes = collect(payload.into_inner(), CLASS_BYTES_MAX).await?;
    let school = query.0.school;
    let receipts = db.write(move |conn| {
        let school = school_of(conn, &caller, school)?;
        let ground = Ground { lexicon: &lexicon, region: &config.region, today: now.day() };
        take(conn, *now, &caller, &school, &rows_of(&bytes)?, &ground)
    });
    Ok(Json(ClassView::of(receipts.await?)))
}

fn school_of(conn: &mut DbConn, caller: &Caller, named: Option<SchoolId>) -> Result<SchoolId> {
    let school = match caller.role {
        Role::School => caller.school.clone(),
        _ => named,
    };
    let zh = "请指明学校";
    let school = school.ok_or_else(|| Error::invalid("/school", "school_required", zh, "the school is missing"))?;
    let city = store::city_of(conn, Some(&school))?;
    match caller.is_school(Some(&school)) || city.is_some() && caller.governs(city.as_deref()) {
        true => Ok(school),
        false => Err(Error::NotFound("school")),
    }
}

/// Reads the first two columns of a table of `index/`.
fn pairs(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = table.lines().filter(|line| !line.starts_with('#')).skip(1);
    rows.filter_map(|line| {
        let mut cells = line.split('\t');
        Some((cells.next()?, cells.next()?))
    })
}

/// Reads the rows of a sheet into what each cell means; a line that is not JSON stays as its text.
fn rows_of(bytes: &[u8]) -> Result<Vec<Value>> {
    let columns: HashMap<&str, &str> = pairs(COLUMNS).collect();
    let rows = match sheet::is_ndjson(bytes) {
        true => sheet::lines(bytes),
        false => {
            let rows = sheet::rows(bytes, |heading| columns.contains_key(heading.trim()));
            rows.map_err(|cause| Error::invalid("", "bad_file", "文件无法读取，或没有可识别的表头", cause.to_string()))?
        }
    };
    match rows.len() > CLASS_ROWS_MAX {
        true => Err(Error::invalid("", "too_many", "一次不得超过 5000 行", "more than 5000 rows")),
        false => Ok(rows),
    }
}

struct Ground<'a> {
    lexicon: &'a Lexicon,
    region: &'a str,
    today: NaiveDate,
}

fn take(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    school: &SchoolId,
    rows: &[Value],
    ground: &Ground<'_>,
) -> Result<Vec<ClassReceipt>> {
    let columns: HashMap<&str, &str> = pairs(COLUMNS).collect();
    let mut receipts = Vec::with_capacity(rows.len());
    for (row, place) in rows.iter().zip(1..) {
        let words = words(row, &columns);
        let number = words.get("student_number").cloned();
        let outcome = match body(school, &words) {
            Ok(body) => land(conn, now, caller, school, body, ground),
            Err(refused) => Err(refused),
        };
        receipts.push(match outcome {
            Ok((status, graduate)) => {
                ClassReceipt { place, status, student_number: number, graduate: Some(graduate), code: None, detail: None }
            }
            Err(Error::Invalid(refusals)) => {
                let code = refusals.first().map(|refusal| refusal.code.to_owned());
                let detail = refusals.iter().map(|r| format!("{}: {}", r.pointer, r.reason.zh)).collect::<Vec<_>>().join("；");
                ClassReceipt { place, status: "rejected", student_number: number, graduate: None, code, detail: Some(detail) }
            }
            Err(error) => return Err(error),
        });
    }
    Ok(receipts)
}

/// Names the cells of a row by what their headings mean; the first that says something wins.
fn words(row: &Value, columns: &HashMap<&str, &str>) -> HashMap<String, String> {
    let mut words: HashMap<String, String> = HashMap::new();
    for (heading, cell) in row.as_object().into_iter().flatten() {
        let Some(thing) = columns.get(heading.trim()) else { continue };
        let text = cell.as_str().map_or_else(|| cell.to_string(), str::to_owned);
        if !text.trim().is_empty() && text != "null" {
            words.entry((*thing).to_owned()).or_insert_with(|| text.trim().to_owned());
        }
    }
    words
}

fn body(school: &SchoolId, words: &HashMap<String, String>) -> Result<GraduateBody> {
    let some = |thing: &str| words.get(thing).cloned();
    if some("student_number").is_none() {
        return Err(Error::invalid("/student_number", "missing_number", "缺少学号", "the student number is missing"));
    }
    let day = |thing: &str| -> Result<Option<NaiveDate>> {
        let Some(text) = words.get(thing) else { return Ok(None) };
        match date::parse(text, None) {
            Some(reading) => Ok(Some(reading.date)),
            None => Err(Error::invalid(format!("/{thing}"), "bad_date", format!("“{text}”不是日期"), "not a date")),
        }
    };
    let list = |thing: &str| -> Vec<String> {
        let text = words.get(thing).map(String::as_str).unwrap_or_default();
        text.split(['\n', ',', '，', '、', ';', '；', '|']).map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect()
    };
    let skills = list("skills").into_iter().map(|name| SkillHeld { id: None, name: Some(name), grade: None }).collect();
    let profile = ProfileBody {
        programme: some("programme"),
        major: some("major"),
        skills,
        cities: list("cities"),
        graduates_on: day("graduates_on")?,
        ..ProfileBody::default()
    };
    Ok(GraduateBody {
        school: Some(school.clone()),
        student_number: some("student_number"),
        name: some("name").unwrap_or_default(),
        birth_date: day("birth_date")?,
        phone: some("phone"),
        email: some("email"),
        job_intent: intent(words.get("job_intent").map(String::as_str).unwrap_or_default())?,
        profile,
    })
}

fn intent(text: &str) -> Result<JobIntent> {
    if text.is_empty() {
        return Ok(JobIntent::Unstated);
    }
    let said = pairs(INTENTS).find(|(wording, _)| *wording == text).map_or(text, |(_, intent)| intent);
    let zh = format!("“{text}”不是就业意愿：有、无、升学、参军、创业");
    JobIntent::parse(said).ok_or_else(|| Error::invalid("/job_intent", "bad_value", zh, "not a job intent"))
}

fn land(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    school: &SchoolId,
    mut body: GraduateBody,
    ground: &Ground<'_>,
) -> Result<(&'static str, GraduateId)> {
    let number = body.student_number.clone().unwrap_or_default();
    let known = store::find_by_number(conn, school, number.trim())?;
    if let Some(known) = &known {
        keep_own_words(&mut body, known.body()?);
    }
    let new = NewGraduate::parse(body, ground.lexicon, ground.region, ground.today)?;
    let Some(known) = known else { return store::insert(conn, now, caller, new).map(|row| ("created", row.id)) };
    let next = known.clone().changed(now, new)?;
    if serde_json::to_value(next.body()?)? == serde_json::to_value(known.body()?)? {
        return Ok(("unchanged", known.id));
    }
    store::save(conn, now, caller, &next)?;
    Ok(("updated", next.id))
}

/// Keeps what the sheet does not say, above all what graduates wrote of themselves.
fn keep_own_words(body: &mut GraduateBody, known: GraduateBody) {
    body.birth_date = body.birth_date.or(known.birth_date);
    body.phone = body.phone.take().or(known.phone);
    body.email = body.email.take().or(known.email);
    if body.job_intent == JobIntent::Unstated {
        body.job_intent = known.job_intent;
    }
    let (new, old) = (&mut body.profile, known.profile);
    new.programme = new.programme.take().or(old.programme);
    new.education = new.education.take().or(old.education);
    new.major = new.major.take().or(old.major);
    new.graduates_on = new.graduates_on.or(old.graduates_on);
    new.salary_min = new.salary_min.or(old.salary_min);
    new.relocate = new.relocate || old.relocate;
    new.certificates = old.certificates;
    if new.cities.is_empty() {
        new.cities = old.cities;
    }
    for skill in old.skills {
        let there =
            |held: &SkillHeld| (skill.id.is_some() && held.id == skill.id) || (skill.name.is_some() && held.name == skill.name);
        match new.skills.iter_mut().find(|held| there(held)) {
            Some(held) => held.grade = held.grade.or(skill.grade),
            None => new.skills.push(skill),
        }
    }
}
