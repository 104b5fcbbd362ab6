//! Which step may a vacancy take, and who may take it? The whole life cycle in one table.

use crate::error::{Error, Result};
use crate::http::Role;
use crate::text_enum;

text_enum! {
    /// Where a vacancy stands.
    Status {
        /// Being written.
        Draft = "draft",
        /// Waiting for the bureau.
        Submitted = "submitted",
        /// Sent back for a change.
        Referred = "referred",
        /// Published.
        Live = "live",
        /// Refused.
        Rejected = "rejected",
        /// Taken off for a while.
        Suspended = "suspended",
        /// Ended by a person or by its source.
        Closed = "closed",
        /// Ended by its date.
        Expired = "expired",
        /// Made part of another vacancy.
        Merged = "merged",
    }
}

text_enum! {
    /// What happened to a vacancy.
    Event {
        /// It was written down.
        Created = "created",
        /// It was handed in.
        Submitted = "submitted",
        /// It was sent back.
        Referred = "referred",
        /// It went live.
        Published = "published",
        /// Its content changed.
        Corrected = "corrected",
        /// It was refused.
        Rejected = "rejected",
        /// It was taken off for a while.
        Suspended = "suspended",
        /// It was ended.
        Closed = "closed",
        /// Its date passed.
        Expired = "expired",
        /// It became part of another.
        Merged = "merged",
    }
}

text_enum! {
    /// What became of an opening whose vacancy was ended.
    Closing {
        /// Somebody was hired who came by this service.
        FilledHere = "filled_here",
        /// Somebody was hired who came another way.
        FilledElsewhere = "filled_elsewhere",
        /// Nobody was found.
        NotFilled = "not_filled",
        /// Nobody is wanted any more.
        Withdrawn = "withdrawn",
    }
}

/// Who takes a step: the employer that owns the vacancy, or the office that answers for its city.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hand {
    /// The employer.
    Owner,
    /// The bureau or the province.
    Office,
}

impl Hand {
    /// Tells whose hand a role is.
    pub fn of(role: Role) -> Hand {
        match role {
            Role::Bureau | Role::Province => Hand::Office,
            _ => Hand::Owner,
        }
    }
}

/// Lets the step through and names its event, or refuses it.
pub fn step(from: Status, to: Status, hand: Hand) -> Result<Event> {
    use Status::{Closed, Draft, Expired, Live, Referred, Rejected, Submitted, Suspended};
    let event = match (from, to) {
        (Draft | Referred | Expired, Submitted) => Event::Submitted,
        (Submitted, Live) | (Suspended, Live) => Event::Published,
        (Submitted, Referred) => Event::Referred,
        (Submitted, Rejected) => Event::Rejected,
        (Live, Suspended) => Event::Suspended,
        (Draft | Submitted | Referred | Live | Suspended, Closed) => Event::Closed,
        _ => {
            let zh = format!("岗位现为 {from}，不能转为 {to}");
            return Err(Error::conflict("wrong_step", zh, format!("the vacancy is {from} and cannot become {to}")));
        }
    };
    let officials_only = matches!(to, Live | Referred | Rejected);
    match officials_only && hand == Hand::Owner {
        true => Err(Error::Forbidden),
        false => Ok(event),
    }
}

/// Tells whether the content may be changed; a change of a live vacancy sends it back to be looked at again.
pub fn may_edit(status: Status) -> bool {
    matches!(status, Status::Draft | Status::Submitted | Status::Referred | Status::Live | Status::Suspended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_employer_hands_in_and_an_office_publishes() {
        assert_eq!(step(Status::Draft, Status::Submitted, Hand::Owner).unwrap(), Event::Submitted);
        assert!(matches!(step(Status::Submitted, Status::Live, Hand::Owner), Err(Error::Forbidden)));
        assert_eq!(step(Status::Submitted, Status::Live, Hand::Office).unwrap(), Event::Published);
    }

    #[test]
    fn what_has_ended_stays_ended() {
        for ended in [Status::Closed, Status::Rejected, Status::Merged] {
            for to in Status::ALL {
                assert!(step(ended, *to, Hand::Office).is_err(), "{ended} → {to}");
            }
        }
    }
}
