//! Which documents are filed for a fair? Each with its hash: a small one is kept here, a large one by where it lies.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, delete, get, post};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::fair_documents as table;
use crate::db::types::{FairDocumentId, FairId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::fairs::filing::{DocumentKind, SafetyPart};
use crate::fairs::life::FairStatus;
use crate::fairs::store::{self, is_yours, record};
use crate::http::{Body, Caller, Failures, Id, Now, Page, PageQuery, Query, hidden_unless};

/// The largest document that is kept here, in bytes.
const CONTENT_BYTES_MAX: usize = 512 * 1024;
/// How many documents a fair has at most.
const DOCUMENTS_MAX: i64 = 100;
/// The longest title or reference, in characters.
const TEXT_CHARS_MAX: usize = 300;
/// How many hexadecimal digits a SHA-256 has.
const SHA256_DIGITS: usize = 64;

/// Mounts the routes of documents.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list).service(create).service(read).service(remove);
}

/// A document as asked for: its content, or where it lies with its hash.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentBody {
    /// What it is.
    pub kind: DocumentKind,
    /// Its title.
    pub title: String,
    /// Its content in base64, up to 512 KiB.
    pub content: Option<String>,
    /// The media type of the content.
    pub media_type: Option<String>,
    /// Where it lies, when its content is not given.
    pub reference: Option<String>,
    /// Its SHA-256 in hexadecimal digits; computed where the content is given.
    pub sha256: Option<String>,
    /// The parts that a safety work plan covers.
    #[serde(default)]
    pub covers: Vec<SafetyPart>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
struct DocumentRow {
    id: FairDocumentId,
    fair_id: FairId,
    kind: DocumentKind,
    title: String,
    media_type: Option<String>,
    bytes: Option<i64>,
    sha256: String,
    reference: Option<String>,
    content: Option<String>,
    covers: String,
    added_by: String,
    created_at: Timestamp,
}

/// A document as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DocumentView {
    id: FairDocumentId,
    kind: DocumentKind,
    title: String,
    media_type: Option<String>,
    /// How large it is, where it is kept here.
    bytes: Option<i64>,
    sha256: String,
    reference: Option<String>,
    /// Its content in base64; only where one document is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    covers: Vec<SafetyPart>,
    created_at: Timestamp,
}

impl DocumentView {
    fn of(row: DocumentRow, whole: bool) -> Result<DocumentView> {
        let DocumentRow { id, fair_id: _, kind, title, media_type, bytes, sha256, reference, content, covers, .. } = row;
        let (content, covers) = (content.filter(|_| whole), serde_json::from_str(&covers)?);
        Ok(DocumentView { id, kind, title, media_type, bytes, sha256, reference, content, covers, created_at: row.created_at })
    }
}

impl DocumentBody {
    /// Checks a document and makes its row: the hash is computed, or taken where only the place is known.
    fn row(self, now: Timestamp, caller: &Caller, fair: FairId) -> Result<DocumentRow> {
        let mut refusals = Vec::new();
        let sound = |text: &str| (1..=TEXT_CHARS_MAX).contains(&text.trim().chars().count());
        if !sound(&self.title) {
            refusals.push(Refusal::new("/title", "bad_value", "标题须为 1 至 300 个字", "not of 1 to 300 characters"));
        }
        if self.reference.as_deref().is_some_and(|text| !sound(text)) {
            refusals.push(Refusal::new("/reference", "bad_value", "存放处须为 1 至 300 个字", "not of 1 to 300 characters"));
        }
        if !self.covers.is_empty() && self.kind != DocumentKind::SafetyWorkPlan {
            let zh = "只有安全工作方案分项";
            refusals.push(Refusal::new("/covers", "not_a_safety_plan", zh, "only a safety work plan has parts"));
        }
        let stated = self.sha256.map(|digits| digits.trim().to_ascii_lowercase());
        let hexadecimal = |digits: &String| digits.len() == SHA256_DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let (mut bytes, mut sha256) = (None, stated.clone().filter(hexadecimal));
        match (&self.content, &self.reference) {
            (Some(content), None) => match STANDARD.decode(content.trim()) {
                Ok(raw) if raw.is_empty() || raw.len() > CONTENT_BYTES_MAX => {
                    let zh = "附件须为 1 字节至 512 KiB，更大的请填写存放处与哈希值";
                    refusals.push(Refusal::new("/content", "bad_size", zh, "not of 1 byte to 512 KiB; give its place and hash"));
                }
                Ok(raw) => {
                    let digest = hex::encode(Sha256::digest(&raw));
                    if stated.is_some_and(|stated| stated != digest) {
                        let zh = "哈希值与内容不符";
                        refusals.push(Refusal::new("/sha256", "hash_mismatch", zh, "the hash is not that of the content"));
                    }
                    (bytes, sha256) = (Some(i64::try_from(raw.len())?), Some(digest));
                }
                Err(_) => refusals.push(Refusal::new("/content", "bad_base64", "content 须为 base64", "not base64")),
            },
            (None, Some(_)) if sha256.is_none() => {
                let zh = "请填写 64 位十六进制的 SHA-256";
                refusals.push(Refusal::new("/sha256", "hash_required", zh, "the SHA-256 of 64 hexadecimal digits is missing"));
            }
            (None, Some(_)) => {}
            _ => {
                let zh = "请提供内容或存放处之一";
                refusals.push(Refusal::new("/content", "content_or_reference", zh, "either the content or its place is wanted"));
            }
        }
        let (Some(sha256), true) = (sha256, refusals.is_empty()) else { return Err(Error::Invalid(refusals)) };
        Ok(DocumentRow {
            id: FairDocumentId::new(now),
            fair_id: fair,
            kind: self.kind,
            title: self.title.trim().to_owned(),
            media_type: self.media_type,
            bytes,
            sha256,
            reference: self.reference,
            content: self.content.map(|content| content.trim().to_owned()),
            covers: serde_json::to_string(&self.covers)?,
            added_by: caller.name(),
            created_at: now,
        })
    }
}

