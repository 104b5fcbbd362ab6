//! Graduates over HTTP: write down, read, change, take along and remove; a class at once stands in `class`.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts;
use crate::audit;
use crate::config::Config;
use crate::db::types::{GraduateId, SchoolId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::graduates::class;
use crate::graduates::consents::{self, ConsentView};
use crate::graduates::model::{Eyes, GraduateBody, GraduateRow, GraduateView, JobIntent, NewGraduate};
use crate::graduates::store::{self, Filter};
use crate::http::{
    Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, created, hidden_unless, merged, tagged,
};
use crate::lexicon::{Lexicon, asked_area};

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(class::import_class).service(me).service(export);
    config.service(read).service(change).service(remove);
    consents::routes(config);
}

/// What a list of graduates is narrowed to.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// The city of the school, by code, prefix or name.
    city: Option<String>,
    /// The school.
    school: Option<SchoolId>,
    /// What they want to do next.
    job_intent: Option<JobIntent>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// Lists the graduates of the own school, of the own city, or all; how to reach them is hidden.
#[utoipa::path(tag = "graduates", operation_id = "list_graduates", params(ListQuery),
    responses((status = 200, description = "毕业生", body = Page<GraduateView>), Failures))]
#[get("/graduates")]
async fn list(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    query: Query<ListQuery>,
) -> Result<Json<Page<GraduateView>>> {
    let ListQuery { city, school, job_intent, limit, cursor } = query.0;
    let paging = PageQuery { limit, cursor };
    let (limit, after) = (paging.limit()?, paging.after::<GraduateId>()?);
    let area = asked_area(&lexicon.places, &config.region, city.as_deref())?;
    let asked = Filter { school, area: area.map(|area| area.prefix().to_owned()), job_intent };
    let Some(filter) = within(&caller, asked) else {
        return Ok(Json(Page { items: Vec::new(), next_cursor: None, total: 0 }));
    };
    let (rows, total) = db.read(move |conn| store::page(conn, &filter, after, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), |row| GraduateView::of(row, Eyes::Office)).map(Json)
}

/// Narrows a list to what is the caller's; none where nothing of what was asked for is.
fn within(caller: &Caller, asked: Filter) -> Option<Filter> {
    match caller.role {
        Role::School => {
            let own = caller.school.clone()?;
            asked.school.as_ref().is_none_or(|school| *school == own).then_some(Filter { school: Some(own), ..asked })
        }
        Role::Bureau => {
            let own = caller.city.as_deref()?.get(..4)?.to_owned();
            let area = match &asked.area {
                Some(area) if area.starts_with(&own) => area.clone(),
                Some(area) if !own.starts_with(area.as_str()) => return None,
                _ => own,
            };
            Some(Filter { area: Some(area), ..asked })
        }
        _ => Some(asked),
    }
}

/// Writes a graduate down: one's own profile, or somebody of the own school.
#[utoipa::path(tag = "graduates", operation_id = "create_graduate", request_body = GraduateBody,
    responses((status = 201, description = "已登记", body = GraduateView), Failures))]
#[post("/graduates")]
async fn create(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    body: Body<GraduateBody>,
) -> Result<HttpResponse> {
    let new = NewGraduate::parse(body.0, &lexicon, &config.region, now.day())?;
    let row = db.write(move |conn| register(conn, *now, &caller, new)).await?;
    Ok(created(&format!("/v1/graduates/{}", row.id), row.revision, &GraduateView::of(row, Eyes::Own)?))
}

fn register(conn: &mut DbConn, now: Timestamp, caller: &Caller, new: NewGraduate) -> Result<GraduateRow> {
    if caller.role == Role::Graduate && caller.graduate.is_some() {
        return Err(Error::conflict("already_registered", "此账号已登记个人档案", "the account has its profile already"));
    }
    let school = match caller.role {
        Role::School => caller.school.clone(),
        _ => new.school().cloned(),
    };
    let city = school_city(conn, school.as_ref())?;
    if !matches!(caller.role, Role::Graduate | Role::School) && !caller.governs(city.as_deref()) {
        return Err(Error::Forbidden);
    }
    let row = store::insert(conn, now, caller, new.at(school))?;
    if let (Role::Graduate, Some(account)) = (caller.role, &caller.account) {
        accounts::bind_graduate(conn, account, &row.id)?;
    }
    Ok(row)
}

fn school_city(conn: &mut DbConn, school: Option<&SchoolId>) -> Result<Option<String>> {
    let city = store::city_of(conn, school)?;
    match school.is_some() && city.is_none() {
        true => Err(Error::invalid("/school", "unknown_school", "没有这所学校", "no such school")),
        false => Ok(city),
    }
}

/// Reads a graduate who is the caller's: oneself, one of the own school, one of a school of the own city.
pub fn yours(conn: &mut DbConn, caller: &Caller, id: &GraduateId) -> Result<GraduateRow> {
    let row = store::load(conn, id)?;
    let city = store::city_of(conn, row.school_id.as_ref())?;
    let own = caller.is_graduate(&row.id) || caller.is_school(row.school_id.as_ref()) || caller.governs(city.as_deref());
    hidden_unless(own, "graduate")?;
    Ok(row)
}

