//! Which counts may everybody see? Those of fewer than five people are withheld, and with them as many others as it takes
//! that nobody finds them by subtracting from the total.

/// From how many people on a count is shown.
pub const SHOWN_MIN: u32 = 5;

/// Withholds a count that stands alone.
pub fn alone(count: u32) -> Option<u32> {
    (count >= SHOWN_MIN || count == 0).then_some(count)
}

/// Withholds small counts of a column whose total is shown: one hidden count alone would be the total less the others, and
/// hidden counts that make fewer than five together would be as good as shown.
pub fn column(counts: &[u32]) -> Vec<Option<u32>> {
    let mut shown: Vec<bool> = counts.iter().map(|count| *count >= SHOWN_MIN).collect();
    loop {
        let hidden = || counts.iter().zip(&shown).filter(|(_, shown)| !**shown).map(|(count, _)| *count);
        let (number, people) = (hidden().count(), hidden().sum::<u32>());
        if people == 0 || number > 1 && people >= SHOWN_MIN {
            break;
        }
        let smallest = counts.iter().zip(&mut shown).filter(|(_, shown)| **shown).min_by_key(|(count, _)| **count);
        match smallest {
            Some((_, shown)) => *shown = false,
            None => break,
        }
    }
    let nobody_hidden = counts.iter().zip(&shown).all(|(count, shown)| *shown || *count == 0);
    counts.iter().zip(shown).map(|(count, shown)| (shown || nobody_hidden).then_some(*count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_under_five_are_withheld_and_one_alone_takes_another_along() {
        assert_eq!(column(&[9, 7, 12]), [Some(9), Some(7), Some(12)]);
        assert_eq!(column(&[9, 3, 12]), [None, None, Some(12)]);
        assert_eq!(column(&[4, 3, 12]), [None, None, Some(12)]);
        assert_eq!(column(&[1, 0, 12, 6]), [None, None, Some(12), None]);
        assert_eq!(column(&[0, 0, 8]), [Some(0), Some(0), Some(8)]);
        assert_eq!((alone(4), alone(5), alone(0)), (None, Some(5), Some(0)));
    }

    proptest::proptest! {
        #[test]
        fn nobody_finds_a_small_count_from_the_total(counts in proptest::collection::vec(0u32..12, 1..9)) {
            let shown = column(&counts);
            let hidden: Vec<u32> = counts.iter().zip(&shown).filter(|(_, shown)| shown.is_none()).map(|(count, _)| *count).collect();
            let small_shown = shown.iter().flatten().any(|count| (1..SHOWN_MIN).contains(count));
            proptest::prop_assert!(!small_shown);
            let people: u32 = hidden.iter().sum();
            let all_hidden = hidden.len() == counts.len();
            proptest::prop_assert!(hidden.is_empty() || all_hidden || hidden.len() > 1 && people >= SHOWN_MIN);
        }
    }
}
