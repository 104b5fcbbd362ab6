//! How does one list or feed speak? By JSON Pointers (RFC 6901), kept in the row of its source.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How the rows of a list API or a change feed are found and read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Where the list stands in an answer.
    #[serde(default = "rows")]
    pub rows: String,
    /// Where an answer says how many rows there are in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// The name of the page parameter.
    #[serde(default = "page_name")]
    pub page_param: String,
    /// The name of the size parameter.
    #[serde(default = "size_name")]
    pub size_param: String,
    /// How many rows a page has.
    #[serde(default = "page_size")]
    pub size: u32,
    /// The name of the parameter that asks for what changed since an instant, where the list knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_param: Option<String>,
    /// Where a page of a change feed names the next one.
    #[serde(default = "next_url")]
    pub next: String,
    /// Where each thing stands in a row: `reference`, `title`, `employer`, `uscc`, `place`, `salary`, `op`, ….
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

impl Default for Mapping {
    fn default() -> Mapping {
        Mapping {
            rows: rows(),
            total: None,
            page_param: page_name(),
            size_param: size_name(),
            size: page_size(),
            since_param: None,
            next: next_url(),
            fields: BTreeMap::new(),
        }
    }
}

fn rows() -> String {
    "/items".to_owned()
}

fn page_name() -> String {
    "page".to_owned()
}

fn size_name() -> String {
    "size".to_owned()
}

const fn page_size() -> u32 {
    50
}

fn next_url() -> String {
    "/next_url".to_owned()
}
