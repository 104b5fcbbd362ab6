//! Who may compute now? What takes whole cores for a while has a line in front of it: so many run, some wait, and the others
//! are told that the service is busy and when to come again.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// The line in front of one kind of work of one service.
#[derive(Debug, Clone)]
pub struct Line {
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    most: usize,
    retry_s: u32,
}

/// The turn of one who has waited; it ends when it is dropped.
#[derive(Debug)]
pub struct Turn {
    _queued: OwnedSemaphorePermit,
    _running: OwnedSemaphorePermit,
}

impl Line {
    /// Makes a line in which so many run at once and `most` run or wait; the others are told to come again in `retry_s` seconds.
    pub fn new(running: usize, most: usize, retry_s: u32) -> Line {
        Line { running: Arc::new(Semaphore::new(running)), waiting: Arc::new(Semaphore::new(most)), most, retry_s }
    }

    /// Waits for a turn; busy when the line is full.
    pub async fn turn(&self) -> Result<Turn> {
        let queued = self.waiting.clone().try_acquire_owned().map_err(|_| Error::Busy(self.retry_s))?;
        let running = self.running.clone().acquire_owned().await.map_err(|_| Error::Busy(self.retry_s))?;
        Ok(Turn { _queued: queued, _running: running })
    }

    /// Counts those who have a turn or wait for one.
    pub fn count(&self) -> usize {
        self.most.saturating_sub(self.waiting.available_permits())
    }

    /// How many may have a turn or wait for one.
    pub const fn most(&self) -> usize {
        self.most
    }
}

impl Turn {
    /// Runs a job off the async threads; the turn lasts as long as it runs, even when nobody waits for the answer any more.
    pub async fn run<T: Send + 'static>(self, job: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        tokio::task::spawn_blocking(move || {
            let _turn = self;
            job()
        })
        .await?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_finds_the_line_full_is_told_to_come_again() {
        let line = Line::new(1, 1, 5);
        let turn = line.turn().await.unwrap();
        assert!(matches!(line.turn().await.err(), Some(Error::Busy(5))));
        drop(turn);
        assert!(line.turn().await.is_ok());
    }
}
