//! Which step may an application take, and who may take it? The whole life of an application in one table.

use crate::error::{Error, Result};
use crate::fairs::exhibitor::Outcome;

/// Who takes a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The fair's own people.
    Fair,
    /// The employer itself.
    Employer,
}

/// Lets a step through, or says why not.
pub fn step(from: Outcome, to: Outcome, side: Side) -> Result<()> {
    use Outcome::{Applied, Approved, Declined, Offered, Waitlisted, Withdrawn};
    let known = matches!(
        (from, to),
        (Applied, Approved | Declined | Waitlisted)
            | (Waitlisted, Approved | Declined)
            | (Offered, Approved | Declined)
            | (Approved, Declined)
            | (Applied | Approved | Waitlisted | Offered, Withdrawn)
    );
    if !known {
        let zh = format!("报名现为 {from}，不能转为 {to}");
        return Err(Error::conflict("wrong_step", zh, format!("the application is {from} and cannot become {to}")));
    }
    match (side, from, to) {
        (Side::Fair, ..) | (Side::Employer, _, Withdrawn) | (Side::Employer, Offered, Approved) => Ok(()),
        _ => Err(Error::Forbidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_employer_takes_an_offer_or_leaves_and_decides_nothing_else() {
        for from in Outcome::ALL {
            for to in Outcome::ALL {
                let allowed = step(*from, *to, Side::Employer).is_ok();
                let leaves = *to == Outcome::Withdrawn && step(*from, *to, Side::Fair).is_ok();
                assert_eq!(allowed, leaves || (*from, *to) == (Outcome::Offered, Outcome::Approved), "{from} {to}");
            }
        }
    }

    #[test]
    fn what_is_over_stays_over() {
        for over in [Outcome::Declined, Outcome::Lapsed, Outcome::Withdrawn] {
            assert!(Outcome::ALL.iter().all(|to| step(over, *to, Side::Fair).is_err()), "{over}");
        }
    }
}
