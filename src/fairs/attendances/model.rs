//! An attendance as kept (`AttendanceRow`) and as served (`AttendanceView`).

use diesel::prelude::*;
use serde::Serialize;

use crate::db::schema::fair_attendances as table;
use crate::db::types::{AttendanceId, FairId, GraduateId, Timestamp};
use crate::fairs::attendances::ticket::Claims;
use crate::text_enum;

text_enum! {
    /// Where a reservation stands.
    Attendance {
        /// A seat is kept.
        Reserved = "reserved",
        /// A seat is given as soon as one is free.
        Waitlisted = "waitlisted",
        /// The graduate came.
        Attended = "attended",
        /// It was given back.
        Cancelled = "cancelled",
    }
}

/// An attendance as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct AttendanceRow {
    pub id: AttendanceId,
    pub fair_id: FairId,
    pub session: i32,
    pub graduate_id: GraduateId,
    pub status: Attendance,
    pub seat: Option<i32>,
    pub walk_in: bool,
    pub entrance: Option<String>,
    pub checked_in_at: Option<Timestamp>,
    pub revision: i64,
    pub reserved_at: Timestamp,
    pub updated_at: Timestamp,
}

impl AttendanceRow {
    /// Writes a graduate down for a session, once more where one was there before.
    pub fn waiting(
        now: Timestamp,
        fair: &FairId,
        session: i32,
        graduate: &GraduateId,
        known: Option<&AttendanceRow>,
    ) -> AttendanceRow {
        AttendanceRow {
            id: known.map_or_else(|| AttendanceId::new(now), |row| row.id.clone()),
            fair_id: fair.clone(),
            session,
            graduate_id: graduate.clone(),
            status: Attendance::Waitlisted,
            seat: None,
            walk_in: false,
            entrance: None,
            checked_in_at: None,
            revision: known.map_or(0, |row| row.revision),
            reserved_at: known.map_or(now, |row| row.reserved_at),
            updated_at: now,
        }
    }

    /// Says what its ticket says.
    pub fn claims(&self) -> Claims {
        let iat = self.reserved_at.utc().timestamp();
        Claims { jti: self.id.clone(), aud: self.fair_id.clone(), ses: self.session, iat }
    }
}

/// An attendance as served; `ticket` only in the answer that reserves it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct AttendanceView {
    /// Its id.
    pub id: AttendanceId,
    /// The fair.
    pub fair: FairId,
    /// The session, from 1.
    pub session: i32,
    /// Who comes.
    pub graduate: GraduateId,
    /// Where it stands.
    pub status: Attendance,
    /// The number of the seat; `null` where seats are not limited or while waiting.
    pub seat: Option<i32>,
    /// Whether the graduate came without a reservation.
    pub walk_in: bool,
    /// Through which door the graduate came.
    pub entrance: Option<String>,
    /// The signed ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    /// When the graduate came.
    pub checked_in_at: Option<Timestamp>,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was reserved; those who wait are served in this order.
    pub reserved_at: Timestamp,
}

impl AttendanceView {
    /// Makes the view.
    pub fn of(row: AttendanceRow, ticket: Option<String>) -> AttendanceView {
        let AttendanceRow {
            id,
            fair_id: fair,
            session,
            graduate_id: graduate,
            status,
            seat,
            walk_in,
            entrance,
            checked_in_at,
            revision,
            reserved_at,
            updated_at: _,
        } = row;
        AttendanceView {
            id,
            fair,
            session,
            graduate,
            status,
            seat,
            walk_in,
            entrance,
            ticket,
            checked_in_at,
            revision,
            reserved_at,
        }
    }
}
