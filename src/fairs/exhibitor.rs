//! An exhibitor as asked for (`ExhibitorBody`), as kept (`ExhibitorRow`) and as served (`ExhibitorView`).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::schema::fair_exhibitors as table;
use crate::db::types::{EmployerId, ExhibitorId, FairId, Timestamp, VacancyId};
use crate::error::{Error, Refusal, Result};
use crate::fairs::arrangement::Document;
use crate::lexicon::Lexicon;
use crate::text_enum;

/// How many crafts, booths and documents an application names at most.
const NAMES_MAX: usize = 20;
/// The longest reference of a document, in characters.
const REFERENCE_CHARS_MAX: usize = 200;
/// The widest booth that is wished for, in centimetres.
const WIDTH_CM_MAX: i32 = 10_000;

text_enum! {
    /// Where an application stands.
    Outcome {
        /// Waiting for an answer, perhaps with a booth held for it.
        Applied = "applied",
        /// Taken, with a booth.
        Approved = "approved",
        /// Not taken.
        Declined = "declined",
        /// Taken as soon as a booth is free.
        Waitlisted = "waitlisted",
        /// Waited, and is offered a booth until a deadline.
        Offered = "offered",
        /// Did not answer the offer in time.
        Lapsed = "lapsed",
        /// Taken back by the employer.
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// Whether an exhibitor came.
    Presence {
        /// It came.
        Arrived = "arrived",
        /// It did not, and had not given the booth back.
        Absent = "absent",
    }
}

/// A document that an exhibitor shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// Which.
    pub kind: Document,
    /// Its number, or where it is kept.
    pub reference: String,
}

/// What is wished of a booth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BoothWish {
    /// Which booths, the dearest first.
    pub numbers: Vec<i32>,
    /// How wide it should be at least, in centimetres.
    pub min_width_cm: Option<i32>,
    /// Whether it should be near an entrance.
    pub near_entrance: bool,
}

/// An application as asked for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ExhibitorBody {
    /// The employer; an employer's own account need not say it.
    pub employer: Option<EmployerId>,
    /// In which session, from 1; the first when nothing is said.
    pub session: Option<i32>,
    /// The own live vacancies that are brought along.
    pub vacancies: Vec<VacancyId>,
    /// The crafts shown, by id or name; neighbours are chosen by them.
    pub crafts: Vec<String>,
    /// Which booth is wished for.
    pub booth_wish: BoothWish,
    /// What the employer shows of itself.
    pub documents: Vec<Shown>,
    /// What else is wished for.
    pub wishes: Option<String>,
    /// Whom to ask.
    pub contact_name: Option<String>,
    /// The number to call.
    pub contact_phone: Option<String>,
}

/// The part of an application that is kept as one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Brings {
    /// The crafts, by id.
    pub crafts: Vec<String>,
    /// Which booth is wished for.
    pub booth_wish: BoothWish,
    /// What the employer shows of itself.
    pub documents: Vec<Shown>,
}

impl ExhibitorBody {
    /// Reads the crafts and checks the wish; every refusal is named at once.
    pub fn parse(mut self, lexicon: &Lexicon) -> Result<ExhibitorBody> {
        let mut refusals = Vec::new();
        for (at, craft) in self.crafts.iter_mut().enumerate() {
            match lexicon.skills.find(craft).first() {
                Some(skill) => *craft = skill.id.clone(),
                None => refusals.push(Refusal::new(format!("/crafts/{at}"), "unknown_skill", "没有这项手艺", "no such craft")),
            }
        }
        let wish = &self.booth_wish;
        let lists =
            [("/crafts", self.crafts.len()), ("/booth_wish/numbers", wish.numbers.len()), ("/documents", self.documents.len())];
        for (pointer, _) in lists.iter().filter(|(_, length)| *length > NAMES_MAX) {
            refusals.push(Refusal::new(*pointer, "too_many", "不得超过 20 项", "more than 20"));
        }
        if wish.min_width_cm.is_some_and(|width| !(1..=WIDTH_CM_MAX).contains(&width)) {
            let pointer = "/booth_wish/min_width_cm";
            refusals.push(Refusal::new(pointer, "out_of_range", "宽度有误", "not within 1 to 10000"));
        }
        for (at, shown) in self.documents.iter().enumerate() {
            if shown.reference.trim().is_empty() || shown.reference.chars().count() > REFERENCE_CHARS_MAX {
                let zh = "请填写材料编号或存放位置，不超过 200 个字";
                let en = "the reference is not of 1 to 200 characters";
                refusals.push(Refusal::new(format!("/documents/{at}/reference"), "bad_value", zh, en));
            }
        }
        match refusals.is_empty() {
            true => Ok(self),
            false => Err(Error::Invalid(refusals)),
        }
    }

