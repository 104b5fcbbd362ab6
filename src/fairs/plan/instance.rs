//! How is a planning instance written down in a file? Reads `fair-c/1` (JSON) into a `Problem`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::circuits::{Circuits, Employer, Fair, Stop};
use super::model::{Choice, City, Event, Problem};

/// What a week beside the wished ones costs, times the square of how many.
const SHIFT_COST: i64 = 12;
/// What a Saturday costs.
const SATURDAY_COST: i64 = 6;
/// What a Monday costs.
const MONDAY_COST: i64 = 2;
/// What a missing booth costs.
const SHORT_COST: i64 = 2;
/// What a hall instead of the school's own venue costs.
const HALL_COST: i64 = 5;
/// What a booth of overload costs.
const OVERLOAD_COST: i64 = 3;
/// What leaving an event out costs.
const LEFT_OUT_COST: i64 = 100_000;
/// One employer of so many can be on the road on one day.
const ON_THE_ROAD: i64 = 6;
/// From how many vacancies on an employer takes two booths.
const MANY_VACANCIES: i64 = 20;
/// From how many vacancies on an employer is as eager as can be.
const EAGER_VACANCIES: f64 = 15.0;
/// From how many fairs on employers go to more of them.
const MANY_FAIRS: usize = 300;
/// How many times more.
const MANY_FAIRS_TIMES: usize = 4;
/// What a near fair on the next day is worth.
const LEG_BONUS: i64 = 25;
/// How near it has to be, in kilometres.
const NEAR_KM: i64 = 150;
/// How far the next day's fair may be at most, in kilometres.
const FAR_KM: i64 = 400;
/// The least supply of a sector in a region.
const SUPPLY_MIN: i64 = 4;

/// A calendar of a city or province, as in the file.
#[derive(Debug, Deserialize)]
pub struct Instance {
    horizon: usize,
    open_days: Vec<usize>,
    spacing_days: usize,
    same_school_gap: usize,
    cities: Vec<FileCity>,
    distance_km: Vec<Vec<i64>>,
    schools: Vec<FileSchool>,
    venues: Vec<FileVenue>,
    halls: BTreeMap<usize, Vec<usize>>,
    fairs: Vec<FileFair>,
    visits: Vec<FileVisit>,
    employers: Vec<FileEmployer>,
}

/// A city in the file.
#[derive(Debug, Deserialize)]
struct FileCity {
    teams: i64,
    closed: Vec<usize>,
    region: usize,
}

/// A school in the file.
#[derive(Debug, Deserialize)]
struct FileSchool {
    venue: usize,
    sectors: BTreeMap<usize, f64>,
    exams: Vec<usize>,
}

/// A venue in the file.
#[derive(Debug, Deserialize)]
struct FileVenue {
    booths: i64,
    #[serde(default)]
    closed: Vec<usize>,
}

/// A wished fair in the file.
#[derive(Debug, Deserialize)]
struct FileFair {
    school: usize,
    city: usize,
    demand: i64,
    teams: i64,
    pref_weeks: Vec<usize>,
    max_shift_weeks: usize,
}

/// A wished visit in the file.
#[derive(Debug, Deserialize)]
struct FileVisit {
    city: usize,
    earliest: usize,
    latest: usize,
}

/// An employer in the file.
#[derive(Debug, Deserialize)]
struct FileEmployer {
    city: usize,
    sectors: Vec<usize>,
    vacancies: i64,
    max_fairs: usize,
    radius: i64,
}

impl Instance {
    /// Gives how many fairs are wished for; they are the first events of the problem.
    pub fn fairs(&self) -> usize {
        self.fairs.len()
    }

    /// Makes the problem; `None` when something points at what is not there.
    pub fn problem(&self) -> Option<Problem> {
        let mut events = Vec::new();
        for fair in &self.fairs {
            events.push(self.fair(fair)?);
        }
        for visit in &self.visits {
            events.push(self.visit(visit)?);
        }
        let regions = self.cities.iter().map(|city| city.region + 1).max()?;
        let named = self.schools.iter().flat_map(|school| school.sectors.keys());
        let sectors = named.chain(self.employers.iter().flat_map(|employer| &employer.sectors)).max().map_or(1, |most| most + 1);
        let problem = Problem {
            days: self.horizon,
            cities: self.cities.iter().map(|city| City { teams: city.teams, region: city.region }).collect(),
            schools: self.schools.len(),
            regions,
            sectors,
            spacing_days: self.spacing_days,
            school_gap_days: self.same_school_gap,
            events,
            supply: self.supply(regions, sectors)?,
            overload: OVERLOAD_COST,
        };
        problem.sound().then_some(problem)
    }

