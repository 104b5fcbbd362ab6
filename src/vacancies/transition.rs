//! How does a vacancy take its next step? Checks who may, what must be said, and that nothing unlawful goes live.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use serde_json::json;

use crate::audit::{self, Deed};
use crate::db::types::{Timestamp, VacancyId};
use crate::db::{Db, DbConn};
use crate::error::{Error, Refusal, Result};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, tagged};
use crate::lexicon::Lexicon;
use crate::vacancies::http::{one, yours};
use crate::vacancies::life::{self, Closing, Hand, Status};
use crate::vacancies::model::{VacancyRow, VacancyView};
use crate::vacancies::review::{self, Decision, Indicator, Outcome, Remarks};
use crate::vacancies::screen::pass;
use crate::vacancies::store;

/// The next step of a vacancy.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TransitionBody {
    /// Where it shall stand.
    to: Status,
    /// Why.
    reason: Option<String>,
    /// Why an officer lets it go live although screening holds it back.
    #[serde(rename = "override")]
    overruled: Option<String>,
    /// What became of the opening, when the vacancy is closed.
    closing: Option<Closing>,
    /// What the reviewer says of single fields.
    #[serde(default)]
    indicators: Vec<Indicator>,
    /// The rules whose findings the reviewer sets aside.
    #[serde(default)]
    dismissed: Vec<String>,
}

/// Takes a vacancy one step further.
#[utoipa::path(tag = "vacancies", operation_id = "create_vacancy_transition", params(("id" = VacancyId, Path)), request_body = TransitionBody,
    responses((status = 200, description = "状态已改变", body = VacancyView), Failures))]
#[post("/vacancies/{id}/transitions")]
pub(super) async fn transition(
    db: Data<Db>,
    lexicon: Data<Lexicon>,
    caller: Caller,
    now: Now,
    id: Id<VacancyId>,
    revision: IfMatch,
    body: Body<TransitionBody>,
) -> Result<HttpResponse> {
    let step = move |conn: &mut DbConn| {
        store::hold(conn)?;
        let row = yours(conn, &caller, &id.0)?;
        revision.check(row.revision)?;
        take(conn, *now, &caller, row, body.0, &lexicon)
    };
    let view = db.write(step).await?;
    Ok(tagged(StatusCode::OK, view.revision, &view))
}

impl TransitionBody {
    /// Refuses what is missing for a step, and what does not belong to it.
    fn check(&self, from: Status) -> Result<()> {
        let explained = self.reason.as_ref().is_some_and(|text| !text.trim().is_empty());
        let needed = matches!(self.to, Status::Referred | Status::Rejected | Status::Closed | Status::Suspended);
        let remarked = !self.indicators.is_empty() || !self.dismissed.is_empty();
        let refusals: Vec<Refusal> = [
            (needed && !explained, "/reason", "reason_required", "请说明原因", "the reason is missing"),
            (
                self.closing.is_some() && self.to != Status::Closed,
                "/closing",
                "not_closing",
                "只有关闭岗位时才填写",
                "is said only when the vacancy is closed",
            ),
            (
                remarked && from != Status::Submitted,
                "/indicators",
                "nothing_to_review",
                "岗位不在待审状态，不能填写审核意见",
                "the vacancy does not wait for a review",
            ),
        ]
        .into_iter()
        .filter(|(refused, ..)| *refused)
        .map(|(_, pointer, code, zh, en)| Refusal::new(pointer, code, zh, en))
        .collect();
        if refusals.is_empty() { Ok(()) } else { Err(Error::Invalid(refusals)) }
    }
}

fn take(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    mut row: VacancyRow,
    body: TransitionBody,
    lexicon: &Lexicon,
) -> Result<VacancyView> {
    let event = life::step(row.status, body.to, Hand::of(caller.role))?;
    body.check(row.status)?;
    let TransitionBody { to, reason, overruled, closing, indicators, dismissed } = body;
    (row.status, row.revision, row.updated_at) = (to, row.revision + 1, now);
    let overruled_rules = if to == Status::Live { go_live(&mut row, now, overruled.as_deref(), lexicon)? } else { Vec::new() };
    let reason = if overruled_rules.is_empty() { reason } else { overruled.or(reason) };
    if to == Status::Closed {
        row.closed_reason.clone_from(&reason);
        row.closing = closing;
    }
    store::append(conn, now, &row, event, &caller.name(), reason.as_deref())?;
    store::save(conn, &row)?;
    let reviewer = caller.name();
    match Outcome::of(to) {
        Some(outcome) => {
            let decision = Decision { outcome, reviewer: &reviewer, reason: reason.as_deref() };
            review::decide(conn, now, &row.id, decision, &Remarks { indicators, dismissed })?;
        }
        None if to == Status::Submitted => review::submit(conn, now, &row)?,
        None => {}
    }
    if !overruled_rules.is_empty() {
        let subject = format!("vacancy:{}", row.id);
        let detail = json!({"rules": overruled_rules, "reason": reason});
        audit::append(conn, now, &Deed { actor: &reviewer, action: "vacancies.override", subject: &subject, detail })?;
    }
    one(conn, row)
}

/// Screens a vacancy on its way to be live, and gives the rules that an officer overrules.
fn go_live(row: &mut VacancyRow, now: Timestamp, overruled: Option<&str>, lexicon: &Lexicon) -> Result<Vec<String>> {
    let findings = row.screened(lexicon, now.day())?;
    let rules = pass(&findings, overruled)?.into_iter().map(str::to_owned).collect();
    row.note(&findings, lexicon.version())?;
    row.published_at = row.published_at.or(Some(now));
    Ok(rules)
}
