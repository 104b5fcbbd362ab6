//! Is this number of an employer well formed?
//!
//! The unified social credit code of GB 32100-2015 with both check characters: its own
//! (modulo 31) and that of the organisation code inside (GB 11714, modulo 11). The area digits
//! are not compared with anything: they may name an abolished area.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::fold::key;
use super::place::AreaCode;

const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
const USCC_CHARS: usize = 18;
const OLD_REGISTRATION_DIGITS: usize = 15;
const ORGANISATION_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A verified unified social credit code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uscc(String);

/// Why a text is not a unified social credit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Nothing was given.
    #[error("credit code is empty")]
    Empty,
    /// The length is not 18.
    #[error("credit code has {0} characters instead of 18")]
    Length(usize),
    /// A character that the standard leaves out (I, O, S, V, Z) or a foreign one.
    #[error("character {0} does not occur in credit codes")]
    Character(char),
    /// The area digits are not digits.
    #[error("characters 3 to 8 of the credit code are not an area code")]
    Area,
    /// The last character is not the check character.
    #[error("check character of the credit code is {found} instead of {expected}")]
    Check {
        /// What the standard asks for.
        expected: char,
        /// What the text has.
        found: char,
    },
    /// The organisation code inside fails its own check.
    #[error("check character of the organisation code is wrong")]
    OrganisationCheck,
}

impl Uscc {
    /// Reads a code; spaces, width and case do not matter.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let code = key(text).to_ascii_uppercase();
        let length = code.chars().count();
        if length == 0 {
            return Err(UsccError::Empty);
        }
        if length != USCC_CHARS {
            return Err(UsccError::Length(length));
        }
        if let Some(foreign) = code.chars().find(|c| value(*c).is_none()) {
            return Err(UsccError::Character(foreign));
        }
        let (body, found) = code.split_at(USCC_CHARS - 1);
        if body.get(2..8).and_then(AreaCode::parse).is_none() {
            return Err(UsccError::Area);
        }
        let expected = check_character(body).unwrap_or('?');
        let found = found.chars().next().unwrap_or('?');
        if expected != found {
            return Err(UsccError::Check { expected, found });
        }
        if !is_organisation_code(body.get(8..).unwrap_or_default()) {
            return Err(UsccError::OrganisationCheck);
        }
        Ok(Self(code))
    }

    /// Returns the 18 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the area of the first registration, which may be abolished by now.
    pub fn area(&self) -> Option<AreaCode> {
        AreaCode::parse(self.0.get(2..8)?)
    }

    /// Returns the two characters that tell the registering department and kind (`91` company).
    pub fn kind(&self) -> &str {
        self.0.get(..2).unwrap_or_default()
    }
}

/// Returns the check character for the first 17 characters (GB 32100-2015, modulo 31).
pub fn check_character(body: &str) -> Option<char> {
    let mut sum = 0;
    let mut weight = 1;
    for character in body.chars() {
        sum = (sum + value(character)? * weight) % 31;
        weight = weight * 3 % 31;
    }
    let check = usize::try_from((31 - sum) % 31).ok()?;
    ALPHABET.get(check).copied().map(char::from)
}

/// Returns the check character for the first 8 characters of an organisation code (GB 11714).
pub fn organisation_check_character(body: &str) -> Option<char> {
    let mut sum = 0;
    for (character, weight) in body.chars().zip(ORGANISATION_WEIGHTS) {
        sum += character.to_digit(36)? * weight;
    }
    match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    }
}

fn is_organisation_code(code: &str) -> bool {
    let mut characters = code.chars();
    let check = characters.next_back();
    code.is_ascii() && code.len() == 9 && check == organisation_check_character(characters.as_str())
}

fn value(character: char) -> Option<u32> {
    let position = ALPHABET.iter().position(|known| char::from(*known) == character)?;
    u32::try_from(position).ok()
}

impl fmt::Display for Uscc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Uscc {
    type Err = UsccError;

    fn from_str(text: &str) -> Result<Self, UsccError> {
        Self::parse(text)
    }
}

impl Serialize for Uscc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Uscc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// A number by which a source names an employer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmployerNumber {
    /// A verified credit code.
    Uscc(Uscc),
    /// A registration number of 15 digits from before the credit code.
    OldRegistration(String),
    /// An organisation code of nine characters (GB 11714).
    Organisation(String),
}

impl EmployerNumber {
    /// Reads whichever of the three a text is; the error is that of the credit code.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let code = key(text).to_ascii_uppercase();
        let digits = code.bytes().all(|byte| byte.is_ascii_digit());
        if digits && code.len() == OLD_REGISTRATION_DIGITS {
            return Ok(Self::OldRegistration(code));
        }
        let plain = code.replace('-', "");
        if is_organisation_code(&plain) {
            return Ok(Self::Organisation(plain));
        }
        Uscc::parse(&code).map(Self::Uscc)
    }
}
