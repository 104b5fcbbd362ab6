//! How does a question become a market? Vacancies with headcounts, quotas over groups of them, and places reserved for the
//! class of a training order, turned into a forest of limits.
//!
//! A reserved place stands within its vacancy, and only its class may apply there: at the head of their lists, before
//! everybody else. A trainee whom it does not take applies to the vacancy like everybody; a reserved place that no trainee
//! wants is open to all.
#![expect(clippy::indexing_slicing, clippy::as_conversions, reason = "numbers are checked first, and below 2^32")]

use std::collections::BTreeMap;

use super::market::{Application, Fault, Market, NONE, Place};

/// A limit over a group of vacancies, such as those of a city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// The vacancies.
    pub vacancies: Vec<usize>,
    /// How many they take together at most.
    pub at_most: u32,
}

/// Places of a vacancy that a class goes first in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    /// The vacancy.
    pub vacancy: usize,
    /// How many places of its headcount.
    pub places: u32,
    /// The class; who has not the vacancy on the list has no use of it.
    pub graduates: Vec<usize>,
}

/// What is to be placed, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pose {
    /// The headcount of each vacancy.
    pub headcounts: Vec<u32>,
    /// The list of each graduate, the dearest vacancy first; `place` is the vacancy.
    pub lists: Vec<Vec<Application>>,
    /// The quotas; of any two that share vacancies one holds all of the other's.
    pub quotas: Vec<Quota>,
    /// The reserved places.
    pub reserved: Vec<Reserved>,
}

/// Why a question cannot be posed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsound {
    /// This quota shares vacancies with another without holding it or being held by it, or names what is not there.
    Quota(usize),
    /// This reservation names what is not there.
    Reserved(usize),
    /// The places and lists make no market.
    Market(Fault),
}

/// What a place stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// For the headcount of a vacancy.
    Headcount(usize),
    /// For a quota.
    Quota(usize),
    /// For reserved places of a vacancy.
    Reserved(usize),
}

/// A market, and what its places stand for.
#[derive(Debug)]
pub struct Posed {
    /// The market.
    pub market: Market,
    vacancies: usize,
    quotas: usize,
}

impl Posed {
    /// Tells what a place stands for.
    pub fn stands(&self, place: usize) -> Stands {
        match place.checked_sub(self.vacancies) {
            None => Stands::Headcount(place),
            Some(quota) if quota < self.quotas => Stands::Quota(quota),
            Some(_) => Stands::Reserved(self.market.places[place].within as usize),
        }
    }

    /// Gives the vacancy that an application is for, and whether to reserved places of it.
    pub fn vacancy_of(&self, application: usize) -> (usize, bool) {
        match self.stands(self.market.place_of(application) as usize) {
            Stands::Reserved(vacancy) => (vacancy, true),
            Stands::Headcount(place) | Stands::Quota(place) => (place, false),
        }
    }
}

impl Pose {
    /// Makes the market: vacancies first, then quotas, then reserved places.
    pub fn market(self) -> Result<Posed, Unsound> {
        let Pose { headcounts, mut lists, quotas, reserved } = self;
        let place = |most: u32| Place { most, within: NONE, reserved: false };
        let mut places: Vec<Place> = headcounts.iter().copied().map(place).collect();
        places.extend(quotas.iter().map(|quota| place(quota.at_most)));
        nest(&mut places, headcounts.len(), &quotas)?;
        for (at, reservation) in reserved.iter().enumerate() {
            let here = places.len() as u32;
            let most = *headcounts.get(reservation.vacancy).ok_or(Unsound::Reserved(at))?;
            let within = reservation.vacancy as u32;
            places.push(Place { most: most.min(reservation.places), within, reserved: true });
            for graduate in &reservation.graduates {
                let list = lists.get_mut(*graduate).ok_or(Unsound::Reserved(at))?;
                if let Some(own) = list.iter().find(|line| line.place == within).copied() {
                    let ahead = list.iter().take_while(|line| is_reserved(&places, line.place)).count();
                    list.insert(ahead, Application { place: here, ..own });
                }
            }
        }
        let market = Market::parse(places, lists).map_err(Unsound::Market)?;
        Ok(Posed { market, vacancies: headcounts.len(), quotas: quotas.len() })
    }
}

fn is_reserved(places: &[Place], place: u32) -> bool {
    places.get(place as usize).is_some_and(|place| place.reserved)
}

/// Lets each vacancy and each quota stand within the smallest quota that holds it.
fn nest(places: &mut [Place], vacancies: usize, quotas: &[Quota]) -> Result<(), Unsound> {
    let mut order: Vec<usize> = (0..quotas.len()).collect();
    order.sort_by_key(|at| quotas[*at].vacancies.len());
    let mut top: Vec<usize> = (0..vacancies).collect();
    let mut holds: Vec<usize> = vec![1; vacancies + quotas.len()];
    for at in order {
        let mut inside: BTreeMap<usize, usize> = BTreeMap::new();
        for vacancy in &quotas[at].vacancies {
            *inside.entry(*top.get(*vacancy).ok_or(Unsound::Quota(at))?).or_default() += 1;
        }
        if inside.iter().any(|(place, count)| holds[*place] != *count) {
            return Err(Unsound::Quota(at));
        }
        inside.keys().for_each(|place| places[*place].within = (vacancies + at) as u32);
        quotas[at].vacancies.iter().for_each(|vacancy| top[*vacancy] = vacancies + at);
        holds[vacancies + at] = quotas[at].vacancies.len();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pose(quotas: &[&[usize]]) -> Pose {
        let quotas = quotas.iter().map(|of| Quota { vacancies: of.to_vec(), at_most: 1 }).collect();
        Pose { headcounts: vec![1; 4], quotas, ..Pose::default() }
    }

    #[test]
    fn quotas_nest_or_are_apart() {
        let nested = pose(&[&[0, 1, 2], &[0, 1], &[3]]).market().unwrap();
        let above: Vec<u32> = nested.market.places.iter().map(|place| place.within).collect();
        assert_eq!(above, [5, 5, 4, 6, NONE, 4, NONE]);
        assert_eq!((nested.stands(2), nested.stands(5)), (Stands::Headcount(2), Stands::Quota(1)));
    }

    #[test]
    fn quotas_that_cross_are_refused() {
        assert_eq!(pose(&[&[0, 1], &[1, 2]]).market().err(), Some(Unsound::Quota(1)));
        assert_eq!(pose(&[&[0, 0]]).market().err(), Some(Unsound::Quota(0)));
        assert_eq!(pose(&[&[4]]).market().err(), Some(Unsound::Quota(0)));
    }

    #[test]
    fn a_class_stands_first_where_places_are_reserved_for_it() {
        let line = |place: u32, vacancy_score: u32| Application { place, graduate_score: 5, vacancy_score };
        let lists = vec![vec![line(0, 9), line(1, 9)], vec![line(0, 8), line(1, 1)], vec![line(1, 7)]];
        let reserved = vec![Reserved { vacancy: 1, places: 1, graduates: vec![1] }];
        let posed = Pose { headcounts: vec![1, 1], lists, quotas: Vec::new(), reserved }.market().unwrap();
        let placed = super::super::stable(&posed.market);
        let vacancies: Vec<_> = placed.iter().map(|at| (*at != NONE).then(|| posed.vacancy_of(*at as usize))).collect();
        assert_eq!(vacancies, [Some((0, false)), Some((1, true)), None]);
    }
}
