//! The rows of reviews.

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::vacancy_reviews;
use crate::db::types::{ReviewId, VacancyId};
use crate::each_backend;
use crate::error::Result;
use crate::vacancies::review::ReviewRow;

/// How many rows one statement writes.
const ROWS_MAX: usize = 500;

/// Writes a new review.
pub fn insert(conn: &mut DbConn, row: &ReviewRow) -> Result<()> {
    diesel::insert_into(vacancy_reviews::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes new reviews.
pub fn insert_many(conn: &mut DbConn, rows: &[ReviewRow]) -> Result<()> {
    for part in rows.chunks(ROWS_MAX) {
        let part = part.to_vec();
        each_backend!(&mut *conn, |c| diesel::insert_into(vacancy_reviews::table).values(part).execute(c))?;
    }
    Ok(())
}

/// Writes a changed review over its row.
pub fn save(conn: &mut DbConn, row: &ReviewRow) -> Result<()> {
    diesel::update(vacancy_reviews::table.find(&row.id)).set(row).execute(conn)?;
    Ok(())
}

/// Reads the review of a vacancy that has not ended.
pub fn open(conn: &mut DbConn, vacancy: &VacancyId) -> Result<Option<ReviewRow>> {
    let own = vacancy_reviews::table.filter(vacancy_reviews::vacancy_id.eq(vacancy));
    Ok(own.filter(vacancy_reviews::outcome.is_null()).select(ReviewRow::as_select()).first(conn).optional()?)
}

/// Reads the last review of a vacancy that has ended.
pub fn decided_last(conn: &mut DbConn, vacancy: &VacancyId) -> Result<Option<ReviewRow>> {
    let own = vacancy_reviews::table.filter(vacancy_reviews::vacancy_id.eq(vacancy));
    let ended = own.filter(vacancy_reviews::outcome.is_not_null()).order(vacancy_reviews::id.desc());
    Ok(ended.select(ReviewRow::as_select()).first(conn).optional()?)
}

/// Reads all reviews of a vacancy, the oldest first.
pub fn of_vacancy(conn: &mut DbConn, vacancy: &VacancyId) -> Result<Vec<ReviewRow>> {
    let own = vacancy_reviews::table.filter(vacancy_reviews::vacancy_id.eq(vacancy));
    Ok(own.order(vacancy_reviews::id).select(ReviewRow::as_select()).load(conn)?)
}

/// Reads reviews of an area that have not ended, the longest waiting first, and counts them all.
pub fn waiting(conn: &mut DbConn, area: Option<&str>, after: Option<&ReviewId>, limit: i64) -> Result<(Vec<ReviewRow>, i64)> {
    let open = || {
        let mut query = vacancy_reviews::table.filter(vacancy_reviews::outcome.is_null()).into_boxed();
        if let Some(area) = area {
            query = query.filter(vacancy_reviews::city.like(format!("{area}%")));
        }
        query
    };
    let total = open().count().get_result(conn)?;
    let mut query = open().order(vacancy_reviews::id).limit(limit);
    if let Some(after) = after {
        query = query.filter(vacancy_reviews::id.gt(after.clone()));
    }
    Ok((query.select(ReviewRow::as_select()).load(conn)?, total))
}
