//! How is a closed list of words written on the wire and read back?

/// Gives an enum its wire words: `ALL`, `as_str` and `parse`, in declaration order.
macro_rules! words {
    ($type:ident { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the word used on the wire and in the database.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Reads the word used on the wire.
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use words;

use serde::{Deserialize, Serialize};

/// How far a fact in the data files has been checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Checked against the official text.
    Verified,
    /// Read in a public source and cross-checked, or firmly known.
    High,
    /// Known or derived, with small errors possible.
    Approximate,
    /// Not established; never to be shown as a fact.
    Unverified,
}

words!(Confidence {
    Verified => "verified",
    High => "high",
    Approximate => "approximate",
    Unverified => "unverified",
});

/// How sure a reading of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Nothing could be read.
    Unknown,
    /// Read with an assumption.
    Likely,
    /// The text says so.
    Certain,
}

words!(Certainty { Unknown => "unknown", Likely => "likely", Certain => "certain" });
