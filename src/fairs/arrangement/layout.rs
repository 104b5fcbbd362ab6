//! Where do the booths of a fair stand? Where its people put them; the others in rows below, back to back with aisles.

use crate::fairs::arrangement::body::Booth;

/// The width and depth of a booth that nobody measured, in centimetres.
const SIDE_CM: i32 = 300;
/// The width of an aisle, in centimetres.
const AISLE_CM: i32 = 300;
/// How many booths stand in a row.
const ROW: i32 = 10;
/// The margin of the hall, in centimetres.
const MARGIN_CM: i32 = 200;

/// Gives the booths 1 to `count` in the order of their numbers.
pub fn layout(placed: &[Booth], count: i32) -> Vec<Booth> {
    let below = placed.iter().map(|booth| booth.y_cm.saturating_add(booth.depth_cm)).max();
    let top = below.map_or(MARGIN_CM, |bottom| bottom.saturating_add(AISLE_CM));
    let mut rest = 0;
    let booth = |number: i32| {
        let known = placed.iter().find(|booth| booth.number == number).copied();
        known.unwrap_or_else(|| {
            let booth = in_rows(number, rest, top);
            rest += 1;
            booth
        })
    };
    (1..=count).map(booth).collect()
}

/// Two rows stand back to back, then comes an aisle.
fn in_rows(number: i32, place: i32, top: i32) -> Booth {
    let (row, column) = (place / ROW, place % ROW);
    let aisles = (row + 1) / 2;
    let y_cm = top.saturating_add(row * SIDE_CM + aisles * AISLE_CM);
    Booth { number, x_cm: MARGIN_CM + column * SIDE_CM, y_cm, width_cm: SIDE_CM, depth_cm: SIDE_CM }
}

/// Tells whether two booths touch along a side, or face each other over an aisle.
pub fn neighbours(one: &Booth, other: &Booth) -> bool {
    let shared = |a: i32, a_long: i32, b: i32, b_long: i32| a.saturating_add(a_long).min(b.saturating_add(b_long)) - a.max(b);
    let across = shared(one.x_cm, one.width_cm, other.x_cm, other.width_cm);
    let along = shared(one.y_cm, one.depth_cm, other.y_cm, other.depth_cm);
    one.number != other.number && ((across > 0 && -along <= AISLE_CM) || (along > 0 && -across <= AISLE_CM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booths_stand_in_rows_and_never_on_one_another() {
        let placed = Booth { number: 2, x_cm: 0, y_cm: 0, width_cm: 600, depth_cm: 300 };
        let booths = layout(&[placed], 45);
        assert_eq!(booths.iter().map(|booth| booth.number).collect::<Vec<_>>(), (1..=45).collect::<Vec<_>>());
        assert_eq!(booths.get(1), Some(&placed));
        for (at, one) in booths.iter().enumerate() {
            for other in booths.iter().skip(at + 1) {
                let apart = one.x_cm + one.width_cm <= other.x_cm || other.x_cm + other.width_cm <= one.x_cm;
                let below = one.y_cm + one.depth_cm <= other.y_cm || other.y_cm + other.depth_cm <= one.y_cm;
                assert!(apart || below, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_neighbour_stands_beside_behind_or_across_the_aisle_and_not_at_the_corner() {
        let booths = layout(&[], 40);
        let near = |one: usize, other: usize| neighbours(&booths[one - 1], &booths[other - 1]);
        assert!(
            near(1, 2) && near(2, 1) && near(1, 11) && near(11, 21) && !near(1, 1) && !near(1, 12) && !near(1, 21) && !near(1, 4)
        );
    }
}
