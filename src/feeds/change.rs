//! What does a follower learn of an event? A pure decision over the event, the vacancy as it now stands, and whether it is wanted.
//! Earlier contents are not kept, so where an earlier revision may have been wanted, the follower is told to let it go:
//! once too often is harmless, once too seldom is a ghost.

use serde::Serialize;

use crate::db::types::{Timestamp, VacancyId};
use crate::lexicon::phone;
use crate::text_enum;
use crate::vacancies::{Event, EventRow, Status, VacancyView};

text_enum! {
    /// What a change does to those who follow.
    ChangeType {
        /// It is live.
        Published = "published",
        /// It is live and says something else.
        Corrected = "corrected",
        /// It is off for a while.
        Suspended = "suspended",
        /// It has ended, or it is no longer among what the filter admits (`left_filter`).
        Closed = "closed",
        /// Its date has passed.
        Expired = "expired",
        /// It is part of another.
        Merged = "merged",
    }
}

/// What is left to say of a vacancy that may no longer be shown: no text, no contact, no employer.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Tombstone {
    /// Its id.
    id: VacancyId,
    /// The title.
    title: String,
    /// Where it stands.
    status: Status,
    /// How often it was changed, from 1.
    revision: i64,
    /// When it was last changed.
    updated_at: Timestamp,
}

/// The vacancy of a change as it now stands.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Shown {
    /// A live vacancy, whole.
    Whole(Box<VacancyView>),
    /// One that has ended or left.
    Masked(Tombstone),
}

/// One line of the change feed.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ChangeView {
    /// Its place in the sequence.
    pub seq: i64,
    /// When it happened.
    pub at: Timestamp,
    /// What it does.
    #[serde(rename = "type")]
    pub kind: ChangeType,
    /// Said when the vacancy is live and outside of the filter.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub left_filter: bool,
    /// The vacancy as it now stands, which may be later than the event.
    pub vacancy: Shown,
}

/// Tells what a follower learns of an event; nothing of what was never public. `was_live` says whether the vacancy was
/// live before the event, `admitted` whether it is now among what the follower wants.
pub fn tell(event: &EventRow, was_live: bool, vacancy: Option<&VacancyView>, admitted: bool) -> Option<ChangeView> {
    let vacancy = vacancy.filter(|vacancy| vacancy.published_at.is_some())?;
    let kind = kind_of(event, was_live)?;
    let live = vacancy.status == Status::Live;
    let as_it_was = vacancy.revision == event.revision && event.kind != Event::Corrected;
    let (kind, left_filter) = match (event.status == Status::Live, admitted) {
        (_, true) => (kind, false),
        (true, false) if kind == ChangeType::Published => return None,
        (true, false) => (ChangeType::Closed, live),
        (false, false) if as_it_was => return None,
        (false, false) => (kind, live),
    };
    let vacancy = match live && admitted {
        true => Shown::Whole(Box::new(vacancy.clone())),
        false => Shown::Masked(masked(vacancy)),
    };
    Some(ChangeView { seq: event.seq, at: event.at, kind, left_filter, vacancy })
}

/// Names what an event does to those who follow; an owner's correction takes a live vacancy off until it is looked at.
fn kind_of(event: &EventRow, was_live: bool) -> Option<ChangeType> {
    match (event.kind, event.status) {
        (Event::Published, Status::Live) => Some(ChangeType::Published),
        (_, Status::Live) => Some(ChangeType::Corrected),
        (Event::Suspended, _) => Some(ChangeType::Suspended),
        (Event::Closed, _) => Some(ChangeType::Closed),
        (Event::Expired, _) => Some(ChangeType::Expired),
        (Event::Merged, _) => Some(ChangeType::Merged),
        _ => was_live.then_some(ChangeType::Suspended),
    }
}

fn masked(vacancy: &VacancyView) -> Tombstone {
    Tombstone {
        id: vacancy.id.clone(),
        title: phone::mask_all(&vacancy.title),
        status: vacancy.status,
        revision: vacancy.revision,
        updated_at: vacancy.updated_at,
    }
}
