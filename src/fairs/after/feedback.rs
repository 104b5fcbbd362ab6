//! What do those who were there say of a fair? One answer each; names nobody: the people of the fair read ratings and notes
//! without ids, everybody else the averages of five answers or more.

use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::db::schema::{fair_attendances as attendance_table, fair_exhibitors as exhibitor_table, fair_feedback as table};
use crate::db::types::{EmployerId, FairId, FeedbackId, GraduateId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::after::withhold::SHOWN_MIN;
use crate::fairs::attendances::Attendance;
use crate::fairs::exhibitor::Outcome;
use crate::fairs::life::FairStatus;
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours, record};
use crate::http::{Body, Caller, Failures, Id, Now, Role};

/// The longest note, in characters.
const NOTE_CHARS_MAX: usize = 500;
/// The best rating.
const RATING_MAX: i32 = 5;

/// Mounts the routes of feedback.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read).service(create);
}

/// An answer as asked for.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct FeedbackBody {
    /// How good it was, 1 to 5.
    rating: i32,
    /// In words.
    note: Option<String>,
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = table, treat_none_as_default_value = false)]
struct FeedbackRow {
    id: FeedbackId,
    fair_id: FairId,
    graduate_id: Option<GraduateId>,
    employer_id: Option<EmployerId>,
    rating: i32,
    note: Option<String>,
    created_at: Timestamp,
}

/// The answers of one side; `average` is withheld under five answers where others ask.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
struct Side {
    /// How many answered.
    answers: Option<u32>,
    /// The average rating, 1 to 5.
    average: Option<f64>,
}

/// What somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
struct Note {
    /// Whether an exhibitor wrote it; a graduate did otherwise.
    by_exhibitor: bool,
    rating: i32,
    note: Option<String>,
    on: NaiveDate,
}

/// What is said of a fair.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FeedbackView {
    fair: FairId,
    graduates: Side,
    exhibitors: Side,
    /// What was written; for the people of the fair.
    notes: Vec<Note>,
}

fn answer(conn: &mut DbConn, now: Timestamp, caller: &Caller, fair: &FairId, body: FeedbackBody) -> Result<()> {
    let fair = store::visible(conn, caller, fair)?;
    if !(1..=RATING_MAX).contains(&body.rating) {
        return Err(Error::invalid("/rating", "out_of_range", "评分须在 1 至 5 之间", "not within 1 to 5"));
    }
    if body.note.as_ref().is_some_and(|note| note.chars().count() > NOTE_CHARS_MAX) {
        return Err(Error::invalid("/note", "too_long", "意见不得超过 500 个字", "longer than 500 characters"));
    }
    was_there(conn, caller, &fair)?;
    let row = FeedbackRow {
        id: FeedbackId::new(now),
        fair_id: fair.id,
        graduate_id: caller.graduate.clone().filter(|_| caller.role == Role::Graduate),
        employer_id: caller.employer.clone().filter(|_| caller.role == Role::Employer),
        rating: body.rating,
        note: body.note.filter(|note| !note.trim().is_empty()),
        created_at: now,
    };
    let before = table::table.filter(table::fair_id.eq(&row.fair_id));
    let before = match (&row.graduate_id, &row.employer_id) {
        (Some(graduate), _) => before.filter(table::graduate_id.eq(graduate)).count().get_result::<i64>(conn)?,
        (_, Some(employer)) => before.filter(table::employer_id.eq(employer)).count().get_result::<i64>(conn)?,
        _ => return Err(Error::Forbidden),
    };
    if before > 0 {
        return Err(Error::conflict("answered", "已经评价过", "answered already"));
    }
    diesel::insert_into(table::table).values(&row).execute(conn)?;
    // The audit is read by many: it says that somebody answered, not who.
    record(conn, now, &Caller::service(), "feedback.answer", &format!("fair:{}", row.fair_id))
}

