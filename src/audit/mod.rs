//! Who did what to whose data? A chain of events in which each carries the hash of the one before, so that a changed or
//! missing one shows. Decides nothing and is never edited.

mod http;
mod store;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::db::types::Timestamp;

pub use http::routes;
pub use store::{about, append, verify};

/// The hash that stands before the first event.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Gives the hash of an event: SHA-256 over its predecessor's hash and its own fields, each closed by a line feed.
fn link(previous: &str, seq: i64, at: Timestamp, actor: &str, action: &str, subject: &str, detail: &str) -> String {
    let mut hasher = Sha256::new();
    for field in [previous, &seq.to_string(), &at.to_string(), actor, action, subject, detail] {
        hasher.update(field.as_bytes());
        hasher.update(b"\n");
    }
    hex::encode(hasher.finalize())
}

/// One thing that was done.
#[derive(Debug)]
pub struct Deed<'a> {
    /// Who did it.
    pub actor: &'a str,
    /// What was done, as `room.verb`.
    pub action: &'a str,
    /// To what it was done, as `kind:id`.
    pub subject: &'a str,
    /// What else there is to say; no contact data.
    pub detail: Value,
}
