//! What does a change after the permit require? Another time needs the police's consent, another place or content or a
//! larger fair a new permit, calling it off a written notice (大型群众性活动安全管理条例, article 15).

use chrono::NaiveDate;

use crate::fairs::filing::{Permit, PermitTerms, TimeConsent};
use crate::text_enum;

text_enum! {
    /// What was changed after a permit was granted.
    Changed {
        /// The beginning or the end.
        Time = "time",
        /// The venue.
        Place = "place",
        /// The kind of event.
        Content = "content",
        /// More visitors are expected.
        Size = "size",
    }
}

/// What a change after the permit still requires.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Required {
    /// Changes that the police must agree to and has not yet.
    pub consent: bool,
    /// Changes that need a permit applied for anew.
    pub renewal: Vec<Changed>,
    /// Whether the time was moved at all, with consent or without.
    pub moved: bool,
}

/// Compares a fair as it shall be with what its permit was granted for.
pub fn required(permit: &Permit, now: &PermitTerms) -> Required {
    let Some(granted) = &permit.terms else { return Required::default() };
    let mut renewal = Vec::new();
    if granted.venue != now.venue {
        renewal.push(Changed::Place);
    }
    if granted.kind != now.kind {
        renewal.push(Changed::Content);
    }
    if now.expected_visitors.is_some_and(|count| granted.expected_visitors.is_none_or(|before| count > before)) {
        renewal.push(Changed::Size);
    }
    let times = (now.starts_at, now.ends_at);
    let moved = (granted.starts_at, granted.ends_at) != times;
    let agreed = permit.time_consents.iter().any(|consent| (consent.starts_at, consent.ends_at) == times);
    Required { consent: moved && !agreed, renewal, moved }
}

/// Gives the day for which the permit stands: the latest beginning that was agreed to, else the one it was granted for.
pub fn permitted_start(permit: &Permit) -> Option<NaiveDate> {
    latest_start(permit, |_| true)
}

/// Gives the day before which a change had to be asked for: the one that stood before the fair was moved to where it is.
pub fn original_start(permit: &Permit, now: &PermitTerms) -> Option<NaiveDate> {
    latest_start(permit, |consent| (consent.starts_at, consent.ends_at) != (now.starts_at, now.ends_at))
}

fn latest_start(permit: &Permit, counts: impl Fn(&&TimeConsent) -> bool) -> Option<NaiveDate> {
    let agreed = permit.time_consents.iter().filter(counts).max_by_key(|consent| consent.consented_on);
    agreed.map(|consent| consent.starts_at.day()).or(permit.terms.as_ref().map(|terms| terms.starts_at.day()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::{Timestamp, VenueId};
    use crate::fairs::life::Kind;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn terms() -> PermitTerms {
        PermitTerms {
            kind: Kind::CampusFair,
            starts_at: at("2026-11-20T09:00:00+08:00"),
            ends_at: at("2026-11-20T11:00:00+08:00"),
            venue: VenueId::parse("00000000-0000-7000-8000-000000000001"),
            expected_visitors: Some(3_000),
        }
    }

    fn permit() -> Permit {
        let applied_on = "2026-10-20".parse().unwrap();
        Permit { number: "虚构公许1号".to_owned(), applied_on, terms: Some(terms()), time_consents: Vec::new() }
    }

    #[test]
    fn a_fair_as_permitted_needs_nothing() {
        assert_eq!(required(&permit(), &terms()), Required::default());
    }

    #[test]
    fn another_time_needs_consent_until_it_is_given_for_just_that_time() {
        let later =
            PermitTerms { starts_at: at("2026-11-27T09:00:00+08:00"), ends_at: at("2026-11-27T11:00:00+08:00"), ..terms() };
        let asked = required(&permit(), &later);
        assert_eq!(asked, Required { consent: true, renewal: Vec::new(), moved: true });
        let given = TimeConsent {
            starts_at: later.starts_at,
            ends_at: later.ends_at,
            consented_on: "2026-11-10".parse().unwrap(),
            reference: "虚构公函2号".to_owned(),
        };
        let agreed = Permit { time_consents: vec![given], ..permit() };
        assert_eq!(required(&agreed, &later), Required { moved: true, ..Required::default() });
        let longer = PermitTerms { ends_at: at("2026-11-27T17:00:00+08:00"), ..later.clone() };
        assert!(required(&agreed, &longer).consent);
        assert_eq!(original_start(&agreed, &longer), "2026-11-27".parse().ok());
        assert_eq!(original_start(&agreed, &later), "2026-11-20".parse().ok());
        assert_eq!(permitted_start(&agreed), "2026-11-27".parse().ok());
    }

    #[test]
    fn another_place_another_kind_and_more_people_need_a_new_permit_and_fewer_people_none() {
        let changed = PermitTerms { kind: Kind::SpecialisedFair, venue: None, expected_visitors: Some(3_001), ..terms() };
        assert_eq!(required(&permit(), &changed).renewal, [Changed::Place, Changed::Content, Changed::Size]);
        let fewer = PermitTerms { expected_visitors: Some(1_000), ..terms() };
        assert_eq!(required(&permit(), &fewer), Required::default());
    }
}
