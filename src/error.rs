//! What can go wrong, in the words of the domain. Has not heard of HTTP: `http::problem` gives each kind its status.

use std::fmt;

/// The result of every operation that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// One sentence for people, in Chinese and in English.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// The sentence in Chinese.
    pub zh: String,
    /// The sentence in English, lowercase and without a full stop.
    pub en: String,
}

impl Sentence {
    /// Pairs the two wordings of one sentence.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Sentence {
        Sentence { zh: zh.into(), en: en.into() }
    }
}

/// One refused value: where it stands (RFC 6901), a code that never changes, and the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The JSON Pointer of the value, empty for the whole.
    pub pointer: String,
    /// The machine-readable reason.
    pub code: &'static str,
    /// The reason in words.
    pub reason: Sentence,
}

impl Refusal {
    /// Refuses the value at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Refusal {
        Refusal { pointer: pointer.into(), code, reason: Sentence::new(zh, en) }
    }
}

/// Every failure that a room can answer with.
#[derive(Debug)]
pub enum Error {
    /// No such thing, or none that the caller may know of.
    NotFound(&'static str),
    /// The request cannot be read at all.
    Malformed(Refusal),
    /// The request can be read and is refused.
    Invalid(Vec<Refusal>),
    /// The state of things does not allow it.
    Conflict {
        /// The machine-readable reason.
        code: &'static str,
        /// The reason in words.
        reason: Sentence,
    },
    /// The caller is not known.
    Unauthenticated,
    /// The caller is known and may not do this.
    Forbidden,
    /// The change names no revision.
    RevisionMissing,
    /// The change was made against an older revision.
    Stale,
    /// No such method here; these are there.
    WrongMethod(String),
    /// The body is larger than the limit, in bytes.
    TooLarge(usize),
    /// The body is of a kind that is not understood.
    UnsupportedMedia(&'static str),
    /// Too much is asked by this caller; try again after so many seconds.
    TooMany(u32),
    /// Too much is asked altogether; try again after so many seconds.
    Busy(u32),
    /// What was asked for is no longer kept; the text says where to begin again.
    Gone(Sentence),
    /// Something of ours is broken; the caller learns nothing of it.
    Internal(anyhow::Error),
}

impl Error {
    /// Refuses one value.
    pub fn invalid(pointer: impl Into<String>, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Error {
        Error::Invalid(vec![Refusal::new(pointer, code, zh, en)])
    }

    /// Refuses because of the present state.
    pub fn conflict(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Error {
        Error::Conflict { code, reason: Sentence::new(zh, en) }
    }

    /// Reports a broken assumption of ours.
    pub fn internal(what: impl fmt::Display) -> Error {
        Error::Internal(anyhow::anyhow!("{what}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::NotFound(what) => write!(f, "no such {what}"),
            Error::Malformed(refusal) => write!(f, "malformed: {}", refusal.reason.en),
            Error::Invalid(refusals) => {
                let words: Vec<String> = refusals.iter().map(|r| format!("{}: {}", r.pointer, r.reason.en)).collect();
                write!(f, "invalid: {}", words.join("; "))
            }
            Error::Conflict { code, reason } => write!(f, "conflict {code}: {}", reason.en),
            Error::Unauthenticated => f.write_str("not authenticated"),
            Error::Forbidden => f.write_str("not allowed"),
            Error::RevisionMissing => f.write_str("no revision named"),
            Error::Stale => f.write_str("changed meanwhile"),
            Error::WrongMethod(allowed) => write!(f, "only {allowed} here"),
            Error::TooLarge(limit) => write!(f, "larger than {limit} bytes"),
            Error::UnsupportedMedia(wanted) => write!(f, "not {wanted}"),
            Error::TooMany(wait) => write!(f, "too many requests, wait {wait} s"),
            Error::Busy(wait) => write!(f, "busy, wait {wait} s"),
            Error::Gone(reason) => write!(f, "gone: {}", reason.en),
            Error::Internal(cause) => write!(f, "internal: {cause:#}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<diesel::result::Error> for Error {
    fn from(cause: diesel::result::Error) -> Error {
        use diesel::result::{DatabaseErrorKind, Error as Db};
        match cause {
            Db::NotFound => Error::NotFound("row"),
            Db::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Error::Busy(1),
            other => Error::Internal(other.into()),
        }
    }
}

macro_rules! internal_from {
    ($($cause:ty),+ $(,)?) => { $(
        impl From<$cause> for Error {
            fn from(cause: $cause) -> Error {
                Error::Internal(cause.into())
            }
        }
    )+ };
}

internal_from!(
    anyhow::Error,
    std::io::Error,
    serde_json::Error,
    tantivy::TantivyError,
    tokio::task::JoinError,
    reqwest::Error,
    std::num::TryFromIntError,
    std::str::Utf8Error,
);