/// Lets those who were there answer, once the fair goes on.
fn was_there(conn: &mut DbConn, caller: &Caller, fair: &FairRow) -> Result<()> {
    if !matches!(fair.status, FairStatus::InProgress | FairStatus::Finished | FairStatus::Reported) {
        return Err(Error::conflict("not_held", "招聘会尚未举办", "the fair has not been held"));
    }
    let there: i64 = match (caller.role, &caller.graduate, &caller.employer) {
        (Role::Graduate, Some(own), _) => {
            let seats = attendance_table::table.filter(attendance_table::fair_id.eq(&fair.id));
            let seats = seats.filter(attendance_table::graduate_id.eq(own));
            seats.filter(attendance_table::status.eq(Attendance::Attended)).count().get_result(conn)?
        }
        (Role::Employer, _, Some(own)) => {
            let booths = exhibitor_table::table.filter(exhibitor_table::fair_id.eq(&fair.id));
            let booths = booths.filter(exhibitor_table::employer_id.eq(own));
            booths.filter(exhibitor_table::status.eq(Outcome::Approved)).count().get_result(conn)?
        }
        _ => 0,
    };
    match there {
        0 => Err(Error::conflict("not_there", "未参加本场招聘会", "was not at the fair")),
        _ => Ok(()),
    }
}

/// Averages the ratings of one side; under five answers only the people of the fair learn anything.
fn side(ratings: &[i32], own: bool) -> Side {
    let count = u32::try_from(ratings.len()).unwrap_or(u32::MAX);
    let sum: i32 = ratings.iter().sum();
    let shown = own && count > 0 || count >= SHOWN_MIN;
    let average = (f64::from(sum) / f64::from(count.max(1)) * 100.0).round() / 100.0;
    Side { answers: (own || count >= SHOWN_MIN).then_some(count), average: shown.then_some(average) }
}

/// Gives what is said of a fair.
#[utoipa::path(tag = "fairs", operation_id = "get_fair_feedback", params(("id" = FairId, Path)),
    responses((status = 200, description = "评价", body = FeedbackView), Failures))]
#[get("/fairs/{id}/feedback")]
async fn read(db: Data<Db>, caller: Caller, id: Id<FairId>) -> Result<Json<FeedbackView>> {
    let (fair, own, mut rows) = db
        .read(move |conn| {
            let fair = store::visible(conn, &caller, &id.0)?;
            let rows = table::table.filter(table::fair_id.eq(&fair.id)).order(table::id);
            let rows: Vec<FeedbackRow> = rows.select(FeedbackRow::as_select()).load(conn)?;
            let own = is_yours(&caller, &fair);
            Ok((fair.id, own, rows))
        })
        .await?;
    let ratings = |exhibitors: bool| {
        let of_side = rows.iter().filter(|row| row.employer_id.is_some() == exhibitors);
        side(&of_side.map(|row| row.rating).collect::<Vec<_>>(), own)
    };
    let (graduates, exhibitors) = (ratings(false), ratings(true));
    rows.sort_by(|one, other| {
        (one.created_at.day(), one.rating, &one.note).cmp(&(other.created_at.day(), other.rating, &other.note))
    });
    let note = |row: FeedbackRow| Note {
        by_exhibitor: row.employer_id.is_some(),
        rating: row.rating,
        note: row.note,
        on: row.created_at.day(),
    };
    let notes = if own { rows.into_iter().map(note).collect() } else { Vec::new() };
    Ok(Json(FeedbackView { fair, graduates, exhibitors, notes }))
}

/// Says what one thinks of a fair, once.
#[utoipa::path(tag = "fairs", operation_id = "create_fair_feedback", params(("id" = FairId, Path)), request_body = FeedbackBody,
    responses((status = 204, description = "已收到"), Failures))]
#[post("/fairs/{id}/feedback")]
async fn create(db: Data<Db>, caller: Caller, now: Now, id: Id<FairId>, body: Body<FeedbackBody>) -> Result<HttpResponse> {
    db.write(move |conn| answer(conn, *now, &caller, &id.0, body.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_than_five_answers_are_known_to_the_people_of_the_fair_alone() {
        assert_eq!(side(&[5, 4, 4, 2], false), Side { answers: None, average: None });
        assert_eq!(side(&[5, 4, 4, 2], true), Side { answers: Some(4), average: Some(3.75) });
        assert_eq!(side(&[5, 4, 4, 2, 5], false), Side { answers: Some(5), average: Some(4.0) });
        assert_eq!(side(&[], true), Side { answers: Some(0), average: None });
    }
}
