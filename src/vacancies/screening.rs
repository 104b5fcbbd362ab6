//! Screening over HTTP: try a vacancy that is not there yet, and ask why one that is there is not live.

use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::db::types::{EmployerId, Timestamp, VacancyId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::http::{Body, Caller, Failures, Id, Language, Now};
use crate::lexicon::{Lexicon, place_refusal};
use crate::vacancies::body::{PlaceBody, SalaryBody, SkillBody, VacancyBody, WordingBody};
use crate::vacancies::content::Talk;
use crate::vacancies::http::{one, yours};
use crate::vacancies::life::Status;
use crate::vacancies::model::{VacancyRow, VacancyView};
use crate::vacancies::screen::{Finding, Obstacle, Subject, obstacles, screen, unverified_employer};

/// A vacancy to be tried, with whatever is known of it.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ScreeningBody {
    title: String,
    description: String,
    employer: Option<EmployerId>,
    place: Option<PlaceBody>,
    occupation: Option<String>,
    skills: Vec<SkillBody>,
    salary: SalaryBody,
    education: Option<WordingBody>,
    experience: Option<WordingBody>,
    employment_type: Option<String>,
    headcount: Option<u32>,
    benefits: Vec<String>,
    valid_from: Option<NaiveDate>,
    expires_at: Option<NaiveDate>,
}

/// One finding, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct FindingView {
    /// The kind of breach, such as `SEX`.
    rule: String,
    /// `block` (an officer must look before it goes live) or `flag`.
    severity: &'static str,
    /// Where it stands (RFC 6901).
    pointer: String,
    /// The words as they were written; empty where something is missing.
    matched_text: String,
    /// The law.
    statute: String,
    /// The article.
    article: String,
    /// What to do.
    advice: String,
}

/// What screening found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ScreeningView {
    /// The findings; none is no clearance.
    findings: Vec<FindingView>,
    /// The version of the word lists.
    lexicon_version: String,
}

/// One thing that keeps a vacancy from being live.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ObstacleView {
    /// The machine-readable reason.
    code: &'static str,
    /// The reason in words.
    detail: String,
}

/// What screening found of a vacancy, and what stands between it and being live.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct StandingView {
    #[serde(flatten)]
    screening: ScreeningView,
    /// Where the vacancy stands.
    status: Status,
    /// What keeps it from being live; empty where it is.
    blocked_by: Vec<ObstacleView>,
}

/// A vacancy with what screening found of it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(super) struct ScreenedView {
    /// The vacancy.
    #[serde(flatten)]
    pub(super) vacancy: VacancyView,
    #[serde(flatten)]
    screening: ScreeningView,
}

impl FindingView {
    fn of(finding: Finding, language: Language) -> FindingView {
        let Finding { rule, severity, pointer, matched_text, statute, article, advice_zh, advice_en } = finding;
        let advice = if language == Language::En { advice_en } else { advice_zh };
        FindingView { rule, severity: severity.as_str(), pointer, matched_text, statute, article, advice }
    }
}

impl ObstacleView {
    /// Lists what stands between a vacancy and being live.
    pub(super) fn all(status: Status, findings: &[Finding], language: Language) -> Vec<ObstacleView> {
        let view = |Obstacle { code, reason }| ObstacleView { code, detail: language.choose(&reason).to_owned() };
        obstacles(status, findings).into_iter().map(view).collect()
    }
}

impl ScreeningView {
    fn of(findings: Vec<Finding>, lexicon: &Lexicon, language: Language) -> ScreeningView {
        let findings = findings.into_iter().map(|finding| FindingView::of(finding, language)).collect();
        ScreeningView { findings, lexicon_version: lexicon.version().to_owned() }
    }
}

