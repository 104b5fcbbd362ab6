//! Which calendar problem follows from wishes, venues and closed days? From rows to `Problem`, and from its plan back to days.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use crate::calendar::{Calendar, DayReason};
use crate::db::types::{FairRequestId, SchoolId, VenueId};
use crate::fairs::life::Kind;
use crate::fairs::plan::{Choice, City, Event, Problem};
use crate::fairs::requests::RequestRow;
use crate::fairs::venues::VenueRow;

/// What a week away from the wished days costs, times the square of how many.
const SHIFT_COST: i64 = 12;
/// What a Saturday costs.
const SATURDAY_COST: i64 = 6;
/// What a Monday costs.
const MONDAY_COST: i64 = 2;
/// What a missing booth costs.
const SHORT_COST: i64 = 2;
/// What a hall of the city costs where the school has a venue of its own.
const HALL_COST: i64 = 5;
/// What a booth of overload costs.
const OVERLOAD_COST: i64 = 3;
/// What leaving an event out costs.
const LEFT_OUT_COST: i64 = 100_000;
/// One employer of so many can be on the road on one day.
const ON_THE_ROAD: i64 = 6;
/// The least number of employers that can be on the road on one day.
const SUPPLY_MIN: i64 = 4;

/// Days on which a venue, a school or a city holds nothing.
#[derive(Debug, Clone)]
pub struct Closed {
    /// The venue.
    pub venue: Option<VenueId>,
    /// The school.
    pub school: Option<SchoolId>,
    /// The city.
    pub city: Option<String>,
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
}

/// A fair that stands already.
#[derive(Debug, Clone)]
pub struct Held {
    /// Which kind of event it is.
    pub kind: Kind,
    /// The city.
    pub city: String,
    /// The school.
    pub school: Option<SchoolId>,
    /// The day.
    pub day: NaiveDate,
}

/// What a person decided about a wish.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fixed {
    /// The wish.
    pub request: FairRequestId,
    /// The day.
    pub day: NaiveDate,
    /// The venue; the best one of the day when nothing is said.
    pub venue: Option<VenueId>,
}

/// The rules of a plan.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The first day of the period.
    pub first: NaiveDate,
    /// The last day of the period.
    pub last: NaiveDate,
    /// How many days fairs of one city keep apart.
    pub spacing_days: usize,
    /// How many days fairs of one school keep apart.
    pub school_gap_days: usize,
    /// How many teams a bureau has.
    pub teams: i64,
    /// What a person decided.
    pub fixed: Vec<Fixed>,
}

/// Everything that is known of an area and a period.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// The wishes.
    pub requests: Vec<RequestRow>,
    /// The venues.
    pub venues: Vec<VenueRow>,
    /// The closed days.
    pub closed: Vec<Closed>,
    /// The fairs that stand.
    pub held: Vec<Held>,
    /// Cities whose yearly 政策速递 visit nobody has asked for.
    pub duty: Vec<String>,
    /// How many employers could come.
    pub employers: i64,
}

/// What an event of the problem stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The wish at this place.
    Request(usize),
    /// The visit that this city must have.
    Duty(usize),
    /// The standing fair at this place.
    Held(usize),
}

/// A problem, and what its events stand for.
pub struct Posed {
    /// The problem.
    pub problem: Problem,
    /// What each event stands for.
    pub who: Vec<Who>,
    /// For each event the places that it did not ask for, the nearest first.
    pub beyond: Vec<Vec<Choice>>,
    first: NaiveDate,
}

impl Posed {
    /// Gives the date of a choice.
    pub fn date(&self, choice: &Choice) -> NaiveDate {
        self.first + Days::new(u64::try_from(choice.day).unwrap_or_default())
    }
}

