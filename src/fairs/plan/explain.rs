//! Why does an event have no day, and where could it go instead? Nothing is refused silently.

use std::collections::BTreeMap;

use super::model::{Choice, Event, Problem};

/// What keeps an event from a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Binding {
    /// No day is open at all: holidays, exams, closures, or the wished weeks lie outside the period.
    NoOpenDay,
    /// Another fair of the city is too near.
    Spacing,
    /// Another fair of the school is too near.
    SchoolGap,
    /// The bureau has no team left.
    Teams,
    /// A place is free but costs more than leaving the event out.
    TooDear,
}

/// Why an event was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The event.
    pub event: usize,
    /// What stands in its way on most of its days.
    pub binding: Binding,
    /// On how many of its days it does.
    pub days: usize,
    /// The events that stand on its cheapest day.
    pub in_the_way: Vec<usize>,
    /// The nearest place beyond its choices on which nothing stands in its way.
    pub alternative: Option<Choice>,
}

/// Says why an event was left out of a plan; `beyond` are places that it did not ask for, the nearest first.
pub fn explain(problem: &Problem, plan: &[Option<usize>], event: usize, beyond: &[Choice]) -> Option<LeftOut> {
    let own = problem.events.get(event)?;
    let placed = placed(problem, plan);
    let mut counts: BTreeMap<Binding, usize> = BTreeMap::new();
    for choice in &own.choices {
        let binding = binding(problem, &placed, own, choice.day).map_or(Binding::TooDear, |(binding, _)| binding);
        *counts.entry(binding).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(binding, days)| (*days, std::cmp::Reverse(*binding)));
    let (binding_most, days) = most.unwrap_or((Binding::NoOpenDay, 0));
    let cheapest = own.choices.iter().min_by_key(|choice| (choice.cost, choice.day));
    let in_the_way = cheapest.and_then(|choice| binding(problem, &placed, own, choice.day)).map(|(_, events)| events);
    Some(LeftOut {
        event,
        binding: binding_most,
        days,
        in_the_way: in_the_way.unwrap_or_default(),
        alternative: beyond.iter().find(|choice| binding(problem, &placed, own, choice.day).is_none()).copied(),
    })
}

/// Gives the events that have a day, with it.
fn placed<'a>(problem: &'a Problem, plan: &[Option<usize>]) -> Vec<(usize, &'a Event, usize)> {
    let events = problem.events.iter().zip(plan).enumerate();
    events.filter_map(|(at, (event, place))| Some((at, event, event.choices.get((*place)?)?.day))).collect()
}

/// Gives what keeps an event from a day, and who stands in its way.
fn binding(problem: &Problem, placed: &[(usize, &Event, usize)], own: &Event, day: usize) -> Option<(Binding, Vec<usize>)> {
    let near = placed.iter().filter(|(_, other, other_day)| problem.too_near(own, day, other, *other_day));
    let near: Vec<&(usize, &Event, usize)> = near.collect();
    if !near.is_empty() {
        let same_city = |(_, other, other_day): &(usize, &Event, usize)| {
            other.city == own.city && other_day.abs_diff(day) < problem.spacing_days
        };
        let binding = if near.iter().any(|at| same_city(at)) { Binding::Spacing } else { Binding::SchoolGap };
        return Some((binding, near.into_iter().map(|(at, ..)| *at).collect()));
    }
    let here: Vec<_> = placed.iter().filter(|(_, other, other_day)| other.city == own.city && *other_day == day).collect();
    let teams = here.iter().map(|(_, other, _)| other.teams).sum::<i64>() + own.teams;
    let there = problem.cities.get(own.city).map_or(0, |city| city.teams);
    (teams > there).then(|| (Binding::Teams, here.into_iter().map(|(at, ..)| *at).collect()))
}
