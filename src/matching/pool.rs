//! Which vacancies are there to match? The live ones, in memory, following the events of the database.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::NaiveDate;
use rayon::prelude::*;

use crate::db::Db;
use crate::db::types::{Timestamp, VacancyId};
use crate::error::Result;
use crate::graduates::{GraduateRow, Profile, ProfileBody};
use crate::http::Line;
use crate::lexicon::Lexicon;
use crate::matching::affinity::Affinity;
use crate::matching::demand::Facts;
use crate::matching::fold::{Folded, Live, Means, Numbers};
use crate::matching::relations::Relations;
use crate::matching::score::{Scored, score};
use crate::matching::weights::{Scale, Weights};
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
    relations: Relations,
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
        let (numbers, relations) = (Numbers::new(), Relations::of(&lexicon));
        let placements = Line::new(1, PLACEMENTS_MAX, PLACEMENTS_RETRY_S);
        let (weights, state, folded) = (Weights::load()?, RwLock::default(), Mutex::default());
        Ok(Pool { lexicon, weights, numbers, relations, state, placements, folded })
    }

    /// Gives the word lists that the pool reads with.
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Learns which skills are asked for together, once, from the vacancies that are live when the service begins; where that is
    /// switched off, not at all.
    fn learn(&self) {
        if self.weights.affinity > 0.0 {
            let live = self.state.read().unwrap_or_else(PoisonError::into_inner).facts.clone();
            if live.is_empty() {
                return;
            }
            let asked = live.values().map(|facts| facts.skills.iter().map(|asked| asked.id.as_str()).collect());
            self.relations.learn(|| Affinity::learn(asked, &self.lexicon), self.weights.affinity);
        }
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
            let (Some(last), rows) = changed else {
                self.learn();
                return Ok(());
            };
            // One vacancy that cannot be read is not matched; the others are.
            let read = |row: VacancyRow| {
                let facts = facts_of(&row, &self.lexicon).unwrap_or_else(|cause| {
                    tracing::error!("the vacancy {} cannot be read: {cause}", row.id);
                    None
                });
                (row.id, facts)
            };
            let facts = rows.into_par_iter().map(read).collect();
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            state.take(facts);
            state.seq = last;
        }
    }

    /// Reads the profile of a graduate; one that cannot be read any more is named in the log and left out.
    pub fn read(&self, row: &GraduateRow, region: &str) -> Option<(ProfileBody, Profile)> {
        let parsed = row.profile().and_then(|body| {
            let profile = Profile::parse(&body, &self.lexicon, region, self.weights.inferred_skill)?;
            Ok((body, profile))
        });
        parsed.inspect_err(|cause| tracing::warn!("the profile of graduate {} cannot be read: {cause}", row.id)).ok()
    }

    /// Gives what a score is measured by on a day.
    pub fn scale(&self, day: NaiveDate) -> Scale<'_> {
        Scale { weights: &self.weights, lexicon: &self.lexicon, relations: &self.relations, day }
    }

    fn means(&self, day: NaiveDate) -> Means<'_> {
        Means { scale: self.scale(day), numbers: &self.numbers }
    }

    /// Gives the vacancies as the kernel has them on a day, brought up to the event that the pool has followed to.
    pub fn folded(&self, day: NaiveDate) -> Arc<Folded> {
        let mut kept = self.folded.lock().unwrap_or_else(PoisonError::into_inner);
        let (live, changed, seq) = {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            (state.facts.clone(), state.changed.replace(BTreeSet::new()).unwrap_or_default(), state.seq)
        };
        let next = match kept.take() {
            Some(before) if before.seq == seq && before.day == day => before,
            // Where nobody else holds it, it is brought up in place.
            Some(before) => Arc::new(Arc::unwrap_or_clone(before).follow(self.means(day), &live, &changed, seq)),
            None => Arc::new(Folded::new(self.means(day), &live, seq)),
        };
        kept.insert(next).clone()
    }

    /// Folds vacancies of one's own choice.
    pub fn fold(&self, day: NaiveDate, live: &Live) -> Folded {
        Folded::new(self.means(day), live, 0)
    }

    /// Gives the best k vacancies of each profile, as [`Pool::rank`] would, for many at once.
    pub fn best(&self, folded: &Folded, profiles: &[Profile], k: usize) -> Vec<Vec<VacancyId>> {
        let found = folded.best(self.means(folded.day), profiles, k);
        found.into_iter().map(|hits| hits.into_iter().map(|(id, _)| id).collect()).collect()
    }

    /// Scores a vacancy for a profile as it was when it was folded.
    pub fn fit(&self, folded: &Folded, profile: &Profile, id: &VacancyId) -> Option<Scored> {
        score(profile, folded.facts(id)?, self.scale(folded.day))
    }

    /// Ranks the vacancies for a profile: score down, id up; the first `limit`, and how many match at all.
    pub fn rank(&self, profile: &Profile, day: NaiveDate, limit: usize) -> (Vec<(VacancyId, Scored)>, usize) {
        let folded = self.folded(day);
        let (best, total) = folded.best_of_one(self.means(day), profile, limit);
        let told = |(id, _): (VacancyId, i64)| Some((id.clone(), self.fit(&folded, profile, &id)?));
        (best.into_iter().filter_map(told).collect(), total)
    }

    /// Scores profiles for one live vacancy: score down, key up; the first `limit`, and how many match at all.
    pub fn rank_for<K: Ord + Clone>(
        &self,
        facts: &Facts,
        profiles: &[(K, Profile)],
        day: NaiveDate,
        limit: usize,
    ) -> (Vec<(K, Scored)>, usize) {
        let fits = |(key, profile): &(K, Profile)| Some((key.clone(), score(profile, facts, self.scale(day))?));
        let mut ranked: Vec<(K, Scored)> = profiles.iter().filter_map(fits).collect();
        let total = ranked.len();
        ranked.sort_by(|(a, x), (b, y)| y.points.cmp(&x.points).then_with(|| a.cmp(b)));
        ranked.truncate(limit);
        (ranked, total)
    }

    /// Gives the live vacancies in an order that looks at nobody: the newest first, and how many there are.
    pub fn newest(&self, day: NaiveDate, limit: usize) -> (Vec<(VacancyId, Scored)>, usize) {
        let (nobody, state) = (Profile::default(), self.state.read().unwrap_or_else(PoisonError::into_inner));
        let newest = state.facts.iter().rev();
        let shown = newest.filter_map(|(id, facts)| Some((id.clone(), score(&nobody, facts, self.scale(day))?)));
        (shown.take(limit).collect(), state.facts.len())
    }
}

/// Reads what matching looks at; none for a vacancy that is not live.
pub fn facts_of(row: &VacancyRow, lexicon: &Lexicon) -> Result<Option<Facts>> {
    match row.status {
        Status::Live => {
            let live_since = row.published_at.map(Timestamp::day);
            Ok(Some(Facts::read(&row.content()?, live_since, lexicon)))
        }
        _ => Ok(None),
    }
}
