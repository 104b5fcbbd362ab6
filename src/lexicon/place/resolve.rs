//! Which one area does a short text name?
//!
//! The whole text must be used up by a chain of names, each inside the one before
//! (`山东省 济南市 历下区`); short names, former names, codes and code prefixes count too.

use super::{AreaCode, AreaLevel, Candidate, Certainty, Place, PlaceError, Places};
use crate::lexicon::fold::key;

const CANDIDATES_MAX: usize = 5;
const TEXT_CHARS_MAX: usize = 40;
const SEPARATORS: &[char] = &['-', '·', '/', ',', '、', '|', '>', '_', '.', '\n', '\r', '—', '–', '•', ':', ';'];
const UNLISTED_ENDINGS: &[char] = &['区', '县', '市', '旗'];

#[derive(Debug, Clone, PartialEq, Eq)]
struct Reading {
    code: AreaCode,
    notes: Vec<String>,
}

impl Places {
    /// Resolves a code, a prefix or a name to one place.
    ///
    /// `region` is the code prefix of the part of the country that is served: it decides between
    /// areas of the same name, and an area outside it still resolves when nothing inside fits.
    pub fn resolve(&self, text: &str, region: &str) -> Result<Place, PlaceError> {
        let folded: String = key(text).replace(SEPARATORS, "");
        if folded.is_empty() || folded.chars().count() > TEXT_CHARS_MAX {
            return Err(self.unknown(text, "", region));
        }
        if folded.bytes().all(|byte| byte.is_ascii_digit()) {
            let place = self.by_digits(&folded);
            return place.ok_or_else(|| self.unknown(text, &folded, region));
        }
        let mut readings = Vec::new();
        let mut partial = Vec::new();
        self.read_chain(&folded, None, &[], &mut readings, &mut partial);
        if readings.is_empty() {
            readings = self.unlisted_districts(&partial);
        }
        self.choose(text, &folded, region, readings)
    }

    fn by_digits(&self, digits: &str) -> Option<Place> {
        let padded = match digits.len() {
            2 => format!("{digits}0000"),
            4 => format!("{digits}00"),
            _ => digits.to_owned(),
        };
        let code = AreaCode::parse(&padded)?;
        if let Some((today, note)) = self.successor(&code) {
            return Some(self.place(today, vec![note.to_owned()]));
        }
        if self.get(&code).is_some() {
            return Some(self.place(code, Vec::new()));
        }
        let city = code.city();
        let unlisted = self.get(&city).is_some() && self.districts(city.prefix()).next().is_none();
        unlisted.then(|| self.place(city, vec![format!("district {code} is not listed")]))
    }

    fn read_chain(
        &self,
        rest: &str,
        inside: Option<AreaCode>,
        notes: &[String],
        full: &mut Vec<Reading>,
        partial: &mut Vec<(Reading, String)>,
    ) {
        let lengths = rest.char_indices().map(|(at, c)| at + c.len_utf8());
        for length in lengths.collect::<Vec<_>>() {
            let (Some(name), Some(after)) = (rest.get(..length), rest.get(length..)) else {
                continue;
            };
            for (code, note) in self.named(name) {
                if inside.is_some_and(|outer| !is_inside(code, outer)) {
                    continue;
                }
                let mut notes = notes.to_vec();
                notes.extend(note.filter(|note| !notes.contains(note)));
                let reading = Reading { code, notes };
                if after.is_empty() {
                    full.push(reading);
                    continue;
                }
                self.read_chain(after, Some(code), &reading.notes, full, partial);
                partial.push((reading, after.to_owned()));
            }
        }
    }

    /// Returns the areas that bear or bore a folded name.
    fn named(&self, name: &str) -> Vec<(AreaCode, Option<String>)> {
        let today = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let former = self.former_names.get(name).map_or(&[][..], Vec::as_slice);
        let mut named: Vec<(AreaCode, Option<String>)> = today
            .iter()
            .map(|code| {
                let note = former.iter().find(|former| former.code == *code);
                (*code, note.map(|former| former.note.clone()))
            })
            .collect();
        for former in former {
            if !today.contains(&former.code) {
                named.push((former.code, Some(former.note.clone())));
            }
        }
        named
    }

