//! Who gets what, one each, for the greatest sum? The assignment problem by successive shortest paths (Kuhn 1955; Jonker and
//! Volgenant 1987), in O(rows² · columns).
#![expect(clippy::indexing_slicing, reason = "every index runs over the rows and columns of one table")]

/// What a forbidden pair costs; more than any sum of allowed ones.
const FORBIDDEN: i64 = 1 << 45;

/// Gives each row its own column for the greatest sum, and the sum; nothing where that is not possible. No more rows than columns.
pub fn assign(gain: &[Vec<Option<i64>>]) -> Option<(Vec<usize>, i64)> {
    let (rows, columns) = (gain.len(), gain.first().map_or(0, Vec::len));
    if rows > columns {
        return None;
    }
    let cost = |row: usize, column: usize| gain[row][column].map_or(FORBIDDEN, |gain| -gain);
    // Row and column 0 are a fictitious pair from which each search sets out.
    let (mut of_row, mut of_column) = (vec![0_i64; rows + 1], vec![0_i64; columns + 1]);
    let mut taken_by = vec![0_usize; columns + 1];
    let mut before = vec![0_usize; columns + 1];
    for row in 1..=rows {
        taken_by[0] = row;
        let mut column = 0;
        let mut least = vec![i64::MAX; columns + 1];
        let mut seen = vec![false; columns + 1];
        while taken_by[column] != 0 {
            seen[column] = true;
            let (from, mut delta, mut next) = (taken_by[column], i64::MAX, 0);
            for to in (1..=columns).filter(|to| !seen[*to]) {
                let reduced = cost(from - 1, to - 1) - of_row[from] - of_column[to];
                if reduced < least[to] {
                    (least[to], before[to]) = (reduced, column);
                }
                if least[to] < delta {
                    (delta, next) = (least[to], to);
                }
            }
            for to in 0..=columns {
                if seen[to] {
                    of_row[taken_by[to]] += delta;
                    of_column[to] -= delta;
                } else if least[to] < i64::MAX {
                    least[to] -= delta;
                }
            }
            column = next;
        }
        while column != 0 {
            taken_by[column] = taken_by[before[column]];
            column = before[column];
        }
    }
    let mut places = vec![0; rows];
    for column in 1..=columns {
        if taken_by[column] > 0 {
            places[taken_by[column] - 1] = column - 1;
        }
    }
    let sum: Option<i64> = places.iter().enumerate().map(|(row, column)| gain[row][*column]).sum();
    sum.map(|sum| (places, sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best(gain: &[Vec<Option<i64>>], row: usize, used: u32) -> Option<i64> {
        let Some(own) = gain.get(row) else { return Some(0) };
        let free = own.iter().enumerate().filter(|(column, _)| used >> column & 1 == 0);
        free.filter_map(|(column, gained)| Some((*gained)? + best(gain, row + 1, used | 1 << column)?)).max()
    }

    proptest::proptest! {
        #[test]
        fn no_other_assignment_gains_more(rows in 0..6usize, more in 0..3usize, cells in proptest::collection::vec(proptest::option::weighted(0.8, 0..50i64), 48)) {
            let columns = rows + more;
            let gain: Vec<Vec<Option<i64>>> = (0..rows).map(|row| (0..columns).map(|column| cells[row * columns + column]).collect()).collect();
            let found = assign(&gain);
            proptest::prop_assert_eq!(found.as_ref().map(|(_, sum)| *sum), best(&gain, 0, 0));
            if let Some((places, _)) = found {
                let distinct: std::collections::BTreeSet<usize> = places.iter().copied().collect();
                proptest::prop_assert_eq!(distinct.len(), rows);
            }
        }
    }
}
