//! To whom did a graduate agree to be shown? Consents by purpose and recipient, given and taken back by the graduate alone;
//! what was agreed to stays written down after it was taken back.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{consents, employers, fairs};
use crate::db::types::{ConsentId, EmployerId, FairId, GraduateId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::graduates::http::yours;
use crate::graduates::store;
use crate::http::{Body, Caller, Failures, Id, Now, Page};
use crate::text_enum;

/// The longest name of a wording, in characters.
const VERSION_CHARS_MAX: usize = 40;

/// Mounts the routes of consents.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(revoke);
}

text_enum! {
    /// What data may be used for.
    Purpose {
        /// To be found as somebody who fits a vacancy.
        Matching = "matching",
        /// To be recommended for a vacancy.
        Referral = "referral",
        /// To be known to a fair and its exhibitors.
        Fair = "fair",
    }
}

text_enum! {
    /// Which data a consent is about.
    DataKind {
        /// Programme, skills, certificates and wishes.
        Profile = "profile",
        /// The name.
        Name = "name",
        /// Telephone and e-mail.
        Contact = "contact",
    }
}

/// A consent as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentBody {
    /// What the data may be used for.
    pub purpose: Purpose,
    /// Who may see it: `employer:ID` or `fair:ID`.
    pub recipient: Option<String>,
    /// Which data.
    #[serde(default = "profile_only")]
    pub data_kinds: Vec<DataKind>,
    /// Which wording was agreed to.
    pub text_version: String,
}

fn profile_only() -> Vec<DataKind> {
    vec![DataKind::Profile]
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = consents, treat_none_as_default_value = false)]
struct ConsentRow {
    id: ConsentId,
    graduate_id: GraduateId,
    purpose: Purpose,
    recipient: Option<String>,
    data_kinds: String,
    text_version: String,
    granted_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

/// A consent as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ConsentView {
    id: ConsentId,
    #[serde(flatten)]
    consent: ConsentBody,
    granted_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl ConsentView {
    fn of(row: ConsentRow) -> Result<ConsentView> {
        let ConsentRow { id, graduate_id: _, purpose, recipient, data_kinds, text_version, granted_at, revoked_at } = row;
        let consent = ConsentBody { purpose, recipient, data_kinds: serde_json::from_str(&data_kinds)?, text_version };
        Ok(ConsentView { id, consent, granted_at, revoked_at })
    }
}

/// Lists the consents of a graduate, oldest first.
pub fn of_graduate(conn: &mut DbConn, id: &GraduateId) -> Result<Vec<ConsentView>> {
    let own = consents::table.filter(consents::graduate_id.eq(id)).order(consents::id);
    own.select(ConsentRow::as_select()).load(conn)?.into_iter().map(ConsentView::of).collect()
}

/// Writes a consent down; one that stands already is a conflict.
pub fn grant(conn: &mut DbConn, now: Timestamp, caller: &Caller, id: &GraduateId, body: &ConsentBody) -> Result<ConsentId> {
    let recipient = sound_recipient(conn, body)?;
    let version = body.text_version.trim();
    if version.is_empty() || version.chars().count() > VERSION_CHARS_MAX {
        let zh = "请注明所同意文本的版本";
        return Err(Error::invalid("/text_version", "bad_value", zh, "the version is not of 1 to 40 characters"));
    }
    if body.data_kinds.is_empty() {
        return Err(Error::invalid("/data_kinds", "empty", "请选择同意提供的信息", "no kind of data is named"));
    }
    let open = consents::table.filter(consents::graduate_id.eq(id)).filter(consents::purpose.eq(body.purpose));
    let open = open.filter(consents::recipient.eq(&recipient)).filter(consents::revoked_at.is_null());
    if open.count().get_result::<i64>(conn)? > 0 {
        return Err(Error::conflict("granted", "已同意过，如需修改请先撤回", "this consent stands; take it back to change it"));
    }
    let row = ConsentRow {
        id: ConsentId::new(now),
        graduate_id: id.clone(),
        purpose: body.purpose,
        recipient: Some(recipient),
        data_kinds: serde_json::to_string(&body.data_kinds)?,
        text_version: version.to_owned(),
        granted_at: now,
        revoked_at: None,
    };
    diesel::insert_into(consents::table).values(&row).execute(conn)?;
    let detail = json!({"consent": row.id, "purpose": row.purpose, "recipient": row.recipient});
    store::record(conn, now, caller, "consents.grant", id, detail)?;
    Ok(row.id)
}

/// Reads the recipient: it must be named and be there, since a consent to whomever it may concern is none
/// (个人信息保护法, article 23).
fn sound_recipient(conn: &mut DbConn, body: &ConsentBody) -> Result<String> {
    let refuse = |code, zh: &str, en: &str| Error::Invalid(vec![Refusal::new("/recipient", code, zh, en)]);
    let recipient = body.recipient.as_deref().unwrap_or_default();
    let there = match recipient.split_once(':') {
        Some(("employer", id)) => match EmployerId::parse(id) {
            Some(id) => employers::table.find(&id).count().get_result::<i64>(conn)? > 0,
            None => false,
        },
        Some(("fair", id)) => match FairId::parse(id) {
            Some(id) => fairs::table.find(&id).count().get_result::<i64>(conn)? > 0,
            None => false,
        },
        _ => {
            let zh = "请指明接收方：employer:编号 或 fair:编号";
            return Err(refuse("recipient_required", zh, "the recipient is neither employer:ID nor fair:ID"));
        }
    };
    match there {
        true => Ok(recipient.to_owned()),
        false => Err(refuse("unknown_recipient", "没有这个接收方", "no such recipient")),
    }
}

/// Lists consents, those taken back among them.
#[utoipa::path(tag = "graduates", operation_id = "list_consents", params(("id" = GraduateId, Path)),
    responses((status = 200, description = "授权记录", body = Page<ConsentView>), Failures))]
