//! An employer as asked for (`EmployerBody`), as sound (`NewEmployer`), as kept (`EmployerRow`) and as served
//! (`EmployerView`).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::db::schema::employers;
use crate::db::types::{EmployerId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::lexicon::phone::Phone;
use crate::lexicon::{Lexicon, Uscc, located};

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The longest free text, in characters.
const TEXT_CHARS_MAX: usize = 2_000;

/// An employer as asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmployerBody {
    /// The registered name.
    pub name: String,
    /// The 统一社会信用代码 (GB 32100).
    pub uscc: Option<String>,
    /// What kind of organisation it is, in its own words.
    pub nature: Option<String>,
    /// The industry, in its own words.
    pub industry: Option<String>,
    /// The city, by code or name.
    pub city: Option<String>,
    /// The district, by code or name.
    pub district: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// What it says of itself.
    pub introduction: Option<String>,
    /// Whom to ask.
    pub contact_name: Option<String>,
    /// The number to call.
    pub contact_phone: Option<String>,
    /// Whether it works in handicraft, where it says so.
    pub handicraft: Option<bool>,
}

/// An employer that may be kept: name, number, place and telephone are sound.
#[derive(Debug, Clone)]
pub struct NewEmployer(EmployerBody);

impl NewEmployer {
    /// Checks what was asked for; every refusal is named at once.
    pub fn parse(body: EmployerBody, lexicon: &Lexicon, region: &str) -> Result<NewEmployer> {
        let mut refusals = Vec::new();
        let mut body = body;
        body.name = body.name.trim().to_owned();
        if body.name.is_empty() || body.name.chars().count() > NAME_CHARS_MAX {
            let zh = "单位名称须为 1 至 100 个字";
            refusals.push(Refusal::new("/name", "bad_name", zh, "the name is not of 1 to 100 characters"));
        }
        if let Some(text) = body.uscc.take() {
            match Uscc::parse(&text) {
                Ok(uscc) => body.uscc = Some(uscc.as_str().to_owned()),
                Err(error) => {
                    let zh = "统一社会信用代码有误，请核对";
                    refusals.push(Refusal::new("/uscc", "bad_uscc", zh, error.to_string()));
                }
            }
        }
        if let Some(text) = body.contact_phone.take() {
            match Phone::parse(&text) {
                Some(phone) => body.contact_phone = Some(phone.as_str().to_owned()),
                None => refusals.push(Refusal::new("/contact_phone", "bad_phone", "联系电话有误", "not a telephone number")),
            }
        }
        match body.city.as_deref().map(|city| located(&lexicon.places, region, city, body.district.as_deref(), "/city")) {
            Some(Ok((city, district))) => (body.city, body.district) = (Some(city), district),
            Some(Err(refusal)) => refusals.push(refusal),
            None => body.district = None,
        }
        if body.introduction.as_ref().is_some_and(|text| text.chars().count() > TEXT_CHARS_MAX) {
            let zh = "单位介绍不得超过 2000 个字";
            refusals.push(Refusal::new("/introduction", "too_long", zh, "the introduction is longer than 2000 characters"));
        }
        match refusals.is_empty() {
            true => Ok(NewEmployer(body)),
            false => Err(Error::Invalid(refusals)),
        }
    }

    /// Gives the 统一社会信用代码.
    pub fn uscc(&self) -> Option<&str> {
        self.0.uscc.as_deref()
    }

    /// Gives the city, by GB/T 2260 code.
    pub fn city(&self) -> Option<&str> {
        self.0.city.as_deref()
    }

    /// Makes the row, unverified.
    pub fn row(self, now: Timestamp) -> EmployerRow {
        let EmployerBody {
            name,
            uscc,
            nature,
            industry,
            city,
            district,
            address,
            introduction,
            contact_name,
            contact_phone,
            handicraft,
        } = self.0;
        EmployerRow {
            id: EmployerId::new(now),
            name,
            uscc,
            nature,
            industry,
            city,
            district,
            address,
            introduction,
            contact_name,
            contact_phone,
            handicraft,
            verified_at: None,
            verified_by: None,
            verification: None,
            revision: 1,
            created_at: now,
            updated_at: now,
        }
    }
}