fn eyes(caller: &Caller, row: &GraduateRow) -> Eyes {
    match caller.is_graduate(&row.id) || caller.is_school(row.school_id.as_ref()) {
        true => Eyes::Own,
        false => Eyes::Office,
    }
}

/// Shows a graduate; that somebody else saw how to reach them is written down.
fn show(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: GraduateRow) -> Result<GraduateView> {
    let eyes = eyes(caller, &row);
    if eyes == Eyes::Own && !caller.is_graduate(&row.id) && (row.phone.is_some() || row.email.is_some()) {
        store::record(conn, now, caller, "graduates.read_contact", &row.id, json!({}))?;
    }
    GraduateView::of(row, eyes)
}

/// Reads one's own profile.
#[utoipa::path(tag = "graduates", operation_id = "get_own_graduate",
    responses((status = 200, description = "本人档案", body = GraduateView), Failures))]
#[get("/graduates/me")]
async fn me(db: Data<Db>, caller: Caller) -> Result<HttpResponse> {
    let id = caller.graduate.clone().ok_or(Error::NotFound("graduate"))?;
    let row = db.read(move |conn| store::load(conn, &id)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &GraduateView::of(row, Eyes::Own)?))
}

/// Reads a graduate.
#[utoipa::path(tag = "graduates", operation_id = "get_graduate", params(("id" = GraduateId, Path)),
    responses((status = 200, description = "毕业生", body = GraduateView), Failures))]
#[get("/graduates/{id}")]
async fn read(db: Data<Db>, caller: Caller, now: Now, id: Id<GraduateId>) -> Result<HttpResponse> {
    let view = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0)?;
            show(conn, *now, &caller, row)
        })
        .await?;
    Ok(tagged(StatusCode::OK, view.revision, &view))
}

/// Changes a graduate.
#[utoipa::path(tag = "graduates", operation_id = "update_graduate", params(("id" = GraduateId, Path)),
    request_body(content = GraduateBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = GraduateView), Failures))]
#[patch("/graduates/{id}")]
async fn change(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    config: Data<Config>,
    caller: Caller,
    now: Now,
    id: Id<GraduateId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let view = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0)?;
            revision.check(row.revision)?;
            let new = NewGraduate::parse(merged(&row.body()?, &body.0)?, &lexicon, &config.region, now.day())?;
            let row = edit(conn, *now, &caller, row, new)?;
            let eyes = eyes(&caller, &row);
            GraduateView::of(row, eyes)
        })
        .await?;
    Ok(tagged(StatusCode::OK, view.revision, &view))
}

fn edit(conn: &mut DbConn, now: Timestamp, caller: &Caller, row: GraduateRow, new: NewGraduate) -> Result<GraduateRow> {
    if new.school() != row.school_id.as_ref() {
        let city = school_city(conn, new.school())?;
        if caller.role != Role::Graduate && !caller.governs(city.as_deref()) {
            return Err(Error::Forbidden);
        }
    }
    let row = row.changed(now, new)?;
    store::save(conn, now, caller, &row)?;
    Ok(row)
}

/// Removes a graduate with all that is held of them.
#[utoipa::path(tag = "graduates", operation_id = "delete_graduate", params(("id" = GraduateId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/graduates/{id}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, id: Id<GraduateId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row = yours(conn, &caller, &id.0)?;
        revision.check(row.revision)?;
        store::delete(conn, *now, &caller, &row.id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Everything that is held of a graduate.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ExportView {
    exported_on: NaiveDate,
    graduate: GraduateView,
    accounts: Vec<String>,
    consents: Vec<ConsentView>,
    attendances: Vec<Value>,
    /// What became of meetings at fairs.
    outcomes: Vec<Value>,
    /// What the graduate said of fairs.
    feedback: Vec<Value>,
    placements: Vec<Value>,
    /// Who did what to these data, and when.
    audit: Vec<Value>,
    /// What matching runs found.
    matches: Vec<Value>,
    /// The classes of training orders.
    trainings: Vec<Value>,
}

/// Takes along everything that is held of a graduate.
#[utoipa::path(tag = "graduates", operation_id = "export_graduate", params(("id" = GraduateId, Path)),
    responses((status = 200, description = "所持有的全部信息", body = ExportView), Failures))]
#[get("/graduates/{id}/export")]
async fn export(db: Data<Db>, caller: Caller, now: Now, id: Id<GraduateId>) -> Result<HttpResponse> {
    let view = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0)?;
            let id = row.id.clone();
            let graduate = show(conn, *now, &caller, row)?;
            let (outcomes, feedback) = store::after_fairs(conn, &id)?;
            Ok(ExportView {
                exported_on: now.day(),
                graduate,
                accounts: accounts::names_of_graduate(conn, &id)?,
                consents: consents::of_graduate(conn, &id)?,
                attendances: store::attendances(conn, &id)?,
                outcomes,
                feedback,
                placements: store::placements(conn, &id)?,
                audit: audit::about(conn, &format!("graduate:{id}"))?,
                matches: store::matches(conn, &id)?,
                trainings: store::trainings(conn, &id)?,
            })
        })
        .await?;
    let name = format!("attachment; filename=\"graduate-{}.json\"", view.graduate.id);
    Ok(HttpResponse::Ok().insert_header(("content-disposition", name)).json(view))
}