    /// Gives the part that is kept as one.
    pub fn brings(&self) -> Brings {
        let body = self.clone();
        Brings { crafts: body.crafts, booth_wish: body.booth_wish, documents: body.documents }
    }
}

/// An exhibitor as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = table, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ExhibitorRow {
    pub id: ExhibitorId,
    pub fair_id: FairId,
    pub session: i32,
    pub employer_id: EmployerId,
    pub turn: i32,
    pub status: Outcome,
    pub booth: Option<i32>,
    pub kept_until: Option<Timestamp>,
    pub brings: String,
    pub documents_checked_at: Option<Timestamp>,
    pub presence: Option<Presence>,
    pub vacancies: String,
    pub wishes: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub reason: Option<String>,
    pub revision: i64,
    pub applied_at: Timestamp,
    pub updated_at: Timestamp,
}

impl ExhibitorRow {
    /// Reads what it brings along.
    pub fn brings(&self) -> Result<Brings> {
        Ok(serde_json::from_str(&self.brings)?)
    }

    /// Words the row as its body, for a patch to be laid over.
    pub fn body(&self) -> Result<ExhibitorBody> {
        let Brings { crafts, booth_wish, documents } = self.brings()?;
        Ok(ExhibitorBody {
            employer: Some(self.employer_id.clone()),
            session: Some(self.session),
            vacancies: serde_json::from_str::<Vec<String>>(&self.vacancies)?
                .iter()
                .filter_map(|id| VacancyId::parse(id))
                .collect(),
            crafts,
            booth_wish,
            documents,
            wishes: self.wishes.clone(),
            contact_name: self.contact_name.clone(),
            contact_phone: self.contact_phone.clone(),
        })
    }
}

/// An exhibitor as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ExhibitorView {
    id: ExhibitorId,
    fair: FairId,
    status: Outcome,
    /// The number of the booth, once one is held or given.
    booth: Option<i32>,
    /// Until when the booth is held or offered; `null` when it is given.
    kept_until: Option<Timestamp>,
    /// When its documents were checked and found good.
    documents_checked_at: Option<Timestamp>,
    /// Whether it came.
    presence: Option<Presence>,
    #[serde(flatten)]
    application: ExhibitorBody,
    reason: Option<String>,
    revision: i64,
    /// When it applied; those who wait are served in this order.
    applied_at: Timestamp,
    updated_at: Timestamp,
}

impl ExhibitorView {
    /// Makes the view.
    pub fn of(row: ExhibitorRow) -> Result<ExhibitorView> {
        let application = row.body()?;
        let ExhibitorRow { id, fair_id: fair, status, booth, kept_until, documents_checked_at, presence, .. } = row;
        let ExhibitorRow { reason, revision, applied_at, updated_at, .. } = row;
        Ok(ExhibitorView {
            id,
            fair,
            status,
            booth,
            kept_until,
            documents_checked_at,
            presence,
            application,
            reason,
            revision,
            applied_at,
            updated_at,
        })
    }
}
