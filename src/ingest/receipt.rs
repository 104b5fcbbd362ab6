//! What became of one row? One receipt a row, for whoever handed it in.

use crate::ingest::row::Reject;

/// What became of one row.
#[derive(Debug, Clone, serde::Serialize, utoipa::ToSchema)]
pub struct Receipt {
    /// The place of the row in the run, from 1.
    pub place: i64,
    /// `created`, `updated`, `unchanged`, `merged`, `closed` or `rejected`; `failed` in a last line, when the run broke off.
    pub status: &'static str,
    /// What the source calls the row.
    pub reference: Option<String>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The reason in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

impl Receipt {
    /// Tells that a row was taken.
    pub fn taken(place: i64, status: &'static str, reference: Option<String>) -> Receipt {
        Receipt { place, status, reference, code: None, detail: None }
    }

    /// Tells that a row was rejected, and why.
    pub fn rejected(place: i64, reject: Reject) -> Receipt {
        let Reject { code, detail, reference } = reject;
        Receipt { place, status: "rejected", reference, code: Some(code.to_owned()), detail: Some(detail) }
    }
}