/// Poses the problem; `None` when it contradicts itself.
pub fn pose(ground: &Ground, rules: &Rules, calendar: &Calendar) -> Option<Posed> {
    let mut cities: Vec<&str> = ground.requests.iter().map(|request| request.city.as_str()).collect();
    cities.extend(ground.held.iter().map(|held| held.city.as_str()));
    cities.extend(ground.duty.iter().map(String::as_str));
    cities.sort_unstable();
    cities.dedup();
    let schools = ground.requests.iter().map(|request| &request.school_id);
    let mut schools: Vec<&SchoolId> = schools.chain(ground.held.iter().map(|held| &held.school)).flatten().collect();
    schools.sort_unstable();
    schools.dedup();
    let city_at = |city: &str| cities.binary_search(&city).ok();
    let school_at = |school: &Option<SchoolId>| schools.binary_search(&school.as_ref()?).ok();
    let days = rules.first.iter_days().take_while(|day| *day <= rules.last).count();
    let mut posed = Posed {
        problem: Problem {
            days,
            cities: cities.iter().map(|_| City { teams: rules.teams, region: 0 }).collect(),
            schools: schools.len(),
            regions: 1,
            sectors: 1,
            spacing_days: rules.spacing_days.max(1),
            school_gap_days: rules.school_gap_days.max(1),
            events: Vec::new(),
            supply: vec![(ground.employers / ON_THE_ROAD).max(SUPPLY_MIN)],
            overload: OVERLOAD_COST,
        },
        who: Vec::new(),
        beyond: Vec::new(),
        first: rules.first,
    };
    for (at, request) in ground.requests.iter().enumerate() {
        let (choices, beyond, fixed) = places(ground, rules, calendar, request);
        let event = Event {
            city: city_at(&request.city)?,
            school: school_at(&request.school_id),
            fair: request.kind != Kind::PolicyOutreach,
            teams: i64::from(request.teams).min(rules.teams),
            load: vec![(0, i64::from(request.booths))],
            choices,
            fixed,
            left_out: LEFT_OUT_COST,
        };
        posed.add(Who::Request(at), event, beyond);
    }
    for (at, city) in ground.duty.iter().enumerate() {
        let middle = i64::try_from(days / 2).ok()?;
        let open = open_days(ground, rules, calendar, city, None);
        let choices = open.map(|(day, date)| {
            let away = i64::try_from(day).map_or(0, |day| (day - middle).abs() / 30);
            Choice { day, venue: usize::MAX, cost: away + of_weekday(date) }
        });
        let choices = choices.collect();
        let city = city_at(city)?;
        posed.add(Who::Duty(at), visit(city, choices), Vec::new());
    }
    for (at, held) in ground.held.iter().enumerate() {
        let Some(day) = place_of(rules, held.day) else { continue };
        let choices = vec![Choice { day, venue: usize::MAX, cost: 0 }];
        let fair = held.kind != Kind::PolicyOutreach;
        let event = Event { fixed: Some(0), fair, school: school_at(&held.school), ..visit(city_at(&held.city)?, choices) };
        posed.add(Who::Held(at), event, Vec::new());
    }
    posed.problem.sound().then_some(posed)
}

impl Posed {
    fn add(&mut self, who: Who, event: Event, beyond: Vec<Choice>) {
        self.who.push(who);
        self.problem.events.push(event);
        self.beyond.push(beyond);
    }
}

fn visit(city: usize, choices: Vec<Choice>) -> Event {
    let left_out = LEFT_OUT_COST;
    Event { city, school: None, fair: false, teams: 1, load: Vec::new(), choices, fixed: None, left_out }
}

fn place_of(rules: &Rules, day: NaiveDate) -> Option<usize> {
    let inside = (rules.first..=rules.last).contains(&day);
    inside.then(|| usize::try_from((day - rules.first).num_days()).ok()).flatten()
}

fn of_weekday(date: NaiveDate) -> i64 {
    match date.weekday() {
        Weekday::Sat => SATURDAY_COST,
        Weekday::Mon => MONDAY_COST,
        _ => 0,
    }
}

