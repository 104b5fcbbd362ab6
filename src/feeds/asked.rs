//! What may be asked of a feed? The filters of a search, and what each feed has besides; anything else is refused.

use serde::Deserialize;

use crate::db::types::{EmployerId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::feeds::export::Format;
use crate::vacancies::FilterQuery;

/// The longest wait for something new, in seconds.
const WAIT_S_MAX: u64 = 30;

/// Declares a query that holds the filters and some more.
macro_rules! asked {
    ($(#[$doc:meta])* $name:ident { $($(#[$said:meta])* $field:ident: $kind:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
        #[serde(deny_unknown_fields, default)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            /// Words; `"phrase"`, `-without`.
            pub q: Option<String>,
            /// Whether the words are read for what they mean; yes when not said.
            pub understand: Option<bool>,
            /// Places by code, prefix or name; may be repeated.
            pub city: Vec<String>,
            /// Whether the neighbours of these cities are wanted too.
            pub include_nearby: bool,
            /// A point, `lat,lon` in degrees of WGS 84.
            pub near: Option<String>,
            /// How far from the point, in kilometres; 50 when not said.
            pub radius_km: Option<f64>,
            /// Skills by id or name, narrower ones included; may be repeated, all must be asked for.
            pub skill: Vec<String>,
            /// An occupation code.
            pub occupation: Option<String>,
            /// The education or programme that the person has.
            pub education: Option<String>,
            /// The experience that the person has, in months.
            pub experience_months: Option<u32>,
            /// The least pay wanted, in yuan a month.
            pub salary_min: Option<i64>,
            /// The form of employment.
            pub employment_type: Option<String>,
            /// Only those for people fresh from school.
            pub fresh_graduate: Option<bool>,
            /// Only handicraft vacancies; in `snapshot` and `changes` no when not said, in `export` and `feed.atom` yes.
            pub handicraft: Option<bool>,
            /// An employer.
            pub employer: Option<EmployerId>,
            /// The name of a source.
            pub source: Option<String>,
            /// Only those published after this instant.
            pub published_after: Option<Timestamp>,
            $($(#[$said])* pub $field: $kind,)*
        }

        impl $name {
            /// Gives the filters alone.
            pub fn filters(&self) -> FilterQuery {
                let asked = self.clone();
                FilterQuery {
                    q: asked.q,
                    understand: asked.understand,
                    city: asked.city,
                    include_nearby: asked.include_nearby,
                    near: asked.near,
                    radius_km: asked.radius_km,
                    skill: asked.skill,
                    occupation: asked.occupation,
                    education: asked.education,
                    experience_months: asked.experience_months,
                    salary_min: asked.salary_min,
                    employment_type: asked.employment_type,
                    fresh_graduate: asked.fresh_graduate,
                    handicraft: asked.handicraft,
                    employer: asked.employer,
                    source: asked.source,
                    published_after: asked.published_after,
                }
            }
        }
    };
}

asked! {
    /// What may be asked of a snapshot.
    SnapshotQuery {}
}

asked! {
    /// What may be asked of the change feed.
    ChangesQuery {
        /// The last place in the sequence that the caller knows, as `X-Feed-Cursor` told it; 0 for the beginning.
        after: i64,
        /// How long to wait for something new, in seconds, up to 30.
        wait: u64,
        /// How many places of the sequence to go through at most; all when not said.
        limit: Option<i64>,
    }
}

asked! {
    /// What may be asked of an export.
    ExportQuery {
        /// `csv`, `xlsx` or `ndjson`; `csv` when not said.
        format: Option<Format>,
        /// Whether a CSV begins with the mark by which spreadsheets know UTF-8; yes when not said.
        bom: Option<bool>,
    }
}

asked! {
    /// What may be asked of the Atom feed.
    AtomQuery {
        /// Where the last page ended.
        cursor: Option<String>,
    }
}

impl ChangesQuery {
    /// Refuses waits and limits outside of what is served.
    pub fn check(&self) -> Result<()> {
        let refused = |pointer: &str, code, zh: &str, en: &str| Err(Error::Malformed(Refusal::new(pointer, code, zh, en)));
        match (self.after, self.wait, self.limit) {
            (..0, ..) => refused("/after", "bad_cursor", "after 须为非负整数", "after is below 0"),
            (_, wait, _) if wait > WAIT_S_MAX => {
                refused("/wait", "bad_wait", "wait 须在 0 至 30 秒之间", "wait is not within 0 to 30 s")
            }
            (.., Some(..1)) => refused("/limit", "bad_limit", "limit 须为正整数", "limit is below 1"),
            _ => Ok(()),
        }
    }
}
