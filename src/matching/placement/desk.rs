//! How many placements are made at once? One, since it takes all cores; a few may wait, the others are told to come again.

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{Error, Result};

/// After how many seconds whoever was turned away may come again.
const RETRY_S: u32 = 5;

/// The desk at which placements are made.
pub struct Desk {
    line: Semaphore,
    turn: Semaphore,
}

/// A turn at the desk; it ends when it is dropped.
pub struct Turn<'a> {
    _line: SemaphorePermit<'a>,
    _turn: SemaphorePermit<'a>,
}

impl Desk {
    /// Opens a desk with a line for so many, the one whose turn it is among them.
    pub const fn open(line: usize) -> Desk {
        Desk { line: Semaphore::const_new(line), turn: Semaphore::const_new(1) }
    }

    /// Waits for a turn; busy where the line is full.
    pub async fn turn(&self) -> Result<Turn<'_>> {
        let line = self.line.try_acquire().map_err(|_| Error::Busy(RETRY_S))?;
        let turn = self.turn.acquire().await.map_err(|_| Error::Busy(RETRY_S))?;
        Ok(Turn { _line: line, _turn: turn })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_finds_the_line_full_is_told_to_come_again() {
        let desk = Desk::open(1);
        let turn = desk.turn().await.unwrap();
        assert!(matches!(desk.turn().await.err(), Some(Error::Busy(RETRY_S))));
        drop(turn);
        assert!(desk.turn().await.is_ok());
    }
}
