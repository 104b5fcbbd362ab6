//! What is a held skill worth to an asked one? The relations of the taxonomy with their credits, found once for each held skill,
//! and beside them, where it is switched on, what was learnt from the vacancies.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::lexicon::Lexicon;
use crate::matching::affinity::Affinity;

/// The number of what nobody can have: skills that the taxonomy does not know.
pub const STRANGE: u16 = 0;

/// The skills of the taxonomy by number, and what each speaks for.
pub struct Relations {
    by_id: HashMap<String, u16>,
    /// For each held skill the asked ones, ascending, that it is worth something to; found when wanted.
    earns: HashMap<String, OnceLock<Vec<(u16, f64)>>>,
    /// What was learnt, and what it counts at most.
    learnt: OnceLock<(Affinity, f64)>,
}

impl Relations {
    /// Numbers the skills of the taxonomy.
    pub fn of(lexicon: &Lexicon) -> Relations {
        let by_id: HashMap<String, u16> = lexicon.skills.iter().map(|skill| skill.id.clone()).zip(STRANGE + 1..).collect();
        let earns = by_id.keys().map(|held| (held.clone(), OnceLock::new())).collect();
        Relations { by_id, earns, learnt: OnceLock::new() }
    }

    /// Adds what was learnt, once and before anything was asked.
    pub fn learn(&self, affinity: impl FnOnce() -> Affinity, most: f64) {
        self.learnt.get_or_init(|| (affinity(), most));
    }

    /// Counts the skills.
    pub fn count(&self) -> usize {
        self.by_id.len()
    }

    /// Gives the number of a skill.
    pub fn number(&self, id: &str) -> u16 {
        self.by_id.get(id).copied().unwrap_or(STRANGE)
    }

    /// Gives the asked skills, ascending, that a held one is worth something to, each with its worth, 0 to 1.
    pub fn earns(&self, lexicon: &Lexicon, held: &str) -> &[(u16, f64)] {
        let find = || {
            let all = self.by_id.iter().map(|(asked, number)| (*number, self.worth(lexicon, asked, held)));
            let mut earned: Vec<(u16, f64)> = all.filter(|(_, worth)| *worth > 0.0).collect();
            earned.sort_by_key(|(number, _)| *number);
            earned
        };
        self.earns.get(held).map_or(&[], |known| known.get_or_init(find))
    }

    /// Gives what a held skill is worth to an asked one, 0 to 1.
    pub fn credit(&self, lexicon: &Lexicon, asked: &str, held: &str) -> f64 {
        let Some(asked) = self.by_id.get(asked) else { return 0.0 };
        let earned = self.earns(lexicon, held);
        let at = earned.binary_search_by_key(asked, |(number, _)| *number).ok();
        at.and_then(|at| earned.get(at)).map_or(0.0, |(_, worth)| *worth)
    }

    fn worth(&self, lexicon: &Lexicon, asked: &str, held: &str) -> f64 {
        let known = lexicon.skills.credit(lexicon.skills.relation(asked, held));
        let learnt = self.learnt.get().map_or(0.0, |(affinity, most)| affinity.of(asked, held) * most);
        known.max(learnt)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_relation_is_worth_what_the_taxonomy_says_and_what_was_learnt_only_where_it_is_switched_on() {
        let lexicon = Lexicon::shared().unwrap();
        let (plain, learning) = (Relations::of(&lexicon), Relations::of(&lexicon));
        let credit = |asked: &str, held: &str| lexicon.skills.credit(lexicon.skills.relation(asked, held));
        let some: Vec<&str> = lexicon.skills.iter().map(|skill| skill.id.as_str()).step_by(9).collect();
        for asked in &some {
            assert!(some.iter().all(|held| plain.credit(&lexicon, asked, held) == credit(asked, held)));
        }
        assert_eq!((plain.credit(&lexicon, "unheard-of", "m-3d"), plain.credit(&lexicon, "m-3d", "unheard-of")), (0.0, 0.0));
        assert_eq!(credit("m-gendan", "m-waimao"), 0.0, "the taxonomy says nothing of these two");
        let both = BTreeSet::from(["m-gendan", "m-waimao"]);
        let vacancies = vec![both; 30].into_iter().chain(vec![BTreeSet::from(["m-3d"]); 70]);
        learning.learn(|| Affinity::learn(vacancies, &lexicon), 0.5);
        let learnt = learning.credit(&lexicon, "m-gendan", "m-waimao");
        assert!(learnt > 0.2 && learnt <= 0.5, "{learnt}");
        assert_eq!(learning.credit(&lexicon, "m-gendan", "m-gendan"), 1.0);
    }
}
