//! What is found for a search? First what the words mean; when that is nothing, each word apart; when that is little, the
//! word that was probably meant; and when nothing fits, which filter stands in the way.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::db::types::VacancyId;
use crate::error::{Error, Refusal, Result};
use crate::search::facet::{Facet, FacetValue};
use crate::search::index::Search;
use crate::search::names::Names;
use crate::search::plan::{Condition, Planner, area_range, conditions};
use crate::search::read::{Depth, Group, Mark, Part, Reader, Reading, Understood, Way, split};
use crate::search::scan::{Hit, Key, Order, Scan, Scanned, Test};
use crate::search::schema::joined;
use crate::search::view::View;
use crate::vacancies::{Filter, FilterQuery, Talk};

/// The longest query, in characters.
const QUERY_CHARS_MAX: usize = 200;
/// The longest query, in bytes; longer ones are not even counted.
const QUERY_BYTES_MAX: usize = 4 * QUERY_CHARS_MAX;
/// How many parts a query may have.
const PARTS_MAX: usize = 24;
/// Up to how many results are so few that another spelling is named; it is looked for only when there are none.
const FEW: u64 = 2;

/// A search, as asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The words.
    pub words: String,
    /// Whether the words are read for what they mean.
    pub understand: bool,
    /// The filters.
    pub filter: FilterQuery,
    /// The only vacancies that are wanted: those brought to a fair.
    pub brought: Option<Vec<VacancyId>>,
    /// Whether the neighbours of the cities asked for are wanted too.
    pub nearby: bool,
    /// The point from which distances are taken, in degrees.
    pub near: Option<(f64, f64)>,
    /// How far from it is wanted, in kilometres.
    pub radius_km: Option<f64>,
    /// The order.
    pub order: Order,
    /// The facets.
    pub facets: Vec<Facet>,
    /// How many rows are wanted.
    pub limit: usize,
    /// Where the last page ended.
    pub from: Option<Place>,
    /// Whether each hit tells why it stands where it stands.
    pub explain: bool,
    /// Now, in milliseconds.
    pub now_ms: u64,
}

/// Where a page ended, and what the pages before it looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Place {
    after: Key,
    view: u64,
    now_ms: u64,
    apart: bool,
    corrected: Option<String>,
}

/// What one group of the words gives a hit.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WhyWord {
    /// The words as typed.
    pub words: String,
    /// What they give: BM25 of the best way in which they are met.
    pub score: f32,
}

/// Why a hit stands where it stands: the sum over the words, plus a floor, times the factor.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WhyView {
    /// What the words give.
    pub words: Vec<WhyWord>,
    /// What recency, completeness, handicraft and nearness make of it.
    pub factor: f32,
    /// The set of weights.
    pub weights_version: String,
}

/// One vacancy that was found.
#[derive(Debug, Clone)]
pub struct Seen {
    /// The vacancy.
    pub id: VacancyId,
    /// How well it fits.
    pub score: f32,
    /// How far it is from the point asked for, in kilometres.
    pub distance_km: Option<f64>,
    /// Why it stands there.
    pub why: Option<WhyView>,
}

/// A filter whose removal would find something.
#[derive(Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Relaxed {
    /// The parameter.
    pub filter: String,
    /// Which of several words of `q`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// How many would be found.
    pub total: u64,
}

/// What was found.
#[derive(Debug)]
pub struct Found {
    /// How many there are.
    pub total: u64,
    /// The rows of this page.
    pub seen: Vec<Seen>,
    /// The facets.
    pub facets: Vec<(&'static str, Vec<FacetValue>)>,
    /// How the words were read.
    pub understood: Understood,
    /// Which filters stand in the way.
    pub relaxed: Vec<Relaxed>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
    /// The texts that were looked for, for highlights.
    pub texts: Vec<String>,
}

/// One search at work.
struct Work<'w> {
    engine: &'w Search,
    asked: &'w Asked,
    view: Arc<View>,
    names: Arc<Names>,
    conditions: Vec<Condition>,
    own_areas: Vec<(u64, u64)>,
}

