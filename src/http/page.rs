//! How is a list served? `Page` with an opaque cursor, so that every row can be reached and none twice.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Refusal, Result};

/// How many rows a page has when nothing is said.
const LIMIT_DEFAULT: u32 = 20;
/// How many rows a page may have.
const LIMIT_MAX: u32 = 100;

/// One page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// Asks for the page after this one; `null` on the last.
    pub next_cursor: Option<String>,
    /// How many rows there are in all.
    pub total: u64,
}

/// The two parameters of every list.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many rows, 1 to 100.
    pub limit: Option<u32>,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

impl PageQuery {
    /// Gives the number of rows wanted; anything but 1 to 100 is refused.
    pub fn limit(&self) -> Result<u32> {
        match self.limit.unwrap_or(LIMIT_DEFAULT) {
            limit @ 1..=LIMIT_MAX => Ok(limit),
            _ => Err(Error::Malformed(Refusal::new(
                "/limit",
                "bad_limit",
                "limit 须在 1 至 100 之间",
                "limit is not within 1 to 100",
            ))),
        }
    }

    /// Reads the key at which the last page ended.
    pub fn after<K: DeserializeOwned>(&self) -> Result<Option<K>> {
        self.cursor.as_deref().map(decode_cursor).transpose()
    }
}

/// Stands for what a page ends with: the sort key of its last row.
pub trait Cursor: Serialize + DeserializeOwned {}

impl<K: Serialize + DeserializeOwned> Cursor for K {}

/// Writes a sort key as an opaque cursor.
pub fn encode_cursor(key: &impl Serialize) -> Result<String> {
    Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(key)?))
}

/// Reads a cursor of ours; any other is refused.
pub fn decode_cursor<K: DeserializeOwned>(text: &str) -> Result<K> {
    let refused = || Error::Malformed(Refusal::new("/cursor", "bad_cursor", "cursor 无效", "not a cursor of this list"));
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| refused())?;
    serde_json::from_slice(&bytes).map_err(|_| refused())
}

impl<T> Page<T> {
    /// Makes a page of rows that were read one more than wanted: the extra row says that there is a next page.
    pub fn from_rows<R, K: Serialize>(
        mut rows: Vec<R>,
        limit: u32,
        total: i64,
        key: impl Fn(&R) -> K,
        view: impl FnMut(R) -> Result<T>,
    ) -> Result<Page<T>> {
        let wanted = usize::try_from(limit)?;
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        let next_cursor = match rows.last() {
            Some(last) if more => Some(encode_cursor(&key(last))?),
            _ => None,
        };
        let items = rows.into_iter().map(view).collect::<Result<Vec<T>>>()?;
        Ok(Page { items, next_cursor, total: u64::try_from(total)? })
    }
}
