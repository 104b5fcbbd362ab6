//! A vacancy as kept (`VacancyRow`) and as served (`VacancyView`); as asked for it stands in `body`.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::db::DbConn;
use crate::db::schema::{employers, vacancies};
use crate::db::types::{EmployerId, Timestamp, VacancyId};
use crate::error::Result;
use crate::lexicon::{Lexicon, phone};
use crate::vacancies::content::{Content, EducationOf, ExperienceOf, HandicraftOf, OccupationOf, PlaceOf, SalaryOf, SkillNeed};
use crate::vacancies::life::{Closing, Event, Status};
use crate::vacancies::screen::{Finding, Subject, screen};
use crate::vacancies::store::{self, SeenRow};

/// How many vacancies expire in one transaction.
const EXPIRE_ROWS_MAX: i64 = 500;

/// A vacancy as kept; what it says stands in `body`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = vacancies, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct VacancyRow {
    /// Its id.
    pub id: VacancyId,
    /// Where it stands.
    pub status: Status,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// Whose it is.
    pub employer_id: Option<EmployerId>,
    /// The title.
    pub title: String,
    /// The city, by GB/T 2260 code.
    pub city: Option<String>,
    /// The district.
    pub district: Option<String>,
    /// Whether it is a handicraft vacancy.
    pub handicraft: bool,
    /// The `Content`, as JSON.
    pub body: String,
    /// A hash that two vacancies which say the same share.
    pub content_hash: String,
    /// What screening found, as JSON.
    pub findings: String,
    /// The version of the word lists it was screened with.
    pub lexicon_version: String,
    /// The vacancy that it became part of.
    pub merged_into: Option<String>,
    /// Why it was ended.
    pub closed_reason: Option<String>,
    /// The first day.
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    pub expires_at: Option<NaiveDate>,
    /// When it first went live.
    pub published_at: Option<Timestamp>,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How often its last day was moved on after it had gone live.
    pub renewals: i64,
    /// What became of the opening, where whoever ended the vacancy has said so.
    pub closing: Option<Closing>,
}

impl VacancyRow {
    /// Makes the row of a vacancy that is live at once, as those of a public service are.
    pub fn published(
        id: VacancyId,
        now: Timestamp,
        employer: Option<EmployerId>,
        content: &Content,
        hash: String,
    ) -> Result<VacancyRow> {
        let draft = VacancyRow::draft(id, now, employer, content, hash)?;
        Ok(VacancyRow { status: Status::Live, published_at: Some(now), ..draft })
    }

    /// Makes the row of a vacancy that is being written.
    pub fn draft(
        id: VacancyId,
        now: Timestamp,
        employer: Option<EmployerId>,
        content: &Content,
        hash: String,
    ) -> Result<VacancyRow> {
        Ok(VacancyRow {
            id,
            status: Status::Draft,
            revision: 1,
            employer_id: employer,
            title: content.title.clone(),
            city: content.city().map(str::to_owned),
            district: content.place.as_ref().and_then(|place| place.district.clone()),
            handicraft: content.handicraft.is,
            body: serde_json::to_string(content)?,
            content_hash: hash,
            findings: "[]".to_owned(),
            lexicon_version: String::new(),
            merged_into: None,
            closed_reason: None,
            valid_from: None,
            expires_at: None,
            published_at: None,
            created_at: now,
            updated_at: now,
            renewals: 0,
            closing: None,
        })
    }

    /// Writes another content into the row, as its next revision.
    pub fn rewrite(&mut self, now: Timestamp, content: &Content, hash: String) -> Result<()> {
        self.title.clone_from(&content.title);
        self.city = content.city().map(str::to_owned);
        self.district = content.place.as_ref().and_then(|place| place.district.clone());
        self.handicraft = content.handicraft.is;
        self.body = serde_json::to_string(content)?;
        self.content_hash = hash;
        self.revision += 1;
        self.updated_at = now;
        Ok(())
    }

    /// Writes down what screening found.
    pub fn note(&mut self, findings: &[Finding], lexicon_version: &str) -> Result<()> {
        self.findings = serde_json::to_string(findings)?;
        lexicon_version.clone_into(&mut self.lexicon_version);
        Ok(())
    }

    /// Reads what screening found.
    pub fn findings(&self) -> Result<Vec<Finding>> {
        Ok(serde_json::from_str(&self.findings)?)
    }

    /// Screens what is kept with the word lists of today, or reads what they found before.
    pub fn screened(&self, lexicon: &Lexicon, day: NaiveDate) -> Result<Vec<Finding>> {
        if self.lexicon_version == lexicon.version() {
            return self.findings();
        }
        let content = self.content()?;
        let (valid_from, expires_at) = (self.valid_from, self.expires_at);
        Ok(screen(Subject { content: &content, benefits: &[], valid_from, expires_at, day }, lexicon))
    }

    /// Reads what the vacancy says.
    pub fn content(&self) -> Result<Content> {
        Ok(serde_json::from_str(&self.body)?)
    }
}

/// Gives the hash that two vacancies share when employer, title, place and text are the same but for spaces; `wording` is
/// what was said of the place, and stands for it where it could not be resolved.
pub fn content_hash(content: &Content, wording: &str) -> String {
    let mut hasher = Sha256::new();
    let district = content.place.as_ref().and_then(|place| place.district.as_deref()).unwrap_or_default();
    let fields = [
        &content.employer_name,
        &content.title,
        content.city().unwrap_or(wording),
        district,
        &content.salary.text,
        &content.description,
    ];
    for field in fields {
        for word in field.split_whitespace() {
            hasher.update(word);
        }
        hasher.update(b"\n");
    }
    hex::encode(hasher.finalize())
}