impl Search {
    /// Finds what a search asks for; what cannot be understood or is too much is refused.
    pub fn find(&self, asked: &Asked, region: &str) -> Result<Found> {
        let kept = asked.from.as_ref().and_then(|place| self.kept.find(place.view));
        self.find_in(kept.map_or_else(|| self.view(), Ok)?, self.names(), asked, region)
    }

    /// Finds what a search asks for in a view, of which these are the names.
    pub(super) fn find_in(&self, view: Arc<View>, names: Arc<Names>, asked: &Asked, region: &str) -> Result<Found> {
        let parts = parts(&asked.words)?;
        let filter = Filter::read(&asked.filter, Talk { lexicon: &self.lexicon, region })?;
        let own_areas = if asked.nearby { filter.areas().iter().map(|prefix| area_range(prefix)).collect() } else { Vec::new() };
        let mut conditions = conditions(&filter, &self.lexicon, asked.nearby);
        let brought = asked.brought.clone().map(|ids| Condition { name: "fair", mark: Mark::One(ids) });
        conditions.extend(brought);
        let work = Work { engine: self, asked, view, names, conditions, own_areas };
        let read = |parts: &[Part], depth| {
            Reader { lexicon: &self.lexicon, cutter: &self.cutter, weights: &self.weights, region, depth }.read(parts)
        };
        let meant = if asked.understand { Depth::Meaning } else { Depth::Literal };
        if let Some(place) = &asked.from {
            let depth = if place.apart { Depth::Apart } else { meant };
            return work.answer(match &place.corrected {
                Some(corrected) => read_corrected(&parts, &split(corrected), |parts| read(parts, depth)),
                None => read(&parts, depth),
            });
        }
        let mut first = work.answer(read(&parts, meant))?;
        if !asked.understand || parts.is_empty() || first.total > FEW {
            return Ok(first);
        }
        let other = work.corrected(&parts, |parts| read(parts, meant))?;
        if first.total > 0 {
            first.understood.suggested_query = other.as_deref().map(joined_parts);
            return Ok(first);
        }
        let apart = || work.answer(read(&parts, Depth::Apart));
        let corrected = || match &other {
            Some(other) => work.answer(read_corrected(&parts, other, |parts| read(parts, meant))).map(Some),
            None => Ok(None),
        };
        // A mistyped character stands alone between the words of the segmenter.
        let mistyped = parts.iter().any(|part| self.cutter.leaves_over(&part.text));
        let found = if mistyped { corrected()? } else { Some(apart()?) };
        if let Some(found) = found.filter(|found| found.total > 0) {
            return Ok(found);
        }
        let found = if mistyped { Some(apart()?) } else { corrected()? };
        Ok(found.filter(|found| found.total > 0).unwrap_or(first))
    }

    /// Finds the best of what meets any group of a reading.
    pub(super) fn find_any(&self, asked: &Asked, reading: Reading) -> Result<Vec<Seen>> {
        let view = self.view()?;
        let names = self.names();
        let work = Work { engine: self, asked, view, names, conditions: Vec::new(), own_areas: Vec::new() };
        let ways = reading.wanted.iter().flat_map(|group| group.ways.clone()).collect();
        let any = Reading { wanted: vec![Group { said: String::new(), ways }], ..Reading::default() };
        let planner = work.planner();
        let mut scan = work.scan(&any, &[], "", asked.limit)?;
        scan.groups = reading.wanted.iter().map(|group| planner.counts(group)).collect();
        let hits = scan.run()?.hits;
        let seen = |hit: &Hit| {
            Ok(Seen { id: joined(hit.key.1, hit.key.2)?, score: hit.score, distance_km: scan.distance_km(hit), why: None })
        };
        hits.iter().map(seen).collect()
    }
}

