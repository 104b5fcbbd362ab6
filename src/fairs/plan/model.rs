//! What is planned, and what makes a plan good? The calendar of fairs as an integer program, and its independent judge.
//!
//! Sets: events e (fairs, and 政策速递 visits), each with choices o of a day and a venue; cities c; schools s; regions r;
//! sectors k; days d. Variables: x(e,o) ∈ {0,1}, u(e) ∈ {0,1} (left out).
//!
//! ```text
//! min  Σ cost(o)·x(e,o) + Σ left_out(e)·u(e) + over·Σ(r,k,d) max(0, Σ load(e,k)·x(e,o) − supply(r,k,d))
//! s.t. Σ(o) x(e,o) + u(e) = 1                                      every event, once or told why not
//!      Σ x(fairs of c within any `spacing_days` days) ≤ 1         a city's fairs keep apart
//!      Σ x(fairs of s within any `school_gap_days` days) ≤ 1      and so do a school's
//!      Σ teams(e)·x(events of c on d) ≤ teams(c)                  the bureau's people
//! ```
//!
//! Two fairs of a city never share a day, so of one day's venues only the cheapest matters to an event. A fair that alone
//! asks more of a region than it has raises `supply` on its days: what every plan must pay decides nothing.
#![expect(clippy::indexing_slicing, reason = "indices are made by `Problem::sound` and checked there once")]

/// A day and a venue on which an event may be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Choice {
    /// The day, counted from the first of the period.
    pub day: usize,
    /// The venue.
    pub venue: usize,
    /// How unwelcome it is; 0 is what was wished for.
    pub cost: i64,
}

/// A city with its bureau.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct City {
    /// How many teams the bureau can send out on one day.
    pub teams: i64,
    /// The region from which employers come.
    pub region: usize,
}

/// A fair or a visit that wants a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The city.
    pub city: usize,
    /// The school; fairs of one school keep `school_gap_days` apart.
    pub school: Option<usize>,
    /// Whether it is a fair: fairs of one city keep `spacing_days` apart, visits need not.
    pub fair: bool,
    /// How many teams of the bureau it takes.
    pub teams: i64,
    /// Booths asked of a sector, by sector.
    pub load: Vec<(usize, i64)>,
    /// Where and when it may be held, by day, one a day.
    pub choices: Vec<Choice>,
    /// What a person decided: the place among `choices` that stays.
    pub fixed: Option<usize>,
    /// What it costs to leave it out; more than any detour is worth.
    pub left_out: i64,
}

/// Everything that decides about a calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How many days the period has.
    pub days: usize,
    /// The cities.
    pub cities: Vec<City>,
    /// How many schools there are.
    pub schools: usize,
    /// How many regions there are.
    pub regions: usize,
    /// How many sectors there are.
    pub sectors: usize,
    /// How many days fairs of one city keep apart, at least 1.
    pub spacing_days: usize,
    /// How many days fairs of one school keep apart, at least 1.
    pub school_gap_days: usize,
    /// What wants a day.
    pub events: Vec<Event>,
    /// Booths that a region's employers of a sector can man on one day, at `region · sectors + sector`.
    pub supply: Vec<i64>,
    /// What a booth beyond that costs.
    pub overload: i64,
}

/// Two events that cannot both stand where they are, or a day that asks too much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clash {
    /// Two fairs of one city are too near.
    Spacing(usize, usize),
    /// Two fairs of one school are too near.
    School(usize, usize),
    /// A bureau has not so many teams on a day.
    Teams {
        /// The city.
        city: usize,
        /// The day.
        day: usize,
    },
    /// A fixed event was moved.
    Moved(usize),
    /// An event stands where it may not.
    NoChoice(usize),
}

