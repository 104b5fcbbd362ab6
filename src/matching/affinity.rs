//! Which skills are asked for together? Learnt from the vacancies themselves, as a relation beside the taxonomy; left out while
//! its weight is 0, which it is. On postings that it had not seen (`cargo bench --bench relatedness`) it finds a hidden skill
//! better than how common skills are (mean inverse rank 0.547 to 0.459), but beside the taxonomy, where it would count, it
//! lifts that from 0.051 to 0.115 only; and that a vacancy asks for two skills does not say that one stands in for the other.
//! The postings were of offices and trade, hardly one of a craft.
//!
//! `affinity = npmi × n / (n + 20)`, 0 to 1, where `n` vacancies ask for both and `npmi` is their pointwise mutual information
//! over `−ln(n / all)` (Bouma 2009), 0 where it is negative; the second factor shrinks what few vacancies say. Skills that must
//! not be merged have none.

use std::collections::{BTreeSet, HashMap};

use crate::lexicon::Lexicon;

/// How many vacancies make half of a relation believed.
const SHRINKAGE: f64 = 20.0;

/// How often skills are asked for, alone and together.
#[derive(Debug, Clone, Default)]
pub struct Affinity {
    all: f64,
    alone: HashMap<String, f64>,
    together: HashMap<(String, String), f64>,
}

impl Affinity {
    /// Learns from what vacancies ask for, by the ids of skills.
    pub fn learn<'v>(vacancies: impl IntoIterator<Item = BTreeSet<&'v str>>, lexicon: &Lexicon) -> Affinity {
        let mut learnt = Affinity::default();
        for asked in vacancies.into_iter().filter(|asked| !asked.is_empty()) {
            learnt.all += 1.0;
            for one in &asked {
                *learnt.alone.entry((*one).to_owned()).or_default() += 1.0;
                for other in asked.iter().filter(|other| *other < one && !lexicon.skills.confusable(one, other)) {
                    *learnt.together.entry(((*other).to_owned(), (*one).to_owned())).or_default() += 1.0;
                }
            }
        }
        learnt
    }

    /// How near two skills are, 0 to 1; the same both ways.
    pub fn of(&self, one: &str, other: &str) -> f64 {
        let pair = if one < other { (one, other) } else { (other, one) };
        let Some(both) = self.together.get(&(pair.0.to_owned(), pair.1.to_owned())) else { return 0.0 };
        let often = |id: &str| self.alone.get(id).copied().unwrap_or(1.0);
        let information = (both * self.all / (often(one) * often(other))).ln();
        let most = -(both / self.all).ln();
        match information > 0.0 && most > 0.0 {
            true => (information / most).min(1.0) * both / (both + SHRINKAGE),
            false => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_together_is_near_and_confusable_crafts_never_are() {
        let lexicon = Lexicon::shared().unwrap();
        let set = |ids: &[&'static str]| ids.iter().copied().collect::<BTreeSet<&str>>();
        let mut vacancies = vec![set(&["m-3d", "m-3dp"]); 40];
        vacancies.extend(vec![set(&["m-3d", "m-kefu"]); 1]);
        vacancies.extend(vec![set(&["m-kefu"]); 59]);
        let learnt = Affinity::learn(vacancies, &lexicon);
        let near = learnt.of("m-3d", "m-3dp");
        assert!(near > 0.6 && near <= 1.0 && near == learnt.of("m-3dp", "m-3d"), "{near}");
        assert_eq!((learnt.of("m-3d", "m-kefu"), learnt.of("m-3dp", "m-kefu"), learnt.of("m-3d", "unheard-of")), (0.0, 0.0, 0.0));
        let skills = || lexicon.skills.iter();
        let (one, other) =
            skills().find_map(|one| Some((one, skills().find(|other| lexicon.skills.confusable(&one.id, &other.id))?))).unwrap();
        let learnt = Affinity::learn(
            vec![set(&[]); 50].into_iter().chain(vec![BTreeSet::from([one.id.as_str(), other.id.as_str()]); 50]),
            &lexicon,
        );
        assert_eq!(learnt.of(&one.id, &other.id), 0.0);
    }
}
