//! Which booth or seat is given next? The lowest free number; none when all are taken.

use std::collections::BTreeSet;

/// Gives the lowest number from 1 to `total` that is not taken.
pub fn lowest_free(taken: &BTreeSet<i32>, total: i32) -> Option<i32> {
    (1..=total).find(|number| !taken.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_gap_is_filled_and_a_full_house_gives_nothing() {
        let taken = |numbers: &[i32]| numbers.iter().copied().collect::<BTreeSet<i32>>();
        assert_eq!(lowest_free(&taken(&[]), 3), Some(1));
        assert_eq!(lowest_free(&taken(&[1, 3]), 3), Some(2));
        assert_eq!(lowest_free(&taken(&[1, 2, 3]), 3), None);
        assert_eq!(lowest_free(&taken(&[]), 0), None);
    }

    proptest::proptest! {
        #[test]
        fn a_number_given_is_free_and_within_the_house(numbers in proptest::collection::btree_set(1..50i32, 0..50), total in 0..60i32) {
            match lowest_free(&numbers, total) {
                Some(number) => proptest::prop_assert!((1..=total).contains(&number) && !numbers.contains(&number)),
                None => proptest::prop_assert!((1..=total).all(|number| numbers.contains(&number))),
            }
        }
    }
}
