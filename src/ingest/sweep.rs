//! What has gone from a source? After a complete snapshot, rows that were missing before as well are given up; more of them
//! than is believable end the run instead, and nothing else.

use std::sync::Arc;

use crate::db::types::Timestamp;
use crate::db::{Db, claim};
use crate::error::{Error, Result};
use crate::ingest::model::SourceRow;
use crate::ingest::run::{CLAIM_S, claim_name};
use crate::vacancies::{self, MISSING, SourceRef};

/// Which share of its rows a source may lose in one run, when its row says nothing.
const MISSING_SHARE_MAX: f64 = 0.3;
/// How many rows a source may lose in one run whatever share they are, as long as it keeps some.
const MISSING_ROWS_FREE: usize = 5;
/// How many rows are given up in one transaction.
const ROWS: usize = 500;

/// Gives up what is missing and counts the vacancies that end with it, or names why it gives up nothing.
pub async fn sweep(
    db: &Db,
    source: Arc<SourceRow>,
    owner: String,
    was_there: impl Fn(&str) -> bool + Send + 'static,
) -> Result<std::result::Result<usize, &'static str>> {
    let id = source.id.clone();
    let absence = db.read(move |conn| vacancies::absent(conn, &id, was_there)).await?;
    if !is_believable(absence.gone.len(), absence.live, source.missing_share_max) {
        return Ok(Err("too_many_missing"));
    }
    let mut ended = 0;
    for part in absence.gone.chunks(ROWS) {
        let (part, source, owner) = (part.to_vec(), source.clone(), owner.clone());
        ended += db
            .write(move |conn| {
                let now = Timestamp::now();
                if !claim::claim(conn, now, &claim_name(&source), &owner, CLAIM_S)? {
                    return Err(Error::conflict("claim_lost", "采集已由其他实例接手", "another instance has taken over"));
                }
                let from = SourceRef { id: source.id.clone(), name: source.name.clone(), label: source.label.clone() };
                vacancies::withdraw(conn, now, &from, &part, MISSING)
            })
            .await?;
    }
    let id = source.id.clone();
    db.write(move |conn| vacancies::note_absence(conn, &id, &absence)).await?;
    Ok(Ok(ended))
}

/// Tells whether a source may have lost so many of its rows.
fn is_believable(gone: usize, live: usize, share_max: Option<f64>) -> bool {
    let few = share_max.is_none() && gone <= MISSING_ROWS_FREE && gone < live;
    let count = |number: usize| u32::try_from(number).map_or(f64::MAX, f64::from);
    gone == 0 || few || count(gone) <= count(live) * share_max.unwrap_or(MISSING_SHARE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_loses_a_few_rows_but_not_all_of_them() {
        assert!(is_believable(0, 0, None) && is_believable(2, 3, None) && is_believable(300, 1_000, None));
        assert!(!is_believable(3, 3, None) && !is_believable(301, 1_000, None));
        assert!(is_believable(3, 3, Some(1.0)) && !is_believable(2, 10, Some(0.1)) && is_believable(0, 10, Some(0.0)));
    }
}