fn add(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, body: DocumentBody) -> Result<DocumentRow> {
    let fair = store::lock(conn, fair)?;
    hidden_unless(is_yours(caller, &fair), "fair")?;
    let row = body.row(now, caller, fair.id)?;
    if table::table.filter(table::fair_id.eq(&row.fair_id)).count().get_result::<i64>(conn)? >= DOCUMENTS_MAX {
        return Err(Error::conflict("too_many", "每场最多 100 份文件", "a fair has at most 100 documents"));
    }
    diesel::insert_into(table::table).values(&row).execute(conn)?;
    record(conn, now, caller, "fair_documents.add", &format!("fair_document:{}", row.id))?;
    Ok(row)
}

/// Gives the documents of a fair, oldest first, without their contents.
pub fn of_fair(conn: &mut DbConn, fair: &FairId) -> Result<Vec<DocumentView>> {
    let own = table::table.filter(table::fair_id.eq(fair)).order(table::id).limit(DOCUMENTS_MAX);
    own.select(DocumentRow::as_select()).load(conn)?.into_iter().map(|row| DocumentView::of(row, false)).collect()
}

fn find(conn: &mut DbConn, caller: &Caller, (fair, id): &(FairId, FairDocumentId)) -> Result<DocumentRow> {
    let fair = store::load(conn, fair)?;
    hidden_unless(is_yours(caller, &fair), "fair")?;
    let own = table::table.find(id).filter(table::fair_id.eq(&fair.id));
    own.select(DocumentRow::as_select()).first(conn).optional()?.ok_or(Error::NotFound("document"))
}

/// Lists the documents of a fair.
#[utoipa::path(tag = "fairs", operation_id = "list_fair_documents", params(("id" = FairId, Path), PageQuery),
    responses((status = 200, description = "备案文件", body = Page<DocumentView>), Failures))]
#[get("/fairs/{id}/documents")]
async fn list(db: Data<Db>, caller: Caller, id: Id<FairId>, query: Query<PageQuery>) -> Result<Json<Page<DocumentView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<FairDocumentId>()?);
    let rows = db
        .read(move |conn| {
            hidden_unless(is_yours(&caller, &store::load(conn, &id.0)?), "fair")?;
            of_fair(conn, &id.0)
        })
        .await?;
    let total = i64::try_from(rows.len())?;
    let rows: Vec<DocumentView> = rows.into_iter().filter(|row| after.as_ref().is_none_or(|after| row.id > *after)).collect();
    Page::from_rows(rows, limit, total, |row| row.id.clone(), Ok).map(Json)
}

/// Files a document; it is never changed, only added to.
#[utoipa::path(tag = "fairs", operation_id = "create_fair_document", params(("id" = FairId, Path)), request_body = DocumentBody,
    responses((status = 201, description = "已备案", body = DocumentView), Failures))]
#[post("/fairs/{id}/documents")]
async fn create(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<DocumentBody>) -> Result<HttpResponse> {
    let row = db.write(move |conn| add(conn, *now, &caller, &id.0, body.0)).await?;
    let location = format!("/v1/fairs/{}/documents/{}", row.fair_id, row.id);
    Ok(HttpResponse::Created().insert_header(("location", location)).json(DocumentView::of(row, false)?))
}

/// Reads a document with its content.
#[utoipa::path(tag = "fairs", operation_id = "get_fair_document",
    params(("id" = FairId, Path), ("document" = FairDocumentId, Path)),
    responses((status = 200, description = "备案文件", body = DocumentView), Failures))]
#[get("/fairs/{id}/documents/{document}")]
async fn read(db: Data<Db>, caller: Caller, path: Id<(FairId, FairDocumentId)>) -> Result<Json<DocumentView>> {
    let row = db.read(move |conn| find(conn, &caller, &path.0)).await?;
    DocumentView::of(row, true).map(Json)
}

/// Takes a document back, while nothing rests on it yet.
#[utoipa::path(tag = "fairs", operation_id = "delete_fair_document",
    params(("id" = FairId, Path), ("document" = FairDocumentId, Path)),
    responses((status = 204, description = "已撤回"), Failures))]
#[delete("/fairs/{id}/documents/{document}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, path: Id<(FairId, FairDocumentId)>) -> Result<HttpResponse> {
    db.write(move |conn| {
        let fair = store::lock(conn, &path.0.0)?;
        let row = find(conn, &caller, &path.0)?;
        if !matches!(fair.status, FairStatus::Draft | FairStatus::Submitted) {
            return Err(Error::conflict("filed", "审批后文件不可撤回", "after the approval documents stay"));
        }
        diesel::delete(table::table.find(&row.id)).execute(conn)?;
        record(conn, *now, &caller, "fair_documents.delete", &format!("fair_document:{}", row.id))
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}