#[get("/graduates/{id}/consents")]
async fn list(db: Data<Db>, caller: Caller, id: Id<GraduateId>) -> Result<Json<Page<ConsentView>>> {
    let items = db
        .read(move |conn| {
            let row = yours(conn, &caller, &id.0)?;
            of_graduate(conn, &row.id)
        })
        .await?;
    Ok(Json(Page { total: u64::try_from(items.len())?, items, next_cursor: None }))
}

/// Agrees to be shown to somebody; only the graduate can.
#[utoipa::path(tag = "graduates", operation_id = "create_consent", params(("id" = GraduateId, Path)), request_body = ConsentBody,
    responses((status = 201, description = "已同意", body = ConsentView), Failures))]
#[post("/graduates/{id}/consents")]
async fn create(db: Data<Db>, caller: Caller, now: Now, id: Id<GraduateId>, body: Body<ConsentBody>) -> Result<HttpResponse> {
    let graduate = id.0.clone();
    let view = db
        .write(move |conn| {
            let row = yours(conn, &caller, &id.0)?;
            if !caller.is_graduate(&row.id) {
                return Err(Error::Forbidden);
            }
            if !row.decides_alone(now.day()) {
                let zh = "未满十四周岁，须由监护人同意，请联系学校办理";
                return Err(Error::conflict("guardian_required", zh, "under fourteen a guardian has to agree"));
            }
            let id = grant(conn, *now, &caller, &row.id, &body.0)?;
            ConsentView::of(consents::table.find(&id).select(ConsentRow::as_select()).first(conn)?)
        })
        .await?;
    let location = format!("/v1/graduates/{graduate}/consents/{}", view.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(view))
}

/// Takes a consent back; it stays written down.
#[utoipa::path(tag = "graduates", operation_id = "delete_consent",
    params(("id" = GraduateId, Path), ("consent" = ConsentId, Path)),
    responses((status = 204, description = "已撤回"), Failures))]
#[delete("/graduates/{id}/consents/{consent}")]
async fn revoke(db: Data<Db>, caller: Caller, now: Now, path: Id<(GraduateId, ConsentId)>) -> Result<HttpResponse> {
    db.write(move |conn| {
        let (graduate, consent) = &path.0;
        let row = yours(conn, &caller, graduate)?;
        if !caller.is_graduate(&row.id) {
            return Err(Error::Forbidden);
        }
        let open = consents::table.find(consent).filter(consents::graduate_id.eq(&row.id)).filter(consents::revoked_at.is_null());
        match diesel::update(open).set(consents::revoked_at.eq(*now)).execute(conn)? {
            0 => Err(Error::NotFound("consent")),
            _ => store::record(conn, *now, &caller, "consents.revoke", &row.id, json!({"consent": consent})),
        }
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
