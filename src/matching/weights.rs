//! What weighs how much in a score? The versioned data of `index/matching_weights.json`, checked when loaded.

use chrono::NaiveDate;
use serde::Deserialize;

use crate::error::{Error, Result};
use crate::lexicon::{Lexicon, SkillGrade};
use crate::matching::demand::{Asked, Facts};
use crate::matching::relations::Relations;

const WEIGHTS: &str = include_str!("../../index/matching_weights.json");
/// The shares of a score sum to so many parts.
pub const PARTS: u32 = 128;

/// An occupation that a law lets nobody enter without experience.
#[derive(Debug, Clone, Deserialize)]
pub struct ByLaw {
    /// The first digits of its code.
    pub occupation: String,
}

/// The weights, versioned data of `index/`.
#[derive(Debug, Clone, Deserialize)]
pub struct Weights {
    /// The version, served with each match.
    pub version: String,
    /// The share of skills and certificates, in 1/128.
    pub skills: u8,
    /// The share of the education, in 1/128.
    pub education: u8,
    /// The share of the experience, in 1/128.
    pub experience: u8,
    /// The share of the pay, in 1/128.
    pub salary: u8,
    /// The share of the freshness, in 1/128.
    pub freshness: u8,
    /// What an essential skill weighs beside an optional one.
    pub essential: u8,
    /// What an optional skill weighs beside an essential one.
    pub optional: u8,
    /// What a certificate weighs beside the skills; as much as an optional skill where it is only welcome.
    pub certificate: u8,
    /// How sure a skill is that only the major suggests.
    pub inferred_skill: f64,
    /// What a skill of a grade that nobody states counts where a grade is asked for.
    pub grade_unstated: f64,
    /// What a grade counts that lies one below the asked one, two below, …
    pub grade_below: Vec<f64>,
    /// What a certificate of another occupation of the same small class counts.
    pub kindred_occupation: f64,
    /// Up to how many days after it went live a vacancy earns which credit for freshness; none after the last.
    pub fresh_days: Vec<(i64, u8)>,
    /// How many days after graduation somebody is still fresh from school (择业期).
    pub fresh_from_school_days: i64,
    /// The fit of a wished city, in 1/250.
    pub same_city: u8,
    /// The fit of a neighbouring city whose distance is not known, in 1/250.
    pub neighbour_city: u8,
    /// The least fit of any city for those who would move, in 1/250.
    pub far_city: u8,
    /// At which distance the fit of a city is half of that of a wished one, in kilometres.
    pub half_km: u16,
    /// What a relation that was learnt from the vacancies counts at most, 0 to 1; 0 leaves it out.
    pub affinity: f64,
    /// Where nobody may begin without experience.
    pub experience_by_law: Vec<ByLaw>,
}

/// What a score is measured by.
#[derive(Clone, Copy)]
pub struct Scale<'a> {
    /// The weights.
    pub weights: &'a Weights,
    /// The word lists.
    pub lexicon: &'a Lexicon,
    /// What skills are worth to each other.
    pub relations: &'a Relations,
    /// The day on which it is asked.
    pub day: NaiveDate,
}

impl Weights {
    /// Loads the weights.
    pub fn load() -> Result<Weights> {
        let weights: Weights =
            serde_json::from_str(WEIGHTS).map_err(|cause| Error::internal(format!("matching weights: {cause}")))?;
        let Weights { skills, education, experience, salary, freshness, .. } = weights;
        match [skills, education, experience, salary, freshness].into_iter().map(u32::from).sum() {
            PARTS => Ok(weights),
            sum => Err(Error::internal(format!("matching weights: the shares sum to {sum} and not to {PARTS}"))),
        }
    }

