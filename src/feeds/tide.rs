//! How far has the sequence of events come? One look at the database for everyone who waits: followers listen, nobody asks.

use std::time::Duration;

use tokio::sync::watch;

use crate::db::Db;
use crate::error::Result;
use crate::vacancies;

/// What those who wait are told.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    last: i64,
    closing: bool,
}

/// The last place of the sequence that was seen, for all who wait.
#[derive(Debug)]
pub struct Tide {
    mark: watch::Sender<Mark>,
}

impl Default for Tide {
    fn default() -> Tide {
        Tide { mark: watch::Sender::new(Mark::default()) }
    }
}

impl Tide {
    /// Looks at the database and wakes those who wait for what is new.
    pub async fn look(&self, db: &Db) -> Result<i64> {
        let last = db.read(vacancies::last_change).await?;
        self.mark.send_if_modified(|mark| {
            let moved = mark.last != last;
            mark.last = last;
            moved
        });
        Ok(last)
    }

    /// Sends those who wait home, because the service is about to stop.
    pub fn close(&self) {
        self.mark.send_modify(|mark| mark.closing = true);
    }

    /// Waits until the sequence has passed `seq`; false when the time is up or the service stops.
    pub async fn passes(&self, seq: i64, wait: Duration) -> bool {
        let mut mark = self.mark.subscribe();
        let told = tokio::time::timeout(wait, mark.wait_for(|mark| mark.closing || mark.last > seq)).await;
        matches!(told, Ok(Ok(mark)) if !mark.closing)
    }
}
