//! Vacancies over HTTP: post, read, change, take through their life. Finding them is `search`.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::config::Config;
use crate::db::types::{Timestamp, VacancyId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Language, Now, created, hidden_unless, merged, tagged};
use crate::lexicon::Lexicon;
use crate::vacancies::body::{PlaceBody, SalaryBody, SkillBody, VacancyBody, WordingBody};
use crate::vacancies::content::{Content, SalaryOf, Talk};
use crate::vacancies::draft::{self, NewVacancy};
use crate::vacancies::life::{self, Event, Hand, Status};
use crate::vacancies::model::{VacancyRow, VacancyView, content_hash, views};
use crate::vacancies::own;
use crate::vacancies::reminders;
use crate::vacancies::review;
use crate::vacancies::screen::{Finding, Subject, screen};
use crate::vacancies::screening::{self, ScreenedView};
use crate::vacancies::separation;
use crate::vacancies::store::{self, EventRow};
use crate::vacancies::transition;

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(create).service(read).service(change).service(remove).service(history).service(transition::transition);
    config.service(separation::separate);
    config.service(screening::attempt).service(screening::standing);
    config.service(review::waiting).service(review::of_vacancy).service(own::own).service(reminders::list);
}

/// One step of a vacancy's life, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct HistoryView {
    seq: i64,
    at: Timestamp,
    kind: Event,
    status: Status,
    revision: i64,
    actor: String,
    reason: Option<String>,
}

/// Writes down a vacancy as a draft.
#[utoipa::path(tag = "vacancies", operation_id = "create_vacancy", request_body = VacancyBody,
    responses((status = 201, description = "草稿已建立，附审查结果", body = ScreenedView), Failures))]
#[post("/vacancies")]
async fn create(
    db: Data<Db>,
    config: Data<Config>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    now: Now,
    request: HttpRequest,
    body: Body<VacancyBody>,
) -> Result<HttpResponse> {
    let language = Language::of(&request);
    let write = move |conn: &mut DbConn| {
        let row = write(conn, *now, &caller, &body.0, talk(&lexicon, &config))?;
        ScreenedView::of(conn, *now, row, &lexicon, language)
    };
    let view = db.write(write).await?;
    Ok(created(&format!("/v1/vacancies/{}", view.vacancy.id), view.vacancy.revision, &view))
}

fn talk<'a>(lexicon: &'a Data<Lexicon>, config: &'a Data<Config>) -> Talk<'a> {
    Talk { lexicon: lexicon.as_ref(), region: &config.region }
}

fn write(conn: &mut DbConn, now: Timestamp, caller: &Caller, body: &VacancyBody, talk: Talk<'_>) -> Result<VacancyRow> {
    let employer = draft::employer_of(caller, body.employer.clone())?;
    let content = body.read(&draft::employer_name(conn, &employer)?, talk)?;
    let lexicon_version = talk.lexicon.version().to_owned();
    let (valid_from, expires_at) = (body.valid_from, body.expires_at);
    let findings = screened(&content, body, now, talk);
    draft::draft(conn, now, caller, NewVacancy { employer, content, findings, valid_from, expires_at, lexicon_version })
}

fn screened(content: &Content, body: &VacancyBody, now: Timestamp, talk: Talk<'_>) -> Vec<Finding> {
    let VacancyBody { benefits, valid_from, expires_at, .. } = body;
    let (valid_from, expires_at, day) = (*valid_from, *expires_at, now.day());
    screen(Subject { content, benefits, valid_from, expires_at, day }, talk.lexicon)
}

pub(super) fn one(conn: &mut DbConn, row: VacancyRow) -> Result<VacancyView> {
    views(conn, vec![row])?.pop().ok_or(Error::NotFound("vacancy"))
}

fn is_yours(caller: &Caller, row: &VacancyRow) -> bool {
    caller.is_employer(row.employer_id.as_ref()) || caller.governs(row.city.as_deref())
}

pub(super) fn yours(conn: &mut DbConn, caller: &Caller, id: &VacancyId) -> Result<VacancyRow> {
    let row = store::load(conn, id)?;
    hidden_unless(is_yours(caller, &row), "vacancy")?;
    Ok(row)
}

