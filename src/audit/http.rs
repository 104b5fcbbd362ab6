//! The audit over HTTP: read it, verify it.

use actix_web::get;
use actix_web::web::{Data, Json};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit::store::{self, AuditRow};
use crate::db::Db;
use crate::db::types::Timestamp;
use crate::error::Result;
use crate::http::{Failures, Page, PageQuery, Query};

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(verify).service(list);
}

/// One event, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AuditEventView {
    seq: i64,
    at: Timestamp,
    actor: String,
    action: String,
    subject: String,
    detail: Value,
    hash: String,
}

/// What a walk over the chain found.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AuditVerification {
    /// Whether every event fits the one before.
    intact: bool,
    /// How many events fit.
    verified: i64,
    /// The number of the first event that is missing or changed.
    first_broken: Option<i64>,
}

#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AuditQuery {
    /// Only events about this subject, as `kind:id`.
    subject: Option<String>,
    /// How many rows, 1 to 100.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

impl AuditEventView {
    fn of(row: AuditRow) -> Result<AuditEventView> {
        let AuditRow { seq, at, actor, action, subject, detail, previous_hash: _, hash } = row;
        Ok(AuditEventView { seq, at, actor, action, subject, detail: serde_json::from_str(&detail)?, hash })
    }
}

/// Lists audit events, oldest first.
#[utoipa::path(tag = "audit", operation_id = "list_audit_events", params(AuditQuery),
    responses((status = 200, description = "审计事件", body = Page<AuditEventView>), Failures))]
#[get("/audit-events")]
async fn list(db: Data<Db>, query: Query<AuditQuery>) -> Result<Json<Page<AuditEventView>>> {
    let AuditQuery { subject, limit, cursor } = query.0;
    let page = PageQuery { limit, cursor };
    let (limit, after) = (page.limit()?, page.after::<i64>()?.unwrap_or(0));
    db.read(move |conn| {
        let total = store::count(conn, subject.as_deref())?;
        let rows = store::list(conn, subject.as_deref(), after, i64::from(limit) + 1)?;
        Page::from_rows(rows, limit, total, |row| row.seq, AuditEventView::of).map(Json)
    })
    .await
}

/// Verifies the whole chain.
#[utoipa::path(tag = "audit", operation_id = "verify_audit_events",
    responses((status = 200, description = "校验结果", body = AuditVerification), Failures))]
#[get("/audit-events/verify")]
async fn verify(db: Data<Db>) -> Result<Json<AuditVerification>> {
    let (verified, first_broken) = db.read(store::verify).await?;
    Ok(Json(AuditVerification { intact: first_broken.is_none(), verified, first_broken }))
}