impl ScreenedView {
    /// Shows a row with its findings, and that its employer is not verified where that is so.
    pub(super) fn of(
        conn: &mut DbConn,
        now: Timestamp,
        row: VacancyRow,
        lexicon: &Lexicon,
        language: Language,
    ) -> Result<ScreenedView> {
        let findings = row.screened(lexicon, now.day())?;
        ScreenedView::with(conn, findings, row, lexicon, language)
    }

    fn with(
        conn: &mut DbConn,
        mut findings: Vec<Finding>,
        row: VacancyRow,
        lexicon: &Lexicon,
        language: Language,
    ) -> Result<ScreenedView> {
        let vacancy = one(conn, row)?;
        findings.extend(unverified_employer(lexicon).filter(|_| !vacancy.employer.verified));
        Ok(ScreenedView { vacancy, screening: ScreeningView::of(findings, lexicon, language) })
    }
}

impl ScreeningBody {
    /// Tries the vacancy; a place that is named must be one, everything else that is missing is a finding.
    fn screen(self, day: NaiveDate, talk: Talk<'_>) -> Result<Vec<Finding>> {
        let placed = self.place.is_some();
        let body = self.into_vacancy();
        let mut refusals = body.refusals();
        refusals.retain(|refusal| refusal.pointer != "/title");
        if placed && let Err(error) = talk.lexicon.places.resolve(&body.place.wording(), talk.region) {
            refusals.push(place_refusal("/place/city", &error));
        }
        if !refusals.is_empty() {
            return Err(Error::Invalid(refusals));
        }
        let content = body.content("", talk);
        let VacancyBody { benefits, valid_from, expires_at, .. } = body;
        Ok(screen(Subject { content: &content, benefits: &benefits, valid_from, expires_at, day }, talk.lexicon))
    }

    fn into_vacancy(self) -> VacancyBody {
        VacancyBody {
            title: self.title,
            description: self.description,
            employer: self.employer,
            place: self.place.unwrap_or(PlaceBody { city: String::new(), district: None, address: None }),
            occupation: self.occupation,
            skills: self.skills,
            salary: self.salary,
            education: self.education,
            experience: self.experience,
            employment_type: self.employment_type,
            headcount: self.headcount,
            benefits: self.benefits,
            valid_from: self.valid_from,
            expires_at: self.expires_at,
        }
    }
}

/// Tries a vacancy: what speaks against it, with the law. Nothing is stored.
#[utoipa::path(tag = "vacancies", operation_id = "create_screening", request_body = ScreeningBody,
    responses((status = 200, description = "审查结果；没有发现不等于合规", body = ScreeningView), Failures))]
#[post("/screenings")]
pub(super) async fn attempt(
    config: Data<Config>,
    lexicon: Data<Lexicon>,
    request: HttpRequest,
    now: Now,
    body: Body<ScreeningBody>,
) -> Result<Json<ScreeningView>> {
    let findings = body.0.screen(now.day(), Talk { lexicon: &lexicon, region: &config.region })?;
    Ok(Json(ScreeningView::of(findings, &lexicon, Language::of(&request))))
}

/// Tells what screening found of a vacancy, and why it is not live.
#[utoipa::path(tag = "vacancies", operation_id = "get_vacancy_screening", params(("id" = VacancyId, Path)),
    responses((status = 200, description = "审查结果与未发布的原因", body = StandingView), Failures))]
#[get("/vacancies/{id}/screening")]
pub(super) async fn standing(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    request: HttpRequest,
    now: Now,
    id: Id<VacancyId>,
) -> Result<Json<StandingView>> {
    let language = Language::of(&request);
    let standing = db.read(move |conn| {
        let row = yours(conn, &caller, &id.0)?;
        let (status, findings) = (row.status, row.screened(&lexicon, now.day())?);
        let blocked_by = ObstacleView::all(status, &findings, language);
        let ScreenedView { screening, .. } = ScreenedView::with(conn, findings, row, &lexicon, language)?;
        Ok(StandingView { screening, status, blocked_by })
    });
    Ok(Json(standing.await?))
}
