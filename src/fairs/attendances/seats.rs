//! Who of those who wait gets a seat? In the order of their reservation, the lowest free number; whoever's school has all its
//! places is passed over, everybody else behind a full house waits on.

use std::collections::{BTreeMap, BTreeSet};

use crate::fairs::places::lowest_free;

/// One session, as far as it is given away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hall {
    /// How many seats there are; any number when none is said.
    pub seats: Option<i32>,
    /// How many people are in without a number.
    pub nameless: i32,
    /// The numbers that are given.
    pub taken: BTreeSet<i32>,
    /// How many graduates of each school have a place.
    pub of_school: BTreeMap<String, i32>,
    /// How many each school may have; the others any number.
    pub quotas: BTreeMap<String, i32>,
}

impl Hall {
    /// Tells how many places are left; nothing when there is no limit.
    pub fn left(&self) -> Option<i32> {
        let given = i32::try_from(self.taken.len()).unwrap_or(i32::MAX).saturating_add(self.nameless);
        self.seats.map(|seats| seats.saturating_sub(given).max(0))
    }

    fn school_is_full(&self, school: Option<&str>) -> bool {
        let Some(school) = school else { return false };
        self.quotas.get(school).is_some_and(|quota| self.of_school.get(school).copied().unwrap_or(0) >= *quota)
    }

    /// Gives a place to a graduate of a school: `Some(None)` is one without a number.
    fn give(&mut self, school: Option<&str>) -> Option<Option<i32>> {
        if self.left() == Some(0) || self.school_is_full(school) {
            return None;
        }
        let seat = match self.seats {
            Some(seats) => Some(lowest_free(&self.taken, seats)?),
            None => None,
        };
        self.taken.extend(seat);
        *self.of_school.entry(school.unwrap_or_default().to_owned()).or_default() += 1;
        Some(seat)
    }
}

/// Gives places to those who wait, in their order: who gets one, and which.
pub fn promoted(mut hall: Hall, waiting: &[Option<String>]) -> Vec<(usize, Option<i32>)> {
    let mut given = Vec::new();
    for (at, school) in waiting.iter().enumerate() {
        if hall.left() == Some(0) {
            break;
        }
        if let Some(seat) = hall.give(school.as_deref()) {
            given.push((at, seat));
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schools(names: &[&str]) -> Vec<Option<String>> {
        names.iter().map(|name| (!name.is_empty()).then(|| (*name).to_owned())).collect()
    }

    fn hall(seats: Option<i32>, quotas: &[(&str, i32)]) -> Hall {
        let quotas = quotas.iter().map(|(school, seats)| ((*school).to_owned(), *seats)).collect();
        Hall { seats, quotas, ..Hall::default() }
    }

    #[test]
    fn the_first_get_the_seats_and_a_full_school_is_passed_over() {
        let waiting = schools(&["a", "a", "a", "b", "", "b"]);
        assert_eq!(promoted(hall(Some(4), &[("a", 2)]), &waiting), [(0, Some(1)), (1, Some(2)), (3, Some(3)), (4, Some(4))]);
        assert_eq!(promoted(hall(None, &[("a", 1)]), &waiting), [(0, None), (3, None), (4, None), (5, None)]);
        assert_eq!(promoted(hall(Some(0), &[]), &waiting), []);
    }

    #[test]
    fn people_without_a_number_take_places_too() {
        let hall = Hall { nameless: 2, taken: [2].into(), ..hall(Some(4), &[]) };
        assert_eq!(hall.left(), Some(1));
        assert_eq!(promoted(hall, &schools(&["", ""])), [(0, Some(1))]);
    }

    proptest::proptest! {
        #[test]
        fn no_seat_is_given_twice_and_nobody_is_passed_over_without_a_reason(
            seats in proptest::option::of(0..12i32), quota in 0..5i32, nameless in 0..4i32,
            taken in proptest::collection::btree_set(1..12i32, 0..6), names in proptest::collection::vec("[abc]?", 0..20),
        ) {
            let waiting: Vec<Option<String>> = names.iter().map(|name| (!name.is_empty()).then(|| name.clone())).collect();
            let taken: BTreeSet<i32> = taken.into_iter().filter(|seat| seats.is_some_and(|seats| *seat <= seats)).collect();
            let before = Hall { nameless, taken: taken.clone(), ..hall(seats, &[("a", quota)]) };
            let given = promoted(before.clone(), &waiting);
            let numbers: BTreeSet<i32> = given.iter().filter_map(|(_, seat)| *seat).collect();
            proptest::prop_assert_eq!(numbers.len(), given.iter().filter(|(_, seat)| seat.is_some()).count());
            proptest::prop_assert!(numbers.is_disjoint(&taken));
            let of_a = given.iter().filter(|(at, _)| waiting[*at].as_deref() == Some("a")).count();
            proptest::prop_assert!(of_a <= usize::try_from(quota).unwrap());
            let left = before.left().map_or(usize::MAX, |left| usize::try_from(left).unwrap());
            proptest::prop_assert!(given.len() <= left);
            for (at, school) in waiting.iter().enumerate().filter(|(at, _)| !given.iter().any(|(got, _)| got == at)) {
                let passed = school.as_deref() == Some("a") && of_a == usize::try_from(quota).unwrap();
                proptest::prop_assert!(passed || (given.len() == left && given.last().is_none_or(|(last, _)| at > *last)), "{} passed over", at);
            }
        }
    }
}
