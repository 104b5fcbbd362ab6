//! A school as asked for (`SchoolBody`), as sound (`NewSchool`), as kept (`SchoolRow`) and as served (`SchoolView`).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::schema::schools;
use crate::db::types::{SchoolId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::lexicon::{Lexicon, Uscc, located};
use crate::text_enum;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The longest introduction, in characters.
const TEXT_CHARS_MAX: usize = 2_000;

text_enum! {
    /// Which kind of technical school it is.
    Kind {
        /// 技师学院.
        TechnicianCollege = "technician_college",
        /// 高级技工学校.
        SeniorTechnicalSchool = "senior_technical_school",
        /// 技工学校.
        TechnicalSchool = "technical_school",
    }
}

/// A school as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SchoolBody {
    /// The name.
    pub name: String,
    /// The 统一社会信用代码 (GB 32100).
    pub uscc: Option<String>,
    /// Which kind of school it is.
    pub kind: Kind,
    /// The city, by code or name.
    pub city: String,
    /// The district, by code or name.
    pub district: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// What it says of itself.
    pub introduction: Option<String>,
}

/// A school that may be kept.
#[derive(Debug, Clone)]
pub struct NewSchool(SchoolBody);

impl NewSchool {
    /// Checks what was asked for; every refusal is named at once.
    pub fn parse(mut body: SchoolBody, lexicon: &Lexicon, region: &str) -> Result<NewSchool> {
        let mut refusals = Vec::new();
        body.name = body.name.trim().to_owned();
        if body.name.is_empty() || body.name.chars().count() > NAME_CHARS_MAX {
            let zh = "校名须为 1 至 100 个字";
            refusals.push(Refusal::new("/name", "bad_name", zh, "the name is not of 1 to 100 characters"));
        }
        match body.uscc.as_deref().map(Uscc::parse) {
            Some(Ok(uscc)) => body.uscc = Some(uscc.as_str().to_owned()),
            Some(Err(error)) => {
                let zh = "统一社会信用代码有误，请核对";
                refusals.push(Refusal::new("/uscc", "bad_uscc", zh, error.to_string()));
            }
            None => {}
        }
        match located(&lexicon.places, region, &body.city, body.district.as_deref(), "/city") {
            Ok((city, district)) => (body.city, body.district) = (city, district),
            Err(refusal) => refusals.push(refusal),
        }
        if body.introduction.as_ref().is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX) {
            let zh = "学校介绍不得超过 2000 个字";
            refusals.push(Refusal::new("/introduction", "too_long", zh, "the introduction is longer than 2000 characters"));
        }
        match refusals.is_empty() {
            true => Ok(NewSchool(body)),
            false => Err(Error::Invalid(refusals)),
        }
    }

    /// Gives the city, by GB/T 2260 code.
    pub fn city(&self) -> &str {
        &self.0.city
    }

    /// Makes the row.
    pub fn row(self, now: Timestamp) -> SchoolRow {
        let SchoolBody { name, uscc, kind, city, district, address, introduction } = self.0;
        SchoolRow {
            id: SchoolId::new(now),
            name,
            uscc,
            kind,
            city,
            district,
            address,
            introduction,
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// A school as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = schools, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct SchoolRow {
    /// Its id.
    pub id: SchoolId,
    /// The name.
    pub name: String,
    /// The 统一社会信用代码.
    pub uscc: Option<String>,
    /// Which kind of school it is.
    pub kind: Kind,
    /// The city, by GB/T 2260 code.
    pub city: String,
    /// The district.
    pub district: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// What it says of itself.
    pub introduction: Option<String>,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl SchoolRow {
    /// Words the row as its body, for a patch to be laid over.
    pub fn body(&self) -> SchoolBody {
        let SchoolRow {
            id: _,
            name,
            uscc,
            kind,
            city,
            district,
            address,
            introduction,
            revision: _,
            created_at: _,
            updated_at: _,
        } = self.clone();
        SchoolBody { name, uscc, kind, city, district, address, introduction }
    }

    /// Makes the next revision.
    pub fn changed(self, now: Timestamp, new: NewSchool) -> SchoolRow {
        SchoolRow { id: self.id, revision: self.revision + 1, created_at: self.created_at, ..new.row(now) }
    }
}

/// A school as served.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SchoolView {
    /// Its id.
    pub id: SchoolId,
    /// What it says.
    #[serde(flatten)]
    pub school: SchoolBody,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl From<SchoolRow> for SchoolView {
    fn from(row: SchoolRow) -> SchoolView {
        let school = row.body();
        let SchoolRow { id, revision, created_at, updated_at, .. } = row;
        SchoolView { id, school, revision, created_at, updated_at }
    }
}
