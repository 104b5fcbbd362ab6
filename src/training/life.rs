//! What may happen to a training order, and is its class full enough?

use chrono::NaiveDate;

use crate::error::{Error, Result};
use crate::text_enum;

/// A class that has begun shall be filled to so many per cent of the places.
const FILLED_PERCENT: i64 = 60;

text_enum! {
    /// How a training order stands.
    OrderStatus {
        /// Offered by one side (意向).
        Intended = "intended",
        /// Agreed by both sides (已签约).
        Signed = "signed",
        /// The class is being taught (培训中).
        Training = "training",
        /// The class has finished (已结业).
        Finished = "finished",
        /// The class is placed (已安置).
        Placed = "placed",
        /// Given up (终止).
        Terminated = "terminated",
    }
}

text_enum! {
    /// Which side offered an order.
    Side {
        /// The ordering employer.
        Employer = "employer",
        /// The school.
        School = "school",
        /// An office, for both.
        Office = "office",
    }
}

/// How many people a class has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Class {
    /// Who is or was in it.
    pub enrolled: i64,
    /// Who finished.
    pub finished: i64,
    /// Who was hired.
    pub hired: i64,
}

impl OrderStatus {
    /// Whether somebody may join the class.
    pub fn takes_trainees(self) -> bool {
        matches!(self, OrderStatus::Signed | OrderStatus::Training)
    }

    /// Checks a step; `side` is who asks, `offered` who offered. The side that offered cannot sign for the other, and the employer
    /// does not say how far the class is.
    pub fn step(self, to: OrderStatus, side: Side, offered: Side, class: Class) -> Result<()> {
        use OrderStatus::{Finished, Intended, Placed, Signed, Terminated, Training};
        match (self, to) {
            (Intended, Signed) if side == offered && side != Side::Office => {
                Err(conflict("other_side_signs", "须由对方确认签约", "the other side has to sign"))
            }
            (Signed, Training) | (Training, Finished) | (Finished, Placed) if side == Side::Employer => Err(Error::Forbidden),
            (Signed, Training) if class.enrolled == 0 => {
                Err(conflict("no_trainees", "班级尚无学员", "the class has nobody in it"))
            }
            (Training, Finished) if class.finished == 0 => {
                Err(conflict("nobody_finished", "尚无学员结业", "nobody has finished the class"))
            }
            (Intended, Signed) | (Signed, Training) | (Training, Finished) | (Finished, Placed) => Ok(()),
            (Intended | Signed | Training, Terminated) => Ok(()),
            _ => {
                let zh = format!("订单现为 {self}，不能改为 {to}");
                Err(Error::conflict("bad_transition", zh, format!("the order is {self} and cannot become {to}")))
            }
        }
    }
}

fn conflict(code: &'static str, zh: &str, en: &str) -> Error {
    Error::conflict(code, zh.to_owned(), en.to_owned())
}

/// Tells whether a class that should have begun lacks people.
pub fn is_underfilled(status: OrderStatus, starts_on: NaiveDate, today: NaiveDate, headcount: i64, class: Class) -> bool {
    status.takes_trainees() && starts_on < today && class.enrolled * 100 < headcount * FILLED_PERCENT
}

/// The share of those who finished that was hired, 0 to 1; none where nobody finished.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "a class is below 2^53")]
pub fn conversion(class: Class) -> Option<f64> {
    (class.finished > 0).then(|| class.hired as f64 / class.finished as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: Class = Class { enrolled: 10, finished: 8, hired: 6 };

    fn code(outcome: Result<()>) -> Option<&'static str> {
        match outcome {
            Ok(()) => None,
            Err(Error::Conflict { code, .. }) => Some(code),
            Err(_) => Some("forbidden"),
        }
    }

    #[test]
    fn an_order_goes_its_way_step_by_step() {
        use OrderStatus::{Finished, Intended, Placed, Signed, Terminated, Training};
        let step = |from: OrderStatus, to, side| code(from.step(to, side, Side::Employer, FULL));
        let way = [Intended, Signed, Training, Finished, Placed];
        for pair in way.windows(2) {
            assert_eq!(step(pair[0], pair[1], Side::School), None, "{pair:?}");
        }
        for (from, to) in
            [(Intended, Training), (Signed, Finished), (Placed, Training), (Terminated, Signed), (Finished, Terminated)]
        {
            assert_eq!(step(from, to, Side::Office), Some("bad_transition"), "{from} {to}");
        }
        assert_eq!(step(Intended, Signed, Side::Employer), Some("other_side_signs"));
        assert_eq!(step(Signed, Training, Side::Employer), Some("forbidden"));
        assert_eq!(step(Signed, Terminated, Side::Employer), None);
    }

    #[test]
    fn a_class_of_nobody_neither_begins_nor_finishes() {
        let step = |from: OrderStatus, to, class| code(from.step(to, Side::School, Side::Employer, class));
        assert_eq!(step(OrderStatus::Signed, OrderStatus::Training, Class::default()), Some("no_trainees"));
        let begun = Class { enrolled: 3, ..Class::default() };
        assert_eq!(step(OrderStatus::Training, OrderStatus::Finished, begun), Some("nobody_finished"));
    }

    #[test]
    fn a_class_that_began_with_too_few_is_told() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let told = |today, enrolled| {
            is_underfilled(OrderStatus::Signed, day("2026-09-01"), day(today), 10, Class { enrolled, ..Class::default() })
        };
        assert_eq!([told("2026-09-01", 0), told("2026-09-02", 5), told("2026-09-02", 6)], [false, true, false]);
        assert_eq!((conversion(FULL), conversion(Class::default())), (Some(0.75), None));
    }
}