/// Reads a vacancy; anyone a live one, its own people any.
#[utoipa::path(tag = "vacancies", operation_id = "get_vacancy", params(("id" = VacancyId, Path)),
    responses((status = 200, description = "岗位；Accept: application/ld+json 时为 schema.org JobPosting", body = VacancyView), Failures))]
#[get("/vacancies/{id}")]
async fn read(db: Data<Db>, caller: Caller, request: HttpRequest, id: Id<VacancyId>) -> Result<HttpResponse> {
    let view = db
        .read(move |conn| {
            let row = store::load(conn, &id.0)?;
            hidden_unless(row.status == Status::Live || is_yours(&caller, &row), "vacancy")?;
            one(conn, row)
        })
        .await?;
    let accept = request.headers().get("accept").and_then(|v| v.to_str().ok()).unwrap_or_default();
    if accept.contains("application/ld+json") {
        let text = job_posting(&view).to_string();
        return Ok(HttpResponse::Ok().content_type("application/ld+json").body(text));
    }
    Ok(tagged(StatusCode::OK, view.revision, &view))
}

/// Words a vacancy as a schema.org `JobPosting`; what is not known is left out.
fn job_posting(view: &VacancyView) -> Value {
    let place = view.place.as_ref();
    let locality = place.map(|p| p.district_name.clone().unwrap_or_else(|| p.city_name.clone()));
    let mut posting = json!({
        "@context": "https://schema.org",
        "@type": "JobPosting",
        "identifier": {"@type": "PropertyValue", "name": "jiangxin", "value": view.id},
        "title": view.title,
        "description": view.description,
        "datePosted": view.published_at,
        "validThrough": view.expires_at,
        "employmentType": view.employment_type.as_ref().map(|t| t.to_uppercase()),
        "hiringOrganization": {"@type": "Organization", "name": view.employer.name, "identifier": view.employer.uscc},
        "jobLocation": {"@type": "Place", "address": {"@type": "PostalAddress", "addressCountry": "CN",
            "addressRegion": place.map(|p| p.city_name.clone()), "addressLocality": locality,
            "streetAddress": place.and_then(|p| p.address.clone())}},
        "skills": view.skills.iter().map(|skill| skill.name.clone()).collect::<Vec<_>>(),
        "totalJobOpenings": view.headcount,
    });
    if let (Some(min), Some(fields)) = (view.salary.min, posting.as_object_mut()) {
        let value = json!({"@type": "QuantitativeValue", "minValue": min, "maxValue": view.salary.max, "unitText": "MONTH"});
        fields.insert("baseSalary".to_owned(), json!({"@type": "MonetaryAmount", "currency": "CNY", "value": value}));
    }
    if let Some(fields) = posting.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    posting
}

/// Changes a vacancy (the whole body anew); a live one goes back to be looked at.
#[utoipa::path(tag = "vacancies", operation_id = "update_vacancy", params(("id" = VacancyId, Path)), request_body = Object,
    responses((status = 200, description = "已修改，附审查结果", body = ScreenedView), Failures))]
#[patch("/vacancies/{id}")]
async fn change(
    db: Data<Db>,
    config: Data<Config>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    now: Now,
    id: Id<VacancyId>,
    revision: IfMatch,
    request: HttpRequest,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let language = Language::of(&request);
    let change = move |conn: &mut DbConn| {
        store::hold(conn)?;
        let row = yours(conn, &caller, &id.0)?;
        revision.check(row.revision)?;
        let row = edit(conn, *now, &caller, row, &body.0, talk(&lexicon, &config))?;
        ScreenedView::of(conn, *now, row, &lexicon, language)
    };
    let view = db.write(change).await?;
    Ok(tagged(StatusCode::OK, view.vacancy.revision, &view))
}