    fn fair(&self, fair: &FileFair) -> Option<Event> {
        let school = self.schools.get(fair.school)?;
        let city = self.cities.get(fair.city)?;
        let halls = self.halls.get(&fair.city).map_or(&[][..], Vec::as_slice);
        let mut choices = Vec::new();
        for &day in &self.open_days {
            let week = day / 7;
            let shift = fair.pref_weeks.iter().map(|wished| wished.abs_diff(week)).min().unwrap_or(0);
            if shift > fair.max_shift_weeks || school.exams.contains(&day) || city.closed.contains(&day) {
                continue;
            }
            let weekday = (day + 1) % 7;
            let shift = i64::try_from(shift).ok()?;
            let of_day = SHIFT_COST * shift * shift
                + if weekday == 5 { SATURDAY_COST } else { 0 }
                + if weekday == 0 { MONDAY_COST } else { 0 };
            let mut best: Option<Choice> = None;
            for &venue in std::iter::once(&school.venue).chain(halls) {
                let hall = self.venues.get(venue)?;
                if hall.closed.contains(&day) {
                    continue;
                }
                let short = SHORT_COST * (fair.demand - hall.booths).max(0);
                let cost = of_day + short + if venue == school.venue { 0 } else { HALL_COST };
                if best.is_none_or(|best| cost < best.cost) {
                    best = Some(Choice { day, venue, cost });
                }
            }
            choices.extend(best);
        }
        let load = school.sectors.iter().map(|(sector, share)| (*sector, booths(*share, fair.demand))).collect();
        Some(Event {
            city: fair.city,
            school: Some(fair.school),
            fair: true,
            teams: fair.teams,
            load,
            choices,
            fixed: None,
            left_out: LEFT_OUT_COST,
        })
    }

    fn visit(&self, visit: &FileVisit) -> Option<Event> {
        let city = self.cities.get(visit.city)?;
        let middle = usize::midpoint(visit.earliest, visit.latest);
        let within = self.open_days.iter().filter(|day| (visit.earliest..=visit.latest).contains(*day));
        let mut choices = Vec::new();
        for &day in within.filter(|day| !city.closed.contains(day)) {
            choices.push(Choice { day, venue: usize::MAX, cost: i64::try_from(day.abs_diff(middle) / 7).ok()? });
        }
        Some(Event {
            city: visit.city,
            school: None,
            fair: false,
            teams: 1,
            load: Vec::new(),
            choices,
            fixed: None,
            left_out: LEFT_OUT_COST,
        })
    }

    fn supply(&self, regions: usize, sectors: usize) -> Option<Vec<i64>> {
        let mut supply = vec![0; regions * sectors];
        for employer in &self.employers {
            let region = self.cities.get(employer.city)?.region;
            for sector in &employer.sectors {
                *supply.get_mut(region * sectors + sector)? += 1;
            }
        }
        Some(supply.into_iter().map(|employers: i64| (employers / ON_THE_ROAD).max(SUPPLY_MIN)).collect())
    }
}

impl Instance {
    /// Makes the circuits that fit to a calendar: each fair's day and venue.
    pub fn circuits(&self, calendar: &[(usize, usize)]) -> Option<Circuits> {
        let mut fairs = Vec::new();
        for (fair, &(day, venue)) in self.fairs.iter().zip(calendar) {
            fairs.push(Fair { day, city: fair.city, booths: self.venues.get(venue)?.booths.min(2 * fair.demand) });
        }
        let often = if fairs.len() < MANY_FAIRS { 1 } else { MANY_FAIRS_TIMES };
        let mut employers = Vec::new();
        for employer in &self.employers {
            let mut stops = Vec::new();
            for (at, fair) in self.fairs.iter().enumerate() {
                stops.extend(self.stop(employer, at, fair)?);
            }
            stops.sort_by_key(|stop| (fairs.get(stop.fair).map(|fair| fair.day), stop.fair));
            employers.push(Employer { stops, most: employer.max_fairs * often });
        }
        let distance_km = self.distance_km.clone();
        let circuits = Circuits { fairs, employers, distance_km, bonus: LEG_BONUS, near_km: NEAR_KM, far_km: FAR_KM };
        circuits.sound().then_some(circuits)
    }

    /// Gives what a fair is worth to an employer: nothing beyond its radius or beside its sectors.
    #[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "distances, booths and values of at most thousands")]
    #[expect(clippy::cast_possible_truncation, reason = "distances, booths and values of at most thousands")]
    fn stop(&self, employer: &FileEmployer, at: usize, fair: &FileFair) -> Option<Option<Stop>> {
        let km = *self.distance_km.get(employer.city)?.get(fair.city)?;
        let school = self.schools.get(fair.school)?;
        let mut match_share = 0.0;
        for sector in &employer.sectors {
            match_share += school.sectors.get(sector).copied().unwrap_or(0.0);
        }
        if km > employer.radius || match_share <= 0.0 {
            return Some(None);
        }
        let booths = if employer.vacancies >= MANY_VACANCIES { 2 } else { 1 };
        let eager = (employer.vacancies as f64 / EAGER_VACANCIES).min(1.0);
        let value = 20.0 + 200.0 * match_share * eager + 10.0 * (booths - 1) as f64 - km as f64 * 0.12;
        let value = value.round_ties_even() as i64;
        Some((value > 0).then_some(Stop { fair: at, value, booths }))
    }
}

/// Gives the booths of a sector: a share of the demand, rounded to the even where it stands between.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "a share of a demand of at most thousands")]
#[expect(clippy::cast_precision_loss, reason = "a share of a demand of at most thousands")]
fn booths(share: f64, demand: i64) -> i64 {
    ((share * demand as f64).round_ties_even() as i64).max(1)
}
