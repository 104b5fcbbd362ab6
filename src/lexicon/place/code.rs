//! What does an area code of GB/T 2260 say by itself?

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::word::words;

/// A six-digit code of GB/T 2260.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode([u8; 6]);

impl AreaCode {
    /// Reads six digits; whether such an area exists is the question of [`super::Places`].
    pub fn parse(text: &str) -> Option<Self> {
        let digits: [u8; 6] = text.as_bytes().try_into().ok()?;
        digits.iter().all(u8::is_ascii_digit).then_some(Self(digits))
    }

    /// Returns the six digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Returns the code of the prefecture; counties run by the province are their own.
    pub fn city(&self) -> Self {
        let [a, b, c, d, _, _] = self.0;
        if [c, d] == *b"90" {
            return *self;
        }
        Self([a, b, c, d, b'0', b'0'])
    }

    /// Returns the two digits of the province.
    pub fn province(&self) -> &str {
        self.as_str().get(..2).unwrap_or_default()
    }

    /// Tells whether the area lies in the part of the country that a prefix names.
    pub fn is_in(&self, prefix: &str) -> bool {
        self.as_str().starts_with(prefix)
    }

    /// Returns the digits that every area inside this one starts with.
    pub fn prefix(&self) -> &str {
        let code = self.as_str();
        let pairs = code.get(..4).unwrap_or_default();
        match (pairs.strip_suffix("00"), code.strip_suffix("00")) {
            (Some(province), Some(_)) => province,
            (_, Some(city)) => city,
            _ => code,
        }
    }
}

impl fmt::Display for AreaCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A text is not six digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an area code of six digits: {0}")]
pub struct NotAnAreaCode(String);

impl FromStr for AreaCode {
    type Err = NotAnAreaCode;

    fn from_str(text: &str) -> Result<Self, NotAnAreaCode> {
        Self::parse(text).ok_or_else(|| NotAnAreaCode(text.to_owned()))
    }
}

impl Serialize for AreaCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AreaCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The rank of an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AreaLevel {
    /// Province, autonomous region, municipality or special region.
    Province,
    /// Prefecture level, and counties run directly by a province.
    City,
    /// County level.
    District,
    /// A development zone that feeds code like a county; not part of GB/T 2260.
    Zone,
}

words!(AreaLevel {
    Province => "province",
    City => "city",
    District => "district",
    Zone => "zone",
});