fn edit(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    mut row: VacancyRow,
    patch: &Value,
    talk: Talk<'_>,
) -> Result<VacancyRow> {
    if !life::may_edit(row.status) {
        let zh = format!("岗位现为 {}，不能修改", row.status);
        return Err(Error::conflict("ended", zh, format!("the vacancy is {} and cannot be changed", row.status)));
    }
    let body: VacancyBody = merged(&body_of(&row, patch)?, patch)?;
    let content = body.read(&row.content()?.employer_name, talk)?;
    let hash = content_hash(&content, "");
    row.rewrite(now, &content, hash)?;
    row.renewals += i64::from(is_renewed(&row, body.expires_at));
    (row.valid_from, row.expires_at) = (body.valid_from, body.expires_at);
    row.note(&screened(&content, &body, now, talk), talk.lexicon.version())?;
    if row.status == Status::Live && Hand::of(caller.role) == Hand::Owner {
        row.status = Status::Submitted;
    }
    store::append(conn, now, &row, Event::Corrected, &caller.name(), None)?;
    store::save(conn, &row)?;
    if row.status == Status::Submitted {
        review::submit(conn, now, &row)?;
    }
    Ok(row)
}

/// Tells whether a vacancy that was live once gets a later last day.
fn is_renewed(row: &VacancyRow, expires_at: Option<NaiveDate>) -> bool {
    row.published_at.is_some() && row.expires_at.is_some_and(|before| expires_at.is_none_or(|after| after > before))
}

/// Words a vacancy as its body, for a patch to be laid over; pay is worded as the patch words it.
fn body_of(row: &VacancyRow, patch: &Value) -> Result<VacancyBody> {
    let content = row.content()?;
    let in_figures =
        patch.get("salary").and_then(Value::as_object).is_some_and(|pay| !pay.is_empty() && !pay.contains_key("text"));
    let SalaryOf { min, max, text, .. } = content.salary;
    let salary = match in_figures {
        true => SalaryBody { text: None, min, max, unit: Some("month".to_owned()) },
        false => SalaryBody { text: Some(text), ..SalaryBody::default() },
    };
    let place = content.place.map(|p| PlaceBody { city: p.city, district: p.district, address: p.address });
    let skill = |s: crate::vacancies::SkillNeed| SkillBody { id: Some(s.id), name: Some(s.name) };
    Ok(VacancyBody {
        title: content.title,
        description: content.description,
        employer: row.employer_id.clone(),
        place: place.unwrap_or(PlaceBody { city: String::new(), district: None, address: None }),
        occupation: content.occupation.map(|o| o.code),
        skills: content.skills.into_iter().filter(|s| s.origin == "stated").map(skill).collect(),
        salary,
        education: Some(WordingBody { text: content.education.text }),
        experience: Some(WordingBody { text: content.experience.text }),
        employment_type: content.employment_type,
        headcount: content.headcount,
        benefits: content.benefits,
        valid_from: row.valid_from,
        expires_at: row.expires_at,
    })
}

/// Removes a draft; what was ever handed in is closed instead.
#[utoipa::path(tag = "vacancies", operation_id = "delete_vacancy", params(("id" = VacancyId, Path)),
    responses((status = 204, description = "草稿已删除"), Failures))]
#[delete("/vacancies/{id}")]
async fn remove(db: Data<Db>, caller: Caller, id: Id<VacancyId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        store::hold(conn)?;
        let row = yours(conn, &caller, &id.0)?;
        revision.check(row.revision)?;
        match row.status {
            Status::Draft => store::delete(conn, &row.id),
            _ => Err(Error::conflict("not_a_draft", "只能删除草稿，请改为关闭", "only a draft can be deleted; close it instead")),
        }
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Tells the whole life of a vacancy.
#[utoipa::path(tag = "vacancies", operation_id = "get_vacancy_history", params(("id" = VacancyId, Path)),
    responses((status = 200, description = "历史", body = Vec<HistoryView>), Failures))]
#[get("/vacancies/{id}/history")]
async fn history(db: Data<Db>, caller: Caller, id: Id<VacancyId>) -> Result<Json<Vec<HistoryView>>> {
    let rows = db
        .read(move |conn| {
            let row = yours(conn, &caller, &id.0)?;
            store::history(conn, &row.id)
        })
        .await?;
    let view = |row: EventRow| {
        let EventRow { seq, vacancy_id: _, revision, kind, status, actor, reason, at } = row;
        HistoryView { seq, at, kind, status, revision, actor, reason }
    };
    Ok(Json(rows.into_iter().map(view).collect()))
}
