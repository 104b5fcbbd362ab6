//! Which area does a code or a name mean, and where is it?
//!
//! The whole country is known to prefecture level, Shandong to district level. A name that fits
//! several areas is refused with the choices, an unknown one with near names; nothing is guessed.

mod code;
mod locate;
mod near;
mod refuse;
mod resolve;

use std::collections::HashMap;

pub use code::{AreaCode, AreaLevel, NotAnAreaCode};
pub use refuse::{asked_area, located, place_refusal};
use serde::Serialize;

use super::fold::key;
use super::table::Table;
use super::word::{Certainty, Confidence};
use super::{LexiconError, Source};

const EARTH_RADIUS_KM: f64 = 6371.0;

/// One administrative area.
#[derive(Debug, Clone, PartialEq)]
pub struct Area {
    /// Its code.
    pub code: AreaCode,
    /// Its full name, `潍坊市`.
    pub name: String,
    /// Its short name, `潍坊`.
    pub short: String,
    /// Its rank.
    pub level: AreaLevel,
    /// The area it belongs to.
    pub parent: Option<AreaCode>,
    /// Latitude of its seat in degrees (WGS 84, approximate).
    pub lat: Option<f64>,
    /// Longitude of its seat in degrees (WGS 84, approximate).
    pub lon: Option<f64>,
    /// Where the row comes from.
    pub source: String,
    /// How far it was checked.
    pub confidence: Confidence,
}

/// A resolved place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The city; the code of the province when only the province is said.
    pub city: AreaCode,
    /// The district, when said.
    pub district: Option<AreaCode>,
    /// What was assumed on the way: a former name, an unlisted district.
    pub note: Option<String>,
    /// How sure the reading is.
    pub certainty: Certainty,
}

impl Place {
    /// Returns the narrowest area said.
    pub fn area(&self) -> AreaCode {
        self.district.unwrap_or(self.city)
    }
}

/// An area offered in an error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Candidate {
    /// Its code.
    pub code: AreaCode,
    /// Its name with the names above it, `山东省济南市历下区`.
    pub name: String,
}

/// Why a place could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// No area has this name or code.
    #[error("unknown place: {text}")]
    Unknown {
        /// What was asked.
        text: String,
        /// Areas with similar names.
        candidates: Vec<Candidate>,
    },
    /// Several areas have this name.
    #[error("ambiguous place: {text}")]
    Ambiguous {
        /// What was asked.
        text: String,
        /// The areas that have the name.
        choices: Vec<Candidate>,
    },
}

/// A former name or code and what it is today.
#[derive(Debug, Clone)]
struct Former {
    code: AreaCode,
    note: String,
}

/// All known areas.
pub struct Places {
    areas: Vec<Area>,
    by_code: HashMap<AreaCode, usize>,
    by_name: HashMap<String, Vec<AreaCode>>,
    former_names: HashMap<String, Vec<Former>>,
    former_codes: HashMap<AreaCode, Former>,
    neighbours: HashMap<AreaCode, Vec<AreaCode>>,
    scanner: locate::Scanner,
}

impl Places {
    pub(super) fn load(sources: &[Source]) -> Result<Self, LexiconError> {
        let areas = read_areas(sources)?;
        let by_code = areas.iter().enumerate().map(|(at, area)| (area.code, at));
        let mut by_name: HashMap<String, Vec<AreaCode>> = HashMap::new();
        for area in &areas {
            let prefecture = area.name.ends_with("自治州").then(|| format!("{}州", area.short));
            let names = [&area.name, &area.short].into_iter().chain(&prefecture);
            for name in names {
                let codes = by_name.entry(key(name)).or_default();
                if !codes.contains(&area.code) {
                    codes.push(area.code);
                }
            }
        }
        let (former_names, former_codes) = read_former(sources)?;
        let scanner = locate::Scanner::build(sources, &areas, &former_names)?;
        Ok(Self {
            by_code: by_code.collect(),
            by_name,
            former_names,
            former_codes,
            neighbours: read_neighbours(sources)?,
            areas,
            scanner,
        })
    }

    /// Returns the area of a code in force.
    pub fn get(&self, code: &AreaCode) -> Option<&Area> {
        self.areas.get(*self.by_code.get(code)?)
    }

    /// Returns what an abolished code is today, with what happened.
    pub fn successor(&self, code: &AreaCode) -> Option<(AreaCode, &str)> {
        let former = self.former_codes.get(code)?;
        Some((former.code, &former.note))
    }

    /// Returns the cities next to a city; known inside Shandong.
    pub fn neighbours(&self, city: &AreaCode) -> &[AreaCode] {
        self.neighbours.get(city).map_or(&[], Vec::as_slice)
    }