/// Gives the days on which something may be held in a city and at a school: no holiday, no Sunday off, no closed day.
fn open_days(
    ground: &Ground,
    rules: &Rules,
    calendar: &Calendar,
    city: &str,
    school: Option<&SchoolId>,
) -> impl Iterator<Item = (usize, NaiveDate)> {
    let closed: Vec<(NaiveDate, NaiveDate)> = ground
        .closed
        .iter()
        .filter(|closed| closed.city.as_deref() == Some(city) || closed.school.is_some() && closed.school.as_ref() == school)
        .map(|closed| (closed.first, closed.last))
        .collect();
    let days = rules.first.iter_days().take_while(|day| *day <= rules.last).enumerate();
    days.filter(move |(_, date)| {
        let day = calendar.is_working_day(*date);
        let held = match day.reason {
            DayReason::Holiday(_) => false,
            DayReason::Weekend => date.weekday() == Weekday::Sat,
            DayReason::Weekday | DayReason::MadeUp(_) => true,
        };
        held && closed.iter().all(|(first, last)| !(*first..=*last).contains(date))
    })
}

/// Gives where a wish may be held, where else it could be, and which place a person fixed.
fn places(
    ground: &Ground,
    rules: &Rules,
    calendar: &Calendar,
    request: &RequestRow,
) -> (Vec<Choice>, Vec<Choice>, Option<usize>) {
    let (mut choices, mut beyond) = (Vec::new(), Vec::new());
    for (day, date) in open_days(ground, rules, calendar, &request.city, request.school_id.as_ref()) {
        let away = (request.first_day - date).num_days().max((date - request.last_day).num_days()).max(0);
        let shift = away.unsigned_abs().div_ceil(7);
        let Some((venue, cost)) = best_venue(ground, request, date, None) else { continue };
        let shift = i64::try_from(shift).unwrap_or(i64::from(i32::MAX)).min(1_000);
        let choice = Choice { day, venue, cost: cost + SHIFT_COST * shift * shift + of_weekday(date) };
        if shift <= i64::from(request.max_shift_weeks) { choices.push(choice) } else { beyond.push(choice) }
    }
    beyond.sort_by_key(|choice| (choice.cost, choice.day));
    let fixed = rules.fixed.iter().find(|fixed| fixed.request == request.id);
    let fixed = fixed.and_then(|fixed| {
        let day = place_of(rules, fixed.day)?;
        let venue = best_venue(ground, request, fixed.day, fixed.venue.as_ref()).map_or(usize::MAX, |(venue, _)| venue);
        let at = choices.partition_point(|choice| choice.day < day);
        match choices.get_mut(at).filter(|choice| choice.day == day) {
            Some(choice) => choice.venue = venue,
            None => choices.insert(at, Choice { day, venue, cost: 0 }),
        }
        Some(at)
    });
    (choices, beyond, fixed)
}

/// Finds the cheapest venue of a day: the one asked for, or the school's own and the halls of the city. Events that need
/// none have none.
fn best_venue(ground: &Ground, request: &RequestRow, date: NaiveDate, only: Option<&VenueId>) -> Option<(usize, i64)> {
    let only = only.or(request.venue_id.as_ref());
    if only.is_none() && matches!(request.kind, Kind::Online | Kind::PolicyOutreach) {
        return Some((usize::MAX, 0));
    }
    let mut best: Option<(usize, i64)> = None;
    for (at, venue) in ground.venues.iter().enumerate() {
        let own = venue.school_id.is_some() && venue.school_id == request.school_id;
        let fits = match only {
            Some(only) => venue.id == *only,
            None => own || venue.school_id.is_none() && venue.city == request.city,
        };
        let shut = |closed: &Closed| closed.venue.as_ref() == Some(&venue.id) && (closed.first..=closed.last).contains(&date);
        if !fits || ground.closed.iter().any(shut) {
            continue;
        }
        let short = SHORT_COST * i64::from(request.booths - venue.booths).max(0);
        let cost = short + if own || request.school_id.is_none() { 0 } else { HALL_COST };
        if best.is_none_or(|(_, least)| cost < least) {
            best = Some((at, cost));
        }
    }
    best
}