    /// Keeps the city when the rest names a district of a city whose districts are not listed.
    fn unlisted_districts(&self, partial: &[(Reading, String)]) -> Vec<Reading> {
        let mut readings = Vec::new();
        for (reading, rest) in partial {
            let level = self.get(&reading.code).map(|area| area.level);
            let listed = self.districts(reading.code.prefix()).next().is_some();
            let named_like_one = rest.ends_with(UNLISTED_ENDINGS) && rest.chars().count() <= 8;
            if level == Some(AreaLevel::City) && !listed && named_like_one {
                let mut notes = reading.notes.clone();
                notes.push(format!("district {rest} is not listed"));
                readings.push(Reading { code: reading.code, notes });
            }
        }
        readings.truncate(1);
        readings
    }

    fn choose(&self, text: &str, folded: &str, region: &str, mut readings: Vec<Reading>) -> Result<Place, PlaceError> {
        if readings.iter().any(|reading| reading.code.is_in(region)) {
            readings.retain(|reading| reading.code.is_in(region));
        }
        readings.sort_by_key(|reading| (reading.code, reading.notes.len()));
        readings.dedup_by_key(|reading| reading.code);
        let codes: Vec<AreaCode> = readings.iter().map(|reading| reading.code).collect();
        readings.retain(|reading| !self.is_overshadowed(reading.code, &codes));
        let mut left = readings.into_iter();
        match (left.next(), left.next()) {
            (None, _) => Err(self.unknown(text, folded, region)),
            (Some(only), None) => Ok(self.place(only.code, only.notes)),
            (Some(first), Some(second)) => Err(PlaceError::Ambiguous {
                text: text.to_owned(),
                choices: [first, second].into_iter().chain(left).map(|reading| self.candidate(reading.code)).collect(),
            }),
        }
    }

    /// A city hides its own district of the same short name, and its province of that name.
    fn is_overshadowed(&self, code: AreaCode, among: &[AreaCode]) -> bool {
        let level = self.get(&code).map(|area| area.level);
        among.iter().any(|other| {
            let other_level = self.get(other).map(|area| area.level);
            other_level == Some(AreaLevel::City)
                && match level {
                    Some(AreaLevel::Province) => is_inside(*other, code),
                    Some(AreaLevel::District | AreaLevel::Zone) => is_inside(code, *other),
                    _ => false,
                }
        })
    }

    fn place(&self, code: AreaCode, notes: Vec<String>) -> Place {
        let level = self.get(&code).map(|area| area.level);
        let below_city = matches!(level, Some(AreaLevel::District | AreaLevel::Zone));
        Place {
            city: if below_city { code.city() } else { code },
            district: below_city.then_some(code),
            note: Some(notes.join("; ")).filter(|note| !note.is_empty()),
            certainty: Certainty::Certain,
        }
    }

    fn unknown(&self, text: &str, folded: &str, region: &str) -> PlaceError {
        let length = folded.chars().count();
        let budget = if length > 3 { 2 } else { 1 };
        let mut near: Vec<(usize, bool, AreaCode)> = Vec::new();
        for area in self.areas.iter().filter(|_| length > 1) {
            let distance =
                [&area.name, &area.short].into_iter().map(|name| super::near::edits(folded, name)).min().unwrap_or(usize::MAX);
            if distance <= budget {
                near.push((distance, !area.code.is_in(region), area.code));
            }
        }
        near.sort_unstable();
        let candidates = near.into_iter().take(CANDIDATES_MAX);
        let candidates: Vec<Candidate> = candidates.map(|(_, _, code)| self.candidate(code)).collect();
        PlaceError::Unknown { text: text.to_owned(), candidates }
    }
}

/// Tells whether one area lies inside another (strictly).
pub(super) fn is_inside(inner: AreaCode, outer: AreaCode) -> bool {
    inner != outer && inner.is_in(outer.prefix())
}
