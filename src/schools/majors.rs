//! What does a school teach? Its majors, each with the programme that it leads to and the skills that it gives.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, patch, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::majors;
use crate::db::types::{MajorId, SchoolId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Page, created, merged, tagged};
use crate::lexicon::{Lexicon, Programme};
use crate::schools::http::yours;
use crate::schools::store;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 60;
/// How many skills a major may name.
const SKILLS_MAX: usize = 40;
/// How many people a major may let go in a year.
const GRADUATES_YEARLY_MAX: i32 = 100_000;

/// Mounts the routes of majors.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(change).service(remove);
}

/// A major as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MajorBody {
    /// The name.
    pub name: String,
    /// The programme that it leads to.
    #[schema(value_type = String)]
    pub programme: Programme,
    /// The catalogue that `code` is of, where one is given.
    pub catalogue: Option<String>,
    /// The code in that catalogue.
    pub code: Option<String>,
    /// The skills that it gives, by id or name; kept by id.
    #[serde(default)]
    pub skills: Vec<String>,
    /// How many finish it in a year.
    pub graduates_yearly: Option<i32>,
}

impl MajorBody {
    /// Checks what was asked for and turns skills into their ids.
    fn parse(mut self, lexicon: &Lexicon) -> Result<MajorBody> {
        let mut refusals = Vec::new();
        self.name = self.name.trim().to_owned();
        if self.name.is_empty() || self.name.chars().count() > NAME_CHARS_MAX {
            let zh = "专业名称须为 1 至 60 个字";
            refusals.push(Refusal::new("/name", "bad_name", zh, "the name is not of 1 to 60 characters"));
        }
        if self.skills.len() > SKILLS_MAX {
            refusals.push(Refusal::new("/skills", "too_many", "技能不得超过 40 项", "more than 40 skills"));
        }
        if self.graduates_yearly.is_some_and(|count| !(0..=GRADUATES_YEARLY_MAX).contains(&count)) {
            refusals.push(Refusal::new("/graduates_yearly", "bad_value", "人数有误", "not a number of people"));
        }
        for (at, word) in self.skills.iter_mut().take(SKILLS_MAX).enumerate() {
            match lexicon.skills.get(word).or_else(|| lexicon.skills.find(word).into_iter().next()) {
                Some(skill) => word.clone_from(&skill.id),
                None => {
                    let zh = format!("没有“{word}”这项技能");
                    refusals.push(Refusal::new(format!("/skills/{at}"), "unknown_skill", zh, format!("no such skill: {word}")));
                }
            }
        }
        match refusals.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(refusals)),
        }
    }
}

/// A major as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = majors, treat_none_as_null = true, treat_none_as_default_value = false)]
struct MajorRow {
    id: MajorId,
    school_id: SchoolId,
    name: String,
    programme: String,
    catalogue: Option<String>,
    code: Option<String>,
    skills: String,
    graduates_yearly: Option<i32>,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl MajorRow {
    fn new(now: Timestamp, school: &SchoolId, body: MajorBody) -> Result<MajorRow> {
        let MajorBody { name, programme, catalogue, code, skills, graduates_yearly } = body;
        Ok(MajorRow {
            id: MajorId::new(now),
            school_id: school.clone(),
            name,
            programme: programme.as_str().to_owned(),
            catalogue,
            code,
            skills: serde_json::to_string(&skills)?,
            graduates_yearly,
            revision: 1,
            created_at: now,
            updated_at: now,
        })
    }

    fn body(&self) -> Result<MajorBody> {
        let programme = Programme::parse(&self.programme);
        Ok(MajorBody {
            name: self.name.clone(),
            programme: programme.ok_or_else(|| Error::internal(format!("unknown programme {:?}", self.programme)))?,
            catalogue: self.catalogue.clone(),
            code: self.code.clone(),
            skills: serde_json::from_str(&self.skills)?,
            graduates_yearly: self.graduates_yearly,
        })
    }
}

/// A major as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct MajorView {
    id: MajorId,
    school: SchoolId,
    #[serde(flatten)]
    major: MajorBody,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl MajorView {
    fn of(row: MajorRow) -> Result<MajorView> {
        let major = row.body()?;
        let MajorRow { id, school_id: school, revision, created_at, updated_at, .. } = row;
        Ok(MajorView { id, school, major, revision, created_at, updated_at })
    }
}

/// Adds a major to a school; the same name for the same programme is refused.
pub fn add_major(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    school: &SchoolId,
    body: MajorBody,
    lexicon: &Lexicon,
) -> Result<MajorId> {
    let row = MajorRow::new(now, school, body.parse(lexicon)?)?;
    is_free(conn, &row)?;
    diesel::insert_into(majors::table).values(&row).execute(conn)?;
    store::record(conn, now, caller, "schools.add_major", school)?;
    Ok(row.id)
}

fn is_free(conn: &mut DbConn, row: &MajorRow) -> Result<()> {
    let same = majors::table.filter(majors::school_id.eq(&row.school_id)).filter(majors::name.eq(&row.name));
    let same = same.filter(majors::programme.eq(&row.programme)).filter(majors::id.ne(&row.id));
    match same.count().get_result::<i64>(conn)? {
        0 => Ok(()),
        _ => Err(Error::conflict("registered", "该专业已登记", "the school has this major already")),
    }
}

fn find(conn: &mut DbConn, school: &SchoolId, id: &MajorId) -> Result<MajorRow> {
    let own = majors::table.find(id).filter(majors::school_id.eq(school));
    own.select(MajorRow::as_select()).first(conn).optional()?.ok_or(Error::NotFound("major"))
}

/// Lists the majors of a school.
#[utoipa::path(tag = "schools", operation_id = "list_majors", params(("id" = SchoolId, Path)),
    responses((status = 200, description = "专业", body = Page<MajorView>), Failures))]