    /// Returns the cities beside the city whose area code begins with these digits; none for a whole province.
    pub fn around(&self, prefix: &str) -> &[AreaCode] {
        let city = AreaCode::parse(&format!("{prefix:0<6}")).map(|code| code.city());
        city.map_or(&[], |city| self.neighbours(&city))
    }

    /// Returns the great-circle distance between two seats (haversine formula).
    pub fn distance_km(&self, from: &AreaCode, to: &AreaCode) -> Option<f64> {
        let (from, to) = (self.get(from)?, self.get(to)?);
        Some(haversine_km((from.lat?, from.lon?), (to.lat?, to.lon?)))
    }

    /// Iterates over the cities under a code prefix, by code.
    pub fn cities(&self, prefix: &str) -> impl Iterator<Item = &Area> {
        self.inside(prefix, AreaLevel::City)
    }

    /// Iterates over the districts under a code prefix, by code; zones are not districts.
    pub fn districts(&self, prefix: &str) -> impl Iterator<Item = &Area> {
        self.inside(prefix, AreaLevel::District)
    }

    /// Returns the full name with the names above it.
    pub fn full_name(&self, code: &AreaCode) -> String {
        let Some(area) = self.get(code) else {
            return String::new();
        };
        let above = area.parent.map(|parent| self.full_name(&parent));
        let above = above.filter(|above| *above != area.name).unwrap_or_default();
        format!("{above}{}", area.name)
    }

    fn inside(&self, prefix: &str, level: AreaLevel) -> impl Iterator<Item = &Area> {
        let prefix = prefix.to_owned();
        self.areas.iter().filter(move |area| area.level == level && area.code.is_in(&prefix))
    }

    fn candidate(&self, code: AreaCode) -> Candidate {
        Candidate { code, name: self.full_name(&code) }
    }
}

/// Returns the great-circle distance between two points in degrees (haversine formula).
pub fn haversine_km(from: (f64, f64), to: (f64, f64)) -> f64 {
    let half_lat = (to.0 - from.0).to_radians() / 2.0;
    let half_lon = (to.1 - from.1).to_radians() / 2.0;
    let chord = half_lat.sin().powi(2) + from.0.to_radians().cos() * to.0.to_radians().cos() * half_lon.sin().powi(2);
    2.0 * EARTH_RADIUS_KM * chord.sqrt().min(1.0).asin()
}

fn read_areas(sources: &[Source]) -> Result<Vec<Area>, LexiconError> {
    let table = Table::parse("areas.tsv", super::text(sources, "areas.tsv")?)?;
    let mut areas = Vec::new();
    for row in table.rows() {
        areas.push(Area {
            code: row.value("code")?,
            name: row.text("name")?.to_owned(),
            short: row.text("short")?.to_owned(),
            level: row.word("level", AreaLevel::parse)?,
            parent: row.optional_value("parent")?,
            lat: row.optional_value("lat")?,
            lon: row.optional_value("lon")?,
            source: row.text("source")?.to_owned(),
            confidence: row.word("confidence", Confidence::parse)?,
        });
    }
    areas.sort_by_key(|area| area.code);
    Ok(areas)
}

type FormerNames = HashMap<String, Vec<Former>>;

fn read_former(sources: &[Source]) -> Result<(FormerNames, HashMap<AreaCode, Former>), LexiconError> {
    let table = Table::parse("former_areas.tsv", super::text(sources, "former_areas.tsv")?)?;
    let mut names = FormerNames::new();
    let mut codes = HashMap::new();
    for row in table.rows() {
        let year = row.optional("year")?.map(|year| format!(" ({year})"));
        let former = Former {
            code: row.value("code")?,
            note: format!("{}: {}{}", row.text("name")?, row.text("note")?, year.unwrap_or_default()),
        };
        if let Some(code) = row.optional_value::<AreaCode>("former_code")? {
            codes.entry(code).or_insert_with(|| former.clone());
        }
        names.entry(key(row.text("name")?)).or_default().push(former);
    }
    Ok((names, codes))
}

fn read_neighbours(sources: &[Source]) -> Result<HashMap<AreaCode, Vec<AreaCode>>, LexiconError> {
    let table = Table::parse("neighbours.tsv", super::text(sources, "neighbours.tsv")?)?;
    let mut neighbours: HashMap<AreaCode, Vec<AreaCode>> = HashMap::new();
    for row in table.rows() {
        let beside = neighbours.entry(row.value("city")?).or_default();
        beside.push(row.value("neighbour")?);
    }
    Ok(neighbours)
}
