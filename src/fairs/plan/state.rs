//! What does a plan cost, and what would a change of it cost? A plan under construction, kept feasible at every step.
#![expect(clippy::indexing_slicing, reason = "every index comes from a problem that was checked with `Problem::sound`")]

use super::model::{Choice, Event, Problem};

/// A partial plan: no two events in it clash. Fixed events are in it from the beginning and never leave.
pub struct State<'a> {
    problem: &'a Problem,
    supply: Vec<i64>,
    plan: Vec<Option<usize>>,
    /// The fairs of a city on a day, at `city · days + day`.
    fairs: Vec<Vec<usize>>,
    /// The visits of a city on a day.
    visits: Vec<Vec<usize>>,
    teams: Vec<i64>,
    load: Vec<i64>,
    siblings: Vec<Vec<usize>>,
    cost: i64,
}

impl<'a> State<'a> {
    /// Begins with the fixed events alone.
    pub fn new(problem: &'a Problem) -> State<'a> {
        let cells = problem.cities.len() * problem.days;
        let mut siblings = vec![Vec::new(); problem.schools];
        for (at, event) in problem.events.iter().enumerate() {
            if let Some(school) = event.school.filter(|_| event.fair) {
                siblings[school].push(at);
            }
        }
        let mut state = State {
            problem,
            supply: problem.daily_supply(),
            plan: vec![None; problem.events.len()],
            fairs: vec![Vec::new(); cells],
            visits: vec![Vec::new(); cells],
            teams: vec![0; cells],
            load: vec![0; problem.supply.len() * problem.days],
            siblings,
            cost: problem.events.iter().map(|event| event.left_out).sum(),
        };
        for (at, event) in problem.events.iter().enumerate() {
            if let Some(fixed) = event.fixed {
                state.place(at, fixed);
            }
        }
        state
    }

    /// Gives what the plan costs.
    pub fn cost(&self) -> i64 {
        self.cost
    }

    /// Gives the plan: a place among each event's choices.
    pub fn plan(&self) -> &[Option<usize>] {
        &self.plan
    }

    /// Gives where an event stands.
    pub fn at(&self, event: usize) -> Option<usize> {
        self.plan[event]
    }

    fn choice(&self, event: usize, place: usize) -> (&'a Event, Choice) {
        let event = &self.problem.events[event];
        (event, event.choices[place])
    }

    /// Gives what the plan costs more with an event at a place than without it; clashes aside.
    pub fn price(&self, event: usize, place: usize) -> i64 {
        let (event, choice) = self.choice(event, place);
        let mut price = choice.cost - event.left_out;
        for &(sector, booths) in &event.load {
            let cell = self.problem.row(event.city, sector) + choice.day;
            let over = self.load[cell] - self.supply[cell];
            price += self.problem.overload * ((over + booths).max(0) - over.max(0));
        }
        price
    }

    /// Collects the events that would have to leave for an event to stand at a place; `false` when a fixed one would.
    pub fn in_the_way(&self, event: usize, place: usize, leave: &mut Vec<usize>) -> bool {
        leave.clear();
        let (own, choice) = self.choice(event, place);
        let row = own.city * self.problem.days;
        if own.fair {
            let reach = self.problem.spacing_days - 1;
            let last = (choice.day + reach).min(self.problem.days - 1);
            for cell in row + choice.day.saturating_sub(reach)..=row + last {
                leave.extend(self.fairs[cell].iter().filter(|other| **other != event));
            }
            for &other in own.school.map_or(&[][..], |school| &self.siblings[school]) {
                if let Some(day) = self.day(other)
                    && other != event
                    && day.abs_diff(choice.day) < self.problem.school_gap_days
                    && !leave.contains(&other)
                {
                    leave.push(other);
                }
            }
        }
        let mut over = self.teams[row + choice.day] + own.teams - self.problem.cities[own.city].teams;
        let here = |other: &usize| self.day(*other) == Some(choice.day) && self.problem.events[*other].city == own.city;
        over -= leave.iter().filter(|other| here(other)).map(|other| self.problem.events[*other].teams).sum::<i64>();
        if self.plan[event].is_some() && here(&event) {
            over -= own.teams;
        }
        let cell = row + choice.day;
        for &other in self.visits[cell].iter().rev().chain(&self.fairs[cell]) {
            if over <= 0 {
                break;
            }
            if other != event && !leave.contains(&other) && self.problem.events[other].fixed.is_none() {
                over -= self.problem.events[other].teams;
                leave.push(other);
            }
        }
        over <= 0 && leave.iter().all(|other| self.problem.events[*other].fixed.is_none())
    }

    /// Gives the day of an event.
    pub fn day(&self, event: usize) -> Option<usize> {
        self.plan[event].map(|place| self.problem.events[event].choices[place].day)
    }

    /// Puts an event that stands nowhere at a place; the caller has cleared the way.
    pub fn place(&mut self, event: usize, place: usize) {
        self.cost += self.price(event, place);
        self.plan[event] = Some(place);
        let (own, choice) = self.choice(event, place);
        let cell = own.city * self.problem.days + choice.day;
        self.teams[cell] += own.teams;
        let events = if own.fair { &mut self.fairs[cell] } else { &mut self.visits[cell] };
        events.push(event);
        for &(sector, booths) in &own.load {
            self.load[self.problem.row(own.city, sector) + choice.day] += booths;
        }
    }

    /// Takes an event out.
    pub fn remove(&mut self, event: usize) {
        let Some(place) = self.plan[event].take() else { return };
        let (own, choice) = self.choice(event, place);
        let cell = own.city * self.problem.days + choice.day;
        self.teams[cell] -= own.teams;
        let events = if own.fair { &mut self.fairs[cell] } else { &mut self.visits[cell] };
        events.retain(|other| *other != event);
        for &(sector, booths) in &own.load {
            self.load[self.problem.row(own.city, sector) + choice.day] -= booths;
        }
        self.cost -= self.price(event, place);
    }

    /// Finds the cheapest place at which nobody stands in the way, if it is cheaper than leaving the event out.
    pub fn best_free(&self, event: usize, leave: &mut Vec<usize>) -> Option<usize> {
        let mut best = (0, None);
        for place in 0..self.problem.events[event].choices.len() {
            let price = self.price(event, place);
            if price < best.0 && self.in_the_way(event, place, leave) && leave.is_empty() {
                best = (price, Some(place));
            }
        }
        best.1
    }
}
