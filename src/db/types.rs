//! Which column types do both databases share? Text, integers, booleans, and instants as UTC timestamps.

use std::fmt;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, SubsecRound, TimeDelta, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The offset of `Asia/Shanghai`, in seconds; the zone has had no daylight saving since 1991.
const SHANGHAI_OFFSET_S: i32 = 8 * 3600;

/// An instant, kept in UTC to the microsecond and written with `+08:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Timestamp)]
pub struct Timestamp(NaiveDateTime);

impl Timestamp {
    /// Reads the clock; only the edges (handlers, workers, commands) call it.
    pub fn now() -> Timestamp {
        Timestamp::from_utc(Utc::now())
    }

    /// Takes an instant in UTC, cut to microseconds.
    pub fn from_utc(at: DateTime<Utc>) -> Timestamp {
        Timestamp(at.naive_utc().trunc_subsecs(6))
    }

    /// Reads an RFC 3339 instant.
    pub fn parse(text: &str) -> Option<Timestamp> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Timestamp::from_utc(at.with_timezone(&Utc)))
    }

    /// Gives the instant at which a day begins in Shanghai, plus so many minutes.
    pub fn on(day: NaiveDate, minutes: i64) -> Timestamp {
        let midnight = day.and_time(chrono::NaiveTime::MIN) - TimeDelta::seconds(i64::from(SHANGHAI_OFFSET_S));
        Timestamp(midnight + TimeDelta::minutes(minutes))
    }

    /// Gives the calendar day in Shanghai.
    pub fn day(self) -> NaiveDate {
        (self.0 + TimeDelta::seconds(i64::from(SHANGHAI_OFFSET_S))).date()
    }

    /// Gives the instant so many seconds later.
    pub fn plus_seconds(self, seconds: i64) -> Timestamp {
        Timestamp(self.0 + TimeDelta::seconds(seconds))
    }

    /// Gives the next instant that can be told apart from this one: a microsecond later.
    pub fn next(self) -> Timestamp {
        Timestamp(self.0 + TimeDelta::microseconds(1))
    }

    /// Gives the instant in UTC.
    pub fn utc(self) -> DateTime<Utc> {
        self.0.and_utc()
    }

    /// Counts the milliseconds since 1970 in UTC.
    pub fn millis(self) -> i64 {
        self.0.and_utc().timestamp_millis()
    }

    /// Counts the seconds from `earlier` to this instant.
    pub fn seconds_since(self, earlier: Timestamp) -> i64 {
        (self.0 - earlier.0).num_seconds()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match FixedOffset::east_opt(SHANGHAI_OFFSET_S) {
            Some(zone) => f.write_str(&self.utc().with_timezone(&zone).to_rfc3339_opts(chrono::SecondsFormat::AutoSi, false)),
            None => f.write_str(&self.utc().to_rfc3339()),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        Timestamp::parse(&text).ok_or_else(|| serde::de::Error::custom("an RFC 3339 instant with offset is wanted"))
    }
}

impl utoipa::PartialSchema for Timestamp {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
        ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into()
    }
}

impl utoipa::ToSchema for Timestamp {}

impl<DB: Backend> ToSql<sql_types::Timestamp, DB> for Timestamp
where
    NaiveDateTime: ToSql<sql_types::Timestamp, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

impl<DB: Backend> FromSql<sql_types::Timestamp, DB> for Timestamp
where
    NaiveDateTime: FromSql<sql_types::Timestamp, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Timestamp> {
        NaiveDateTime::from_sql(bytes).map(Timestamp)
    }
}

/// Declares the identifier of one kind of row: a UUIDv7 (RFC 9562), kept as text.
macro_rules! row_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, Serialize, utoipa::ToSchema)]
        #[diesel(sql_type = sql_types::Text)]
        #[serde(transparent)]
        #[schema(value_type = String, format = "uuid")]
        pub struct $name(String);

        impl $name {
            /// Makes a new identifier whose leading part is the instant.
            pub fn new(now: Timestamp) -> $name {
                $name(new_uuid(now))
            }

            /// Reads an identifier; anything but a UUID is none.
            pub fn parse(text: &str) -> Option<$name> {
                uuid::Uuid::try_parse(text).ok().map(|id| $name(id.hyphenated().to_string()))
            }

            /// Gives the hyphenated lower-case form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = String::deserialize(deserializer)?;
                $name::parse(&text).ok_or_else(|| serde::de::Error::custom("a UUID is wanted"))
            }
        }

        impl<DB: Backend> ToSql<sql_types::Text, DB> for $name
        where
            String: ToSql<sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<sql_types::Text, DB> for $name
        where
            String: FromSql<sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<$name> {
                String::from_sql(bytes).map($name)
            }
        }
    )+ };
}

row_ids!(
    /// Names an account.
    AccountId,
    /// Names an API key.
    ApiKeyId,
    /// Names an employer (用人单位).
    EmployerId,
    /// Names a technical school (技工院校).
    SchoolId,
    /// Names a major that a school teaches.
    MajorId,
    /// Names a graduate.
    GraduateId,
    /// Names a consent of a graduate.
    ConsentId,
    /// Names a vacancy.
    VacancyId,
    /// Names one look of a bureau at a vacancy that was handed in.
    ReviewId,
    /// Names a source of vacancies.
    SourceId,
    /// Names one run over a source.
    IngestRunId,
    /// Names a run that matches many graduates.
    MatchingRunId,
    /// Names a venue.
    VenueId,
    /// Names a span of days on which nothing may be held.
    BlackoutId,
    /// Names a fair.
    FairId,
    /// Names a wish for a fair.
    FairRequestId,
    /// Names a plan of fairs.
    FairPlanId,
    /// Names a wish for an interview at a fair.
    InterviewWishId,
    /// Names what came of a meeting at a fair.
    OutcomeId,
    /// Names a document that is filed for a fair.
    FairDocumentId,
    /// Names a reminder of a duty that falls due.
    FairReminderId,
    /// Names a reminder of a vacancy that runs out.
    VacancyReminderId,
    /// Names what somebody says of a fair.
    FeedbackId,
    /// Names an exhibitor of a fair.
    ExhibitorId,
    /// Names an attendance of a fair.
    AttendanceId,
    /// Names people who came to a fair without a reservation.
    WalkInId,
    /// Names a placement of a cohort.
    PlacementId,
    /// Names a training order.
    TrainingOrderId,
    /// Names a saved search that somebody is told about.
    SubscriptionId,
    /// Names one message to a subscriber.
    DeliveryId,
);

fn new_uuid(now: Timestamp) -> String {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    let random: [u8; 10] = rand::random();
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().hyphenated().to_string()
}

/// Declares an enumeration with one wire name a variant, kept as text and served as it is kept.
#[macro_export]
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
            utoipa::ToSchema, diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }

        impl $name {
            /// Lists every value.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Gives the wire name.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// Reads a wire name.
            pub fn parse(text: &str) -> Option<$name> {
                match text { $($text => Some($name::$variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<DB: diesel::backend::Backend> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(&'b self, out: &mut diesel::serialize::Output<'b, '_, DB>) -> diesel::serialize::Result {
                self.as_str().to_sql(out)
            }
        }

        impl<DB: diesel::backend::Backend> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> diesel::deserialize::Result<$name> {
                let text = <String as diesel::deserialize::FromSql<diesel::sql_types::Text, DB>>::from_sql(bytes)?;
                $name::parse(&text).ok_or_else(|| format!("unknown {} {text:?}", stringify!($name)).into())
            }
        }
    };
}