    /// Splits the share of the skills over those asked for and the certificate: their weights sum to it, if there are any. The
    /// largest remainders round up, the first named first; the certificate stands last. Where it stands alone, an essential
    /// skill that nobody names stands before it.
    pub fn split(&self, facts: &Facts) -> Vec<u8> {
        let weigh = |essential: bool, full: u8| u32::from(if essential { full } else { self.optional });
        let skills = facts.skills.iter().map(|asked: &Asked| weigh(asked.essential, self.essential));
        let certificate = facts.certificate.iter().map(|asked| weigh(asked.essential, self.certificate.max(self.optional)));
        let unnamed = (facts.skills.is_empty() && facts.certificate.is_some()).then_some(u32::from(self.essential));
        let wanted: Vec<u32> = unnamed.into_iter().chain(skills).chain(certificate).collect();
        let (sum, share) = (wanted.iter().sum::<u32>().max(1), u32::from(self.skills));
        let mut parts: Vec<u32> = wanted.iter().map(|weight| share * weight / sum).collect();
        let left = share - parts.iter().sum::<u32>().min(share);
        let mut order: Vec<(u32, usize)> = wanted.iter().enumerate().map(|(at, weight)| (share * weight % sum, at)).collect();
        order.sort_by_key(|(remainder, at)| (std::cmp::Reverse(*remainder), *at));
        for (_, at) in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
            parts.get_mut(at).into_iter().for_each(|parts| *parts += 1);
        }
        parts.into_iter().map(|parts| u8::try_from(parts).unwrap_or(u8::MAX)).collect()
    }

    /// A share as a number from 0 to 1.
    pub fn share(&self, parts: u8) -> f64 {
        f64::from(parts) / f64::from(PARTS)
    }

    /// What a held grade counts where one is asked for: at least, and at most where the held one is not stated.
    pub fn grade_share(&self, asked: Option<SkillGrade>, held: Option<SkillGrade>) -> (f64, f64) {
        let (Some(asked), Some(held)) = (asked, held) else {
            return if asked.is_some() { (self.grade_unstated, 1.0) } else { (1.0, 1.0) };
        };
        let below = usize::from(held.number().saturating_sub(asked.number()));
        let share = below.checked_sub(1).map_or(1.0, |at| self.grade_below.get(at).copied().unwrap_or(0.0));
        (share, share)
    }

    /// The credit of a vacancy that went live so many days ago, 0 to 200.
    pub fn freshness_credit(&self, days: i64) -> u8 {
        self.fresh_days.iter().find(|(most, _)| days <= *most).map_or(0, |(_, credit)| *credit)
    }

    /// Whether a law lets nobody enter an occupation without experience.
    pub fn is_barred(&self, occupation: Option<&str>) -> bool {
        occupation.is_some_and(|code| self.experience_by_law.iter().any(|barred| code.starts_with(&barred.occupation)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::demand::CertificateAsked;

    fn asked(essential: &[bool]) -> Facts {
        let skill = |essential: &bool| Asked { essential: *essential, ..Asked::default() };
        Facts { skills: essential.iter().map(skill).collect(), ..Facts::default() }
    }

    #[test]
    fn the_share_of_the_skills_is_split_without_rest() {
        let weights = Weights::load().unwrap();
        assert_eq!(weights.split(&asked(&[true, false, true])), [32, 13, 31]);
        let grade = SkillGrade::parse(3).unwrap();
        let certificate = Some(CertificateAsked { occupation: None, grade, essential: true });
        assert_eq!(weights.split(&Facts { certificate: certificate.clone(), ..asked(&[true]) }), [42, 34]);
        for count in 1..90 {
            let mixed: Vec<bool> = (0..count).map(|at| at % 3 == 0).collect();
            let facts = Facts { certificate: certificate.clone().filter(|_| count % 2 == 0), ..asked(&mixed) };
            assert_eq!(weights.split(&facts).into_iter().map(u32::from).sum::<u32>(), u32::from(weights.skills));
        }
        assert!(weights.split(&asked(&[])).is_empty());
        assert_eq!(weights.split(&Facts { certificate, ..asked(&[]) }), [42, 34]);
    }

    #[test]
    fn a_grade_counts_in_full_from_the_asked_one_upwards_and_less_below() {
        let (weights, grade) = (Weights::load().unwrap(), |number| SkillGrade::parse(number).ok());
        let share = |asked, held| weights.grade_share(asked, held);
        assert_eq!(share(grade(3), grade(3)), (1.0, 1.0));
        assert_eq!(share(grade(3), grade(1)), (1.0, 1.0));
        assert_eq!(share(grade(3), grade(4)), (0.7, 0.7));
        assert_eq!(share(grade(1), grade(5)), (0.0, 0.0));
        assert_eq!(share(grade(3), None), (0.7, 1.0));
        assert_eq!(share(None, None), (1.0, 1.0));
    }

    #[test]
    fn freshness_fades_in_steps() {
        let weights = Weights::load().unwrap();
        let credits: Vec<u8> = [0, 7, 8, 30, 31, 90, 91].into_iter().map(|days| weights.freshness_credit(days)).collect();
        assert_eq!(credits, [200, 200, 150, 150, 75, 75, 0]);
        assert!(credits.is_sorted_by(|a, b| a >= b));
    }
}