#[get("/schools/{id}/majors")]
async fn list(db: Data<Db>, id: Id<SchoolId>) -> Result<Json<Page<MajorView>>> {
    let rows: Vec<MajorRow> = db
        .read(move |conn| {
            store::load(conn, &id.0)?;
            let own = majors::table.filter(majors::school_id.eq(&id.0)).order(majors::id);
            Ok(own.select(MajorRow::as_select()).load(conn)?)
        })
        .await?;
    let items = rows.into_iter().map(MajorView::of).collect::<Result<Vec<_>>>()?;
    Ok(Json(Page { total: u64::try_from(items.len())?, items, next_cursor: None }))
}

/// Adds a major.
#[utoipa::path(tag = "schools", operation_id = "create_major", params(("id" = SchoolId, Path)), request_body = MajorBody,
    responses((status = 201, description = "专业已添加", body = MajorView), Failures))]
#[post("/schools/{id}/majors")]
async fn create(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    now: Now,
    id: Id<SchoolId>,
    body: Body<MajorBody>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let school = yours(conn, &caller, &id.0)?;
            let major = add_major(conn, *now, &caller, &school.id, body.0, &lexicon)?;
            find(conn, &school.id, &major)
        })
        .await?;
    let location = format!("/v1/schools/{}/majors/{}", row.school_id, row.id);
    Ok(created(&location, row.revision, &MajorView::of(row)?))
}

/// Changes a major.
#[utoipa::path(tag = "schools", operation_id = "update_major", params(("id" = SchoolId, Path), ("major" = MajorId, Path)),
    request_body(content = MajorBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = MajorView), Failures))]
#[patch("/schools/{id}/majors/{major}")]
async fn change(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    now: Now,
    path: Id<(SchoolId, MajorId)>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let row = db
        .write(move |conn| {
            let (school, major) = &path.0;
            yours(conn, &caller, school)?;
            let row = find(conn, school, major)?;
            revision.check(row.revision)?;
            let wanted: MajorBody = merged(&row.body()?, &body.0)?;
            let next = MajorRow::new(*now, school, wanted.parse(&lexicon)?)?;
            let next = MajorRow { id: row.id, revision: row.revision + 1, created_at: row.created_at, ..next };
            is_free(conn, &next)?;
            diesel::update(majors::table.find(&next.id)).set(&next).execute(conn)?;
            store::record(conn, *now, &caller, "schools.change_major", school)?;
            Ok(next)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &MajorView::of(row)?))
}

/// Removes a major.
#[utoipa::path(tag = "schools", operation_id = "delete_major", params(("id" = SchoolId, Path), ("major" = MajorId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/schools/{id}/majors/{major}")]
async fn remove(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    path: Id<(SchoolId, MajorId)>,
    revision: IfMatch,
) -> Result<HttpResponse> {
    db.write(move |conn| {
        let (school, major) = &path.0;
        yours(conn, &caller, school)?;
        let row = find(conn, school, major)?;
        revision.check(row.revision)?;
        diesel::delete(majors::table.find(&row.id)).execute(conn)?;
        store::record(conn, *now, &caller, "schools.delete_major", school)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