impl Problem {
    /// Tells whether every index points at something that is there.
    pub fn sound(&self) -> bool {
        let event = |event: &Event| {
            event.city < self.cities.len()
                && event.school.is_none_or(|school| school < self.schools)
                && event.load.iter().all(|(sector, booths)| *sector < self.sectors && *booths >= 0)
                && event.choices.iter().all(|choice| choice.day < self.days && choice.cost >= 0)
                && event.choices.windows(2).all(|pair| pair[0].day < pair[1].day)
                && event.fixed.is_none_or(|at| at < event.choices.len())
                && event.teams >= 0
                && event.left_out >= 0
        };
        self.supply.len() == self.regions * self.sectors
            && self.cities.iter().all(|city| city.region < self.regions)
            && self.spacing_days >= 1
            && self.school_gap_days >= 1
            && self.overload >= 0
            && self.events.iter().all(event)
    }

    /// Gives supply(r,k,d) at `(region · sectors + sector) · days + day`, raised where a fair alone asks for more.
    pub fn daily_supply(&self) -> Vec<i64> {
        let mut supply: Vec<i64> = self.supply.iter().flat_map(|booths| std::iter::repeat_n(*booths, self.days)).collect();
        for event in &self.events {
            for &(sector, booths) in &event.load {
                let row = self.row(event.city, sector);
                for choice in &event.choices {
                    let cell = &mut supply[row + choice.day];
                    *cell = (*cell).max(booths);
                }
            }
        }
        supply
    }

    /// Gives where the days of a city's region and a sector begin in `daily_supply`.
    pub fn row(&self, city: usize, sector: usize) -> usize {
        (self.cities[city].region * self.sectors + sector) * self.days
    }

    /// Tells whether two events may not stand on these two days, teams aside.
    pub fn too_near(&self, one: &Event, day: usize, other: &Event, other_day: usize) -> bool {
        if !one.fair || !other.fair {
            return false;
        }
        let apart = day.abs_diff(other_day);
        (one.city == other.city && apart < self.spacing_days)
            || (one.school.is_some() && one.school == other.school && apart < self.school_gap_days)
    }

    /// Judges a plan from nothing but the definition above: what it costs, or every clash in it. `plan` holds a place among
    /// the choices of each event, or nothing where it is left out. Compares all pairs, so it is slow and plain.
    pub fn judge(&self, plan: &[Option<usize>]) -> Result<i64, Vec<Clash>> {
        let mut clashes = Vec::new();
        let mut cost = 0;
        let mut teams = vec![0; self.cities.len() * self.days];
        let mut load = vec![0; self.supply.len() * self.days];
        let mut placed: Vec<(usize, &Event, Choice)> = Vec::new();
        for (at, event) in self.events.iter().enumerate() {
            let chosen = plan.get(at).copied().flatten();
            if event.fixed.is_some() && chosen != event.fixed {
                clashes.push(Clash::Moved(at));
            }
            match chosen.map(|place| event.choices.get(place)) {
                None => cost += event.left_out,
                Some(None) => clashes.push(Clash::NoChoice(at)),
                Some(Some(choice)) => {
                    cost += choice.cost;
                    teams[event.city * self.days + choice.day] += event.teams;
                    event.load.iter().for_each(|&(sector, booths)| load[self.row(event.city, sector) + choice.day] += booths);
                    placed.push((at, event, *choice));
                }
            }
        }
        for (n, &(at, event, choice)) in placed.iter().enumerate() {
            for &(other_at, other, other_choice) in &placed[..n] {
                let both_fixed = event.fixed.is_some() && other.fixed.is_some();
                if !both_fixed && self.too_near(event, choice.day, other, other_choice.day) {
                    let same_city = event.city == other.city && choice.day.abs_diff(other_choice.day) < self.spacing_days;
                    clashes.push(if same_city { Clash::Spacing(other_at, at) } else { Clash::School(other_at, at) });
                }
            }
            let asked = teams[event.city * self.days + choice.day];
            if event.fixed.is_none() && asked > self.cities[event.city].teams {
                clashes.push(Clash::Teams { city: event.city, day: choice.day });
            }
        }
        let supply = self.daily_supply();
        cost += load.iter().zip(&supply).map(|(asked, there)| self.overload * (asked - there).max(0)).sum::<i64>();
        if clashes.is_empty() { Ok(cost) } else { Err(clashes) }
    }
}
