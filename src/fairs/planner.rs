//! Who may compute now? Plans, timetables and seatings take whole cores for a while: one at a time, some wait in line, and the
//! others are told that the service is busy.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// How many may wait in line.
const WAITING_MAX: usize = 16;
/// When to try again, in seconds.
const RETRY_S: u32 = 5;

/// The line in front of the solvers of one service.
#[derive(Debug, Clone)]
pub struct Planner {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Planner {
    fn default() -> Planner {
        Planner { running: Arc::new(Semaphore::new(1)), waiting: Arc::new(Semaphore::new(WAITING_MAX + 1)) }
    }
}

/// The turn of one who has waited; it ends when it is dropped.
#[derive(Debug)]
pub struct Turn {
    _queued: OwnedSemaphorePermit,
    _running: OwnedSemaphorePermit,
}

impl Planner {
    /// Waits for a turn; busy when the line is full.
    pub async fn turn(&self) -> Result<Turn> {
        let queued = self.waiting.clone().try_acquire_owned().map_err(|_| Error::Busy(RETRY_S))?;
        let running = self.running.clone().acquire_owned().await.map_err(|_| Error::Busy(RETRY_S))?;
        Ok(Turn { _queued: queued, _running: running })
    }

    /// Counts those who have a turn or wait for one.
    pub fn in_line(&self) -> usize {
        (WAITING_MAX + 1).saturating_sub(self.waiting.available_permits())
    }

    /// How many may have a turn or wait for one.
    pub const fn most() -> usize {
        WAITING_MAX + 1
    }
}

impl Turn {
    /// Runs a solver off the async threads; the turn lasts as long as it runs, even when nobody waits for the answer any more.
    pub async fn run<T: Send + 'static>(self, job: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        tokio::task::spawn_blocking(move || {
            let _turn = self;
            job()
        })
        .await?
    }
}
