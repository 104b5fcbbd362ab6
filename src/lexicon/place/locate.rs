//! Where is a longer address, as far as its words say?
//!
//! Names are looked for anywhere in the text, overlapping ones too (`青岛市南区`). A district
//! inside a named city is certain; a short name alone is only likely, and one that goes on as a
//! street or a product (`济南路`) does not count.

use std::collections::{BTreeMap, HashMap, HashSet};

use daachorse::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder, MatchKind};

use super::resolve::is_inside;
use super::{Area, AreaCode, AreaLevel, Certainty, Former, Place, Places};
use crate::lexicon::fold::{Spaces, fold_text, key};
use crate::lexicon::table::Table;
use crate::lexicon::{LexiconError, Source, text};

const TEXT_BYTES_MAX: usize = 4_096;

#[derive(Debug, Clone)]
struct Name {
    code: AreaCode,
    level: AreaLevel,
    full: bool,
    note: Option<String>,
}

/// Finds all area names in a text.
pub(super) struct Scanner {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    names: Vec<Vec<Name>>,
    not_a_place_before: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
struct Hit<'s> {
    name: &'s Name,
    start: usize,
    end: usize,
}

impl Scanner {
    pub(super) fn build(sources: &[Source], areas: &[Area], former: &HashMap<String, Vec<Former>>) -> Result<Self, LexiconError> {
        let levels: HashMap<AreaCode, AreaLevel> = areas.iter().map(|area| (area.code, area.level)).collect();
        let mut patterns: BTreeMap<String, Vec<Name>> = BTreeMap::new();
        let mut add = |surface: String, name: Name| patterns.entry(surface).or_default().push(name);
        for area in areas {
            let surfaces = HashSet::from([(key(&area.name), true), (key(&area.short), area.short == area.name)]);
            for (surface, full) in surfaces {
                add(surface, Name { code: area.code, level: area.level, full, note: None });
            }
        }
        for (surface, meanings) in former {
            for meaning in meanings {
                let level = levels.get(&meaning.code).copied();
                let Some(level) = level else { continue };
                let full = surface.ends_with(['市', '县', '区']);
                add(surface.clone(), Name { code: meaning.code, level, full, note: Some(meaning.note.clone()) });
            }
        }
        let table = Table::parse("place_context.tsv", text(sources, "place_context.tsv")?)?;
        let not_a_place_before = table.rows().map(|row| row.text("followed_by").map(key));
        Ok(Self {
            not_a_place_before: not_a_place_before.collect::<Result<_, _>>()?,
            automaton: automaton(&patterns)?,
            names: patterns.into_values().collect(),
        })
    }

    fn hits(&self, folded: &str) -> Vec<Hit<'_>> {
        let mut hits = Vec::new();
        for found in self.automaton.find_overlapping_iter(folded) {
            let names = usize::try_from(found.value()).ok();
            let names = names.and_then(|at| self.names.get(at));
            let after = folded.get(found.end()..).unwrap_or_default();
            let continues = self.not_a_place_before.iter().any(|word| after.starts_with(word));
            for name in names.into_iter().flatten() {
                if name.full || !continues {
                    hits.push(Hit { name, start: found.start(), end: found.end() });
                }
            }
        }
        hits
    }
}

fn automaton(patterns: &BTreeMap<String, Vec<Name>>) -> Result<CharwiseDoubleArrayAhoCorasick<u32>, LexiconError> {
    let mut values = Vec::new();
    for (at, surface) in patterns.keys().enumerate() {
        values.push((surface.as_str(), u32::try_from(at).unwrap_or(u32::MAX)));
    }
    CharwiseDoubleArrayAhoCorasickBuilder::new()
        .match_kind(MatchKind::Standard)
        .build_with_values(values)
        .map_err(|error| LexiconError::Automaton(error.to_string()))
}

impl Places {
    /// Finds the place that a longer address speaks of, or `None` when its words leave it open.
    pub fn locate(&self, text: &str, region: &str) -> Option<Place> {
        let end = text.floor_char_boundary(TEXT_BYTES_MAX);
        let folded = fold_text(text.get(..end)?, Spaces::Drop);
        let hits = self.scanner.hits(&folded);
        chained(&hits)
            .or_else(|| lone_district(&hits, region, true))
            .or_else(|| lone_city(&hits, region))
            .or_else(|| lone_district(&hits, region, false))
            .or_else(|| lone_province(&hits))
    }
}

/// A district and its own city, both named: the pair that starts first.
fn chained(hits: &[Hit<'_>]) -> Option<Place> {
    let mut best: Option<(bool, usize, usize, Hit<'_>, Hit<'_>)> = None;
    for city in hits.iter().filter(|hit| hit.name.level == AreaLevel::City) {
        for district in hits.iter().filter(|hit| is_below_city(hit)) {
            let apart = city.start != district.start && district.end > city.end;
            if !apart || !is_inside(district.name.code, city.name.code) {
                continue;
            }
            let rank = (!district.name.full, city.start, district.start);
            if best.is_none_or(|best| rank < (best.0, best.1, best.2)) {
                best = Some((rank.0, rank.1, rank.2, *city, *district));
            }
        }
    }
    let (_, _, _, city, district) = best?;
    let notes: Vec<&str> = [city, district].iter().filter_map(|hit| hit.name.note.as_deref()).collect();
    Some(Place {
        city: district.name.code.city(),
        district: Some(district.name.code),
        note: Some(notes.join("; ")).filter(|note| !note.is_empty()),
        certainty: if district.name.full { Certainty::Certain } else { Certainty::Likely },
    })
}

fn lone_district(hits: &[Hit<'_>], region: &str, full: bool) -> Option<Place> {
    if hits.iter().any(|hit| hit.name.full && hit.name.level == AreaLevel::City) && full {
        return None;
    }
    let here = |hit: &&Hit<'_>| is_below_city(hit) && hit.name.full == full && hit.name.code.is_in(region);
    let first = hits.iter().filter(here).min_by_key(|hit| hit.start)?;
    let named: HashSet<AreaCode> = hits
        .iter()
        .filter(here)
        .filter(|hit| hit.start == first.start && hit.end == first.end)
        .map(|hit| hit.name.code)
        .collect();
    if named.len() > 1 {
        return None;
    }
    Some(Place {
        city: first.name.code.city(),
        district: Some(first.name.code),
        note: first.name.note.clone(),
        certainty: Certainty::Likely,
    })
}

fn lone_city(hits: &[Hit<'_>], region: &str) -> Option<Place> {
    let cities = hits.iter().filter(|hit| hit.name.level == AreaLevel::City);
    let rank = |hit: &&Hit<'_>| (!hit.name.code.is_in(region), !hit.name.full, hit.start);
    let city = cities.min_by_key(rank)?;
    Some(Place {
        city: city.name.code,
        district: None,
        note: city.name.note.clone(),
        certainty: if city.name.full { Certainty::Certain } else { Certainty::Likely },
    })
}

fn lone_province(hits: &[Hit<'_>]) -> Option<Place> {
    let provinces = hits.iter().filter(|hit| hit.name.level == AreaLevel::Province);
    let province = provinces.min_by_key(|hit| hit.start)?;
    Some(Place { city: province.name.code, district: None, note: None, certainty: Certainty::Likely })
}

fn is_below_city(hit: &Hit<'_>) -> bool {
    matches!(hit.name.level, AreaLevel::District | AreaLevel::Zone)
}