/// Reads a corrected query; what was typed itself meets its groups too.
fn read_corrected(typed: &[Part], corrected: &[Part], read: impl Fn(&[Part]) -> Reading) -> Reading {
    let mut reading = read(corrected);
    for (typed, corrected) in typed.iter().zip(corrected).filter(|(typed, corrected)| typed != corrected) {
        let own = read(std::slice::from_ref(corrected)).wanted;
        let itself = Way { marks: vec![Mark::Text(typed.text.clone())], weight: 1.0 };
        let meant = reading.wanted.iter_mut().filter(|group| own.iter().any(|other| other.said == group.said));
        meant.for_each(|group| group.ways.push(itself.clone()));
    }
    reading.understood.corrected_query = Some(joined_parts(corrected));
    reading
}

fn joined_parts(parts: &[Part]) -> String {
    let words = parts.iter().map(|part| {
        let minus = if part.without { "-" } else { "" };
        let quote = if part.phrase { "\"" } else { "" };
        format!("{minus}{quote}{}{quote}", part.text)
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Splits the words of a search; too many of them are refused before they cost anything.
pub(super) fn parts(words: &str) -> Result<Vec<Part>> {
    let refused = |zh: &str, en: &str| Error::Malformed(Refusal::new("/q", "bad_query", zh, en));
    if words.len() > QUERY_BYTES_MAX || words.chars().count() > QUERY_CHARS_MAX {
        return Err(refused("检索词不得超过 200 个字", "the query is longer than 200 characters"));
    }
    let parts = split(words);
    match parts.len().max(words.split_whitespace().count()) > PARTS_MAX {
        true => Err(refused("检索词过多", "the query has too many words")),
        false => Ok(parts),
    }
}

impl Work<'_> {
    fn planner(&self) -> Planner<'_> {
        let Search { fields, cutter, weights, .. } = self.engine;
        Planner { fields, cutter, weights, view: &self.view }
    }

    /// Makes the scan of a reading; filters by numbers are looked up in columns.
    fn scan(&self, reading: &Reading, facets: &[Facet], without: &str, limit: usize) -> Result<Scan<'_>> {
        let conditions = self.conditions.iter().filter(|condition| condition.name != without);
        let (mut tests, mut musts) = (Vec::new(), Vec::new());
        for condition in conditions {
            let facet = facets.iter().position(|facet| facet.name() == condition.name);
            match &condition.mark {
                Mark::Within(column, ranges) => tests.push(Test { facet, column: *column, ranges: ranges.clone() }),
                _ => musts.push(condition),
            }
        }
        let planner = self.planner();
        Ok(Scan {
            view: &self.view,
            words: self.engine.fields.words,
            weights: &self.engine.weights,
            members: planner.members(reading, &musts)?,
            groups: reading.wanted.iter().map(|group| planner.counts(group)).collect(),
            tests,
            facets: facets.to_vec(),
            order: self.asked.order,
            near: self.asked.near,
            radius_km: self.asked.radius_km.filter(|_| without != "near"),
            own_areas: self.own_areas.clone(),
            now_ms: self.asked.from.as_ref().map_or(self.asked.now_ms, |place| place.now_ms),
            after: self.asked.from.as_ref().map(|place| place.after),
            limit,
        })
    }

    /// Puts the names that were probably meant in the place of words that by themselves find little; none for no such.
    fn corrected(&self, parts: &[Part], read: impl Fn(&[Part]) -> Reading) -> Result<Option<Vec<Part>>> {
        let (names, view) = (self.names.clone(), self.view.clone());
        let alone = Work { conditions: Vec::new(), view, names: names.clone(), own_areas: Vec::new(), ..*self };
        let total = |text: &str| -> Result<u64> {
            let part = Part { text: text.to_owned(), phrase: false, without: false };
            Ok(alone.scan(&read(std::slice::from_ref(&part)), &[], "", 0)?.run()?.total)
        };
        let mut corrected = parts.to_vec();
        for part in corrected.iter_mut().filter(|part| !part.phrase && !part.without) {
            if total(&part.text)? > FEW {
                continue;
            }
            if let Some(meant) = names.meant(&part.text) {
                part.text = meant.to_owned();
                continue;
            }
            let mut inside = Vec::new();
            for meant in names.meant_inside(&part.text) {
                inside.push((total(&meant)?, meant));
            }
            if let Some((_, meant)) = inside.into_iter().max().filter(|(total, _)| *total > 0) {
                part.text = meant;
            }
        }
        Ok((corrected != parts).then_some(corrected))
    }

    fn answer(&self, reading: Reading) -> Result<Found> {
        let scan = self.scan(&reading, &self.asked.facets, "", self.asked.limit)?;
        let Scanned { total, hits, spread } = scan.run()?;
        let mut seen = Vec::new();
        for hit in &hits {
            let why = if self.asked.explain { Some(self.why(&scan, &reading, hit)?) } else { None };
            let id = joined(hit.key.1, hit.key.2)?;
            seen.push(Seen { id, score: hit.score, distance_km: scan.distance_km(hit), why });
        }
        let lexicon = &self.engine.lexicon;
        let facets = self.asked.facets.iter().zip(&spread).map(|(facet, spread)| (facet.name(), facet.values(spread, lexicon)));
        let relaxed = if total == 0 { self.relax(&reading)? } else { Vec::new() };
        let texts =
            reading.wanted.iter().flat_map(|group| &group.ways).flat_map(|way| &way.marks).filter_map(|mark| match mark {
                Mark::Text(text) => Some(text.clone()),
                _ => None,
            });
        let (facets, texts) = (facets.collect(), texts.collect());
        let goes_on = self.view.id > 0 && hits.len() == self.asked.limit;
        let next = hits.last().filter(|_| goes_on).map(|last| self.place(last, &reading.understood));
        Ok(Found { total, seen, facets, relaxed, next, texts, understood: reading.understood })
    }

    fn place(&self, last: &Hit, understood: &Understood) -> Place {
        self.engine.kept.keep(&self.view);
        Place {
            after: last.key,
            view: self.view.id,
            now_ms: self.asked.from.as_ref().map_or(self.asked.now_ms, |place| place.now_ms),
            apart: understood.widened,
            corrected: understood.corrected_query.clone(),
        }
    }

    fn why(&self, scan: &Scan<'_>, reading: &Reading, hit: &Hit) -> Result<WhyView> {
        let why = scan.explain(hit)?;
        let said = reading.wanted.iter().map(|group| group.said.clone());
        let words = said.zip(why.groups).map(|(words, score)| WhyWord { words, score }).collect();
        Ok(WhyView { words, factor: why.factor, weights_version: self.engine.weights.version.clone() })
    }

    /// Names each filter, and each of the words, without which something would be found.
    fn relax(&self, reading: &Reading) -> Result<Vec<Relaxed>> {
        let mut relaxed = Vec::new();
        let mut names: Vec<&str> = self.conditions.iter().map(|condition| condition.name).collect();
        names.extend(self.asked.radius_km.map(|_| "near"));
        names.dedup();
        for name in names {
            let total = self.scan(reading, &[], name, 0)?.run()?.total;
            relaxed.push(Relaxed { filter: name.to_owned(), words: None, total });
        }
        let several = reading.wanted.len() + reading.unwanted.len() > 1;
        let groups = reading.wanted.iter().map(|group| (group, true)).chain(reading.unwanted.iter().map(|group| (group, false)));
        for (group, wanted) in groups {
            let total = self.scan(&without(reading, group, wanted), &[], "", 0)?.run()?.total;
            relaxed.push(Relaxed { filter: "q".to_owned(), words: several.then(|| group.said.clone()), total });
        }
        relaxed.retain(|relaxed| relaxed.total > 0);
        Ok(relaxed)
    }
}

fn without(reading: &Reading, group: &Group, wanted: bool) -> Reading {
    let mut left = reading.clone();
    let groups = if wanted { &mut left.wanted } else { &mut left.unwanted };
    groups.retain(|other| other != group);
    left
}
