//! Which vacancies are there to match? The live ones, in memory, following the events of the database.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rayon::prelude::*;

use crate::db::Db;
use crate::db::types::VacancyId;
use crate::error::Result;
use crate::graduates::Profile;
use crate::http::Line;
use crate::lexicon::{AreaCode, Education, Lexicon};
use crate::matching::fold::{Folded, Live, Means, Numbers};
use crate::matching::score::{Facts, Scored, Weights, score};
use crate::vacancies::{self, Status, VacancyRow};

/// How many events one step follows.
const STEP_EVENTS: i64 = 5_000;
/// How many placements may be under way or waiting.
const PLACEMENTS_MAX: usize = 16;
/// After how many seconds whoever was turned away may come again.
const PLACEMENTS_RETRY_S: u32 = 5;

/// The live vacancies.
pub struct Pool {
    lexicon: Arc<Lexicon>,
    /// The weights.
    pub weights: Weights,
    numbers: Numbers,
    state: RwLock<State>,
    /// The line in front of placements, each of which takes all cores.
    pub placements: Line,
    /// As folded last.
    folded: Mutex<Option<Arc<Folded>>>,
}

#[derive(Default)]
struct State {
    seq: i64,
    facts: Arc<Live>,
    /// What has changed since it was folded; none before the first time.
    changed: Option<BTreeSet<VacancyId>>,
}

impl State {
    fn take(&mut self, changes: Vec<(VacancyId, Option<Facts>)>) {
        if let Some(changed) = &mut self.changed {
            changed.extend(changes.iter().map(|(id, _)| id.clone()));
        }
        let live = Arc::make_mut(&mut self.facts);
        for (id, facts) in changes {
            match facts {
                Some(facts) => live.insert(id, Arc::new(facts)),
                None => live.remove(&id),
            };
        }
    }
}

impl Pool {
    /// Makes an empty pool that will follow from the first event.
    pub fn new(lexicon: Arc<Lexicon>) -> Result<Pool> {
        let numbers = Numbers::of(&lexicon);
        let placements = Line::new(1, PLACEMENTS_MAX, PLACEMENTS_RETRY_S);
        let (weights, state, folded) = (Weights::load()?, RwLock::default(), Mutex::default());
        Ok(Pool { lexicon, weights, numbers, state, placements, folded })
    }

    /// Gives the word lists that the pool reads with.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Follows the events until there are no more.
    pub async fn catch_up(&self, db: &Db) -> Result<()> {
        loop {
            let from = self.state.read().unwrap_or_else(PoisonError::into_inner).seq;
            let changed = db
                .read(move |conn| {
                    let changes = vacancies::changes_after(conn, from, STEP_EVENTS)?;
                    let last = changes.last().map(|change| change.seq);
                    let ids: HashSet<VacancyId> = changes.into_iter().map(|change| change.vacancy_id).collect();
                    let ids: Vec<VacancyId> = ids.into_iter().collect();
                    Ok((last, vacancies::load_many(conn, &ids)?))
                })
                .await?;
            let (Some(last), rows) = changed else { return Ok(()) };
            let facts =
                rows.into_par_iter().map(|row| facts_of(&row).map(|facts| (row.id, facts))).collect::<Result<Vec<_>>>()?;
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            state.take(facts);
            state.seq = last;
        }
    }

    fn means(&self) -> Means<'_> {
        Means { lexicon: &self.lexicon, weights: &self.weights, numbers: &self.numbers }
    }

    /// Gives the vacancies as the kernel has them, brought up to the event that the pool has followed to.
    pub fn folded(&self) -> Arc<Folded> {
        let mut kept = self.folded.lock().unwrap_or_else(PoisonError::into_inner);
        let (live, changed, seq) = {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            (state.facts.clone(), state.changed.replace(BTreeSet::new()).unwrap_or_default(), state.seq)
        };
        let next = match kept.take() {
            Some(before) if before.seq == seq => before,
            Some(before) => Arc::new(before.follow(self.means(), live, &changed, seq)),
            None => Arc::new(Folded::new(self.means(), live, seq)),
        };
        kept.insert(next).clone()
    }

    /// Gives the best k vacancies of each profile, as [`Pool::rank`] would, for many at once.
    pub fn best(&self, folded: &Folded, profiles: &[Profile], k: usize) -> Vec<Vec<VacancyId>> {
        folded.best(self.means(), profiles, k).into_iter().map(|hits| hits.into_iter().map(|(id, _)| id).collect()).collect()
    }

    /// Scores a vacancy for a profile as it was when it was folded.
    pub fn fit(&self, folded: &Folded, profile: &Profile, id: &VacancyId) -> Option<Scored> {
        score(profile, folded.live.get(id)?, &self.weights, &self.lexicon)
    }

    /// Ranks the vacancies for a profile: score down, id up; the first `limit`, and how many match at all.
    pub fn rank(&self, profile: &Profile, limit: usize) -> (Vec<(VacancyId, Scored)>, usize) {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let mut ranked: Vec<(VacancyId, Scored)> = state
            .facts
            .par_iter()
            .filter_map(|(id, facts)| score(profile, facts, &self.weights, &self.lexicon).map(|scored| (id.clone(), scored)))
            .collect();
        let total = ranked.len();
        ranked.sort_by(|(a, x), (b, y)| y.points.cmp(&x.points).then_with(|| a.cmp(b)));
        ranked.truncate(limit);
        (ranked, total)
    }

    /// Scores profiles for one live vacancy: score down, key up; the first `limit`, and how many match at all.
    pub fn rank_for<K: Ord + Clone>(&self, facts: &Facts, profiles: &[(K, Profile)], limit: usize) -> (Vec<(K, Scored)>, usize) {
        let fits = |(key, profile): &(K, Profile)| {
            score(profile, facts, &self.weights, &self.lexicon).map(|scored| (key.clone(), scored))
        };
        let mut ranked: Vec<(K, Scored)> = profiles.iter().filter_map(fits).collect();
        let total = ranked.len();
        ranked.sort_by(|(a, x), (b, y)| y.points.cmp(&x.points).then_with(|| a.cmp(b)));
        ranked.truncate(limit);
        (ranked, total)
    }

    /// Gives the live vacancies in an order that looks at nobody: the newest first, and how many there are.
    pub fn newest(&self, limit: usize) -> (Vec<(VacancyId, Scored)>, usize) {
        let (nobody, state) = (Profile::default(), self.state.read().unwrap_or_else(PoisonError::into_inner));
        let newest = state.facts.iter().rev();
        let shown = newest.filter_map(|(id, facts)| Some((id.clone(), score(&nobody, facts, &self.weights, &self.lexicon)?)));
        (shown.take(limit).collect(), state.facts.len())
    }
}

/// Reads what matching looks at; none for a vacancy that is not live.
pub fn facts_of(row: &VacancyRow) -> Result<Option<Facts>> {
    if row.status != Status::Live {
        return Ok(None);
    }
    let content = row.content()?;
    let skills = content.skills.into_iter().map(|need| (need.id, need.name, need.need == "essential")).collect();
    Ok(Some(Facts {
        skills,
        city: content.place.as_ref().and_then(|place| AreaCode::parse(&place.city)),
        education: content.education.min.as_deref().and_then(Education::parse),
        min_months: content.experience.min_months,
        salary_max: content.salary.max.or(content.salary.min),
    }))
}
