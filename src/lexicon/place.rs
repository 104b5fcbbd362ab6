//! Where is it? Codes of administrative divisions (GB/T 2260).

/// The code of an administrative division: six digits, two each for province, city and district.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AreaCode(String);

impl AreaCode {
    /// Reads six digits; anything else is no code.
    pub fn parse(text: &str) -> Option<AreaCode> {
        (text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit())).then(|| AreaCode(text.to_owned()))
    }

    /// Gives the six digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Gives the code of the city that this area is in, or is.
    pub fn city(&self) -> AreaCode {
        let prefix: String = self.0.chars().take(4).collect();
        AreaCode(format!("{prefix}00"))
    }

    /// Tells whether the area lies in the part of the country with this prefix.
    pub fn is_in(&self, prefix: &str) -> bool {
        self.0.starts_with(prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_district_lies_in_its_city() {
        let district = AreaCode::parse("370703").unwrap();
        assert_eq!(district.city().as_str(), "370700");
        assert!(district.is_in("37") && !district.is_in("3703"));
        assert_eq!(AreaCode::parse("3707"), None);
        assert_eq!(AreaCode::parse("37070x"), None);
    }
}