/// An employer as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = employers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct EmployerRow {
    pub id: EmployerId,
    pub name: String,
    pub uscc: Option<String>,
    pub nature: Option<String>,
    pub industry: Option<String>,
    pub city: Option<String>,
    pub district: Option<String>,
    pub address: Option<String>,
    pub introduction: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub handicraft: Option<bool>,
    pub verified_at: Option<Timestamp>,
    pub verified_by: Option<String>,
    pub verification: Option<String>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl EmployerRow {
    /// Words the row as its body, for a patch to be laid over.
    pub fn body(&self) -> EmployerBody {
        let row = self.clone();
        EmployerBody {
            name: row.name,
            uscc: row.uscc,
            nature: row.nature,
            industry: row.industry,
            city: row.city,
            district: row.district,
            address: row.address,
            introduction: row.introduction,
            contact_name: row.contact_name,
            contact_phone: row.contact_phone,
            handicraft: row.handicraft,
        }
    }

    /// Makes the next revision; what a bureau checked under another name or number is no longer checked.
    pub fn changed(self, now: Timestamp, new: NewEmployer) -> EmployerRow {
        let next = new.row(now);
        let same = next.name == self.name && next.uscc == self.uscc;
        let kept = |was: Option<String>| was.filter(|_| same);
        EmployerRow {
            id: self.id,
            verified_at: self.verified_at.filter(|_| same),
            verified_by: kept(self.verified_by),
            verification: kept(self.verification),
            revision: self.revision + 1,
            created_at: self.created_at,
            ..next
        }
    }
}

/// What a bureau looked at.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VerificationBody {
    /// Whether the employer is what it says.
    pub verified: bool,
    /// What was looked at: `business_licence`, `agent_identity`, `letter_of_authority`, or in words.
    #[serde(default)]
    pub documents: Vec<String>,
    /// What else there is to say.
    pub note: Option<String>,
}

/// An employer as served; the contact only to its own people and its bureau.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EmployerView {
    /// Its id.
    pub id: EmployerId,
    /// The registered name.
    pub name: String,
    /// The 统一社会信用代码.
    pub uscc: Option<String>,
    /// What kind of organisation it is.
    pub nature: Option<String>,
    /// The industry.
    pub industry: Option<String>,
    /// The city, by GB/T 2260 code.
    pub city: Option<String>,
    /// The district.
    pub district: Option<String>,
    /// The address.
    pub address: Option<String>,
    /// What it says of itself.
    pub introduction: Option<String>,
    /// Whom to ask.
    pub contact_name: Option<String>,
    /// The number to call; with its middle hidden for the public.
    pub contact_phone: Option<String>,
    /// Whether it works in handicraft, where it says so.
    pub handicraft: Option<bool>,
    /// Whether a bureau has checked it.
    pub verified: bool,
    /// When it was checked.
    pub verified_at: Option<Timestamp>,
    /// What was looked at.
    pub verification: Option<Value>,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// Who looks at an employer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eyes {
    /// Its own people and its bureau.
    Own,
    /// Everyone.
    Public,
}

impl EmployerView {
    /// Makes the view for those eyes.
    pub fn of(row: EmployerRow, eyes: Eyes) -> Result<EmployerView> {
        let EmployerRow {
            id,
            name,
            uscc,
            nature,
            industry,
            city,
            district,
            address,
            introduction,
            contact_name,
            contact_phone,
            handicraft,
            verified_at,
            verified_by: _,
            verification,
            revision,
            created_at,
            updated_at,
        } = row;
        let own = eyes == Eyes::Own;
        let masked = |number: String| Phone::parse(&number).map_or_else(|| "****".to_owned(), |phone| phone.masked());
        Ok(EmployerView {
            id,
            name,
            uscc,
            nature,
            industry,
            city,
            district,
            address,
            introduction,
            contact_name: contact_name.filter(|_| own),
            contact_phone: if own { contact_phone } else { contact_phone.map(masked) },
            handicraft,
            verified: verified_at.is_some(),
            verified_at,
            verification: verification.filter(|_| own).map(|text| serde_json::from_str(&text)).transpose()?,
            revision,
            created_at,
            updated_at,
        })
    }
}