/// The employer as shown with a vacancy.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EmployerOf {
    /// Its id, where it is registered here.
    pub id: Option<EmployerId>,
    /// Its name.
    pub name: String,
    /// Its 统一社会信用代码.
    pub uscc: Option<String>,
    /// Whether a bureau has checked it.
    pub verified: bool,
}

/// A source as shown with a vacancy.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SourceOf {
    /// Its name.
    pub name: String,
    /// What the source calls the vacancy.
    pub reference: String,
    /// Who stands behind the source.
    pub label: Option<String>,
    /// Where it can be read.
    pub url: Option<String>,
    /// When it was first seen there.
    pub first_seen_at: Timestamp,
    /// When a change was last seen there.
    pub last_seen_at: Timestamp,
}

/// A vacancy as served.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct VacancyView {
    /// Its id.
    pub id: VacancyId,
    /// The title.
    pub title: String,
    /// The description.
    pub description: String,
    /// Where it stands.
    pub status: Status,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// The employer.
    pub employer: EmployerOf,
    /// The place.
    pub place: Option<PlaceOf>,
    /// The occupation.
    pub occupation: Option<OccupationOf>,
    /// The skills.
    pub skills: Vec<SkillNeed>,
    /// Whether it is a handicraft vacancy.
    pub handicraft: HandicraftOf,
    /// The pay.
    pub salary: SalaryOf,
    /// The education.
    pub education: EducationOf,
    /// The experience.
    pub experience: ExperienceOf,
    /// The form of employment.
    pub employment_type: Option<String>,
    /// How many people are wanted.
    pub headcount: Option<u32>,
    /// The benefits.
    pub benefits: Vec<String>,
    /// Whether people fresh from school are named as welcome.
    pub fresh_graduates_welcome: Option<bool>,
    /// Where it was seen.
    pub sources: Vec<SourceOf>,
    /// The first day.
    pub valid_from: Option<NaiveDate>,
    /// The last day.
    pub expires_at: Option<NaiveDate>,
    /// When it first went live.
    pub published_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

type Employer = (String, Option<String>, Option<Timestamp>);

/// Makes the views of rows, in their order, with employers and sources read in two statements.
pub fn views(conn: &mut DbConn, rows: Vec<VacancyRow>) -> Result<Vec<VacancyView>> {
    let owners: Vec<EmployerId> = rows.iter().filter_map(|row| row.employer_id.clone()).collect();
    let columns = (employers::id, (employers::name, employers::uscc, employers::verified_at));
    let owners: HashMap<EmployerId, Employer> =
        employers::table.filter(employers::id.eq_any(owners)).select(columns).load(conn)?.into_iter().collect();
    let ids: Vec<VacancyId> = rows.iter().map(|row| row.id.clone()).collect();
    let mut sources: HashMap<VacancyId, Vec<SourceOf>> = HashMap::new();
    let live: HashSet<VacancyId> = rows.iter().filter(|row| row.status == Status::Live).map(|row| row.id.clone()).collect();
    for seen in store::seen(conn, &ids)? {
        if seen.gone_at.is_some() && live.contains(&seen.vacancy_id) {
            continue;
        }
        let SeenRow { source_id: _, reference, vacancy_id, source_name: name, label, url, .. } = seen;
        let source = SourceOf { name, reference, label, url, first_seen_at: seen.first_seen_at, last_seen_at: seen.last_seen_at };
        sources.entry(vacancy_id).or_default().push(source);
    }
    rows.into_iter()
        .map(|row| {
            let owner = row.employer_id.as_ref().and_then(|id| owners.get(id).cloned());
            let seen = sources.remove(&row.id).unwrap_or_default();
            view(row, owner, seen)
        })
        .collect()
}

fn view(row: VacancyRow, owner: Option<Employer>, sources: Vec<SourceOf>) -> Result<VacancyView> {
    let content = row.content()?;
    let ended = !matches!(row.status, Status::Draft | Status::Submitted | Status::Referred | Status::Live);
    let description = if ended { phone::mask_all(&content.description) } else { content.description };
    let (name, uscc, verified_at) = owner.unwrap_or((content.employer_name, None, None));
    let employer = EmployerOf { id: row.employer_id, name, uscc, verified: verified_at.is_some() };
    Ok(VacancyView {
        id: row.id,
        title: content.title,
        description,
        status: row.status,
        revision: row.revision,
        employer,
        place: content.place,
        occupation: content.occupation,
        skills: content.skills,
        handicraft: content.handicraft,
        salary: content.salary,
        education: content.education,
        experience: content.experience,
        employment_type: content.employment_type,
        headcount: content.headcount,
        benefits: content.benefits,
        fresh_graduates_welcome: content.fresh_graduates_welcome,
        sources,
        valid_from: row.valid_from,
        expires_at: row.expires_at,
        published_at: row.published_at,
        updated_at: row.updated_at,
    })
}

/// Ends live vacancies whose last day has passed, some hundreds at a time, and counts them.
pub fn expire_due(conn: &mut DbConn, now: Timestamp) -> Result<usize> {
    if store::overdue(conn, now.day(), 1)?.is_empty() {
        return Ok(0);
    }
    store::hold(conn)?;
    let rows = store::overdue(conn, now.day(), EXPIRE_ROWS_MAX)?;
    for row in &rows {
        let over = VacancyRow { status: Status::Expired, revision: row.revision + 1, updated_at: now, ..row.clone() };
        store::append(conn, now, &over, Event::Expired, "role:province", None)?;
        store::save(conn, &over)?;
    }
    Ok(rows.len())
}
