//! A graduate as asked for (`GraduateBody`), as sound (`NewGraduate`), as kept (`GraduateRow`) and as served
//! (`GraduateView`).

use chrono::{Months, NaiveDate};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::db::schema::graduates;
use crate::db::types::{GraduateId, SchoolId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::graduates::profile::{Profile, ProfileBody};
use crate::lexicon::Lexicon;
use crate::lexicon::phone::Phone;
use crate::text_enum;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 30;
/// The longest student number, in characters.
const NUMBER_CHARS_MAX: usize = 40;
/// The longest e-mail address, in characters (RFC 5321, 4.5.3.1.3).
const EMAIL_CHARS_MAX: usize = 254;
/// From which age on a person decides about the own data alone (个人信息保护法, article 31), in months.
const OWN_DECISION_MONTHS: u32 = 14 * 12;

text_enum! {
    /// What a graduate wants to do next.
    JobIntent {
        /// Nobody has said.
        Unstated = "unstated",
        /// Look for work.
        Seeking = "seeking",
        /// Not look for work now.
        None = "none",
        /// Go on learning.
        FurtherStudy = "further_study",
        /// Join the army.
        Enlistment = "enlistment",
        /// Start a business.
        Startup = "startup",
    }
}

/// A graduate as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GraduateBody {
    /// The school; a school's own account need not say it.
    pub school: Option<SchoolId>,
    /// The number at the school.
    pub student_number: Option<String>,
    /// The name.
    pub name: String,
    /// The day of birth.
    pub birth_date: Option<NaiveDate>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// What comes next.
    #[serde(default = "unstated")]
    pub job_intent: JobIntent,
    /// What the graduate brings and wishes.
    #[serde(default)]
    pub profile: ProfileBody,
}

const fn unstated() -> JobIntent {
    JobIntent::Unstated
}

/// A graduate who may be kept.
#[derive(Debug, Clone)]
pub struct NewGraduate(GraduateBody);

impl NewGraduate {
    /// Checks what was asked for; every refusal is named at once.
    pub fn parse(mut body: GraduateBody, lexicon: &Lexicon, region: &str, today: NaiveDate) -> Result<NewGraduate> {
        let mut refusals = Vec::new();
        body.name = body.name.trim().to_owned();
        if body.name.is_empty() || body.name.chars().count() > NAME_CHARS_MAX || body.name.chars().any(char::is_control) {
            refusals.push(Refusal::new("/name", "bad_name", "姓名须为 1 至 30 个字", "the name is not of 1 to 30 characters"));
        }
        let number = body.student_number.take().map(|number| number.trim().to_owned()).filter(|number| !number.is_empty());
        if number.as_ref().is_some_and(|number| number.chars().count() > NUMBER_CHARS_MAX) {
            let zh = "学号不得超过 40 个字符";
            refusals.push(Refusal::new("/student_number", "too_long", zh, "the number is longer than 40 characters"));
        }
        body.student_number = number;
        if body.birth_date.is_some_and(|day| day > today) {
            refusals.push(Refusal::new("/birth_date", "bad_value", "出生日期有误", "the day of birth lies ahead"));
        }
        if let Some(text) = body.phone.take().filter(|text| !text.trim().is_empty()) {
            match Phone::parse(&text) {
                Some(phone) => body.phone = Some(phone.as_str().to_owned()),
                None => refusals.push(Refusal::new("/phone", "bad_phone", "手机号码有误", "not a telephone number")),
            }
        }
        let email = body.email.take().map(|email| email.trim().to_owned()).filter(|email| !email.is_empty());
        if email.as_ref().is_some_and(|email| !is_email(email)) {
            refusals.push(Refusal::new("/email", "bad_email", "电子邮箱有误", "not an e-mail address"));
        }
        body.email = email;
        body.profile.limit = None;
        if let Err(Error::Invalid(wrong)) = Profile::parse(&body.profile, lexicon, region, 1.0) {
            refusals.extend(wrong.into_iter().map(|r| Refusal { pointer: format!("/profile{}", r.pointer), ..r }));
        }
        match refusals.is_empty() {
            true => Ok(NewGraduate(body)),
            false => Err(Error::Invalid(refusals)),
        }
    }

    /// Gives the school.
    pub fn school(&self) -> Option<&SchoolId> {
        self.0.school.as_ref()
    }

    /// Puts the graduate into a school.
    pub fn at(self, school: Option<SchoolId>) -> NewGraduate {
        NewGraduate(GraduateBody { school, ..self.0 })
    }

    /// Makes the row.
    pub fn row(self, now: Timestamp) -> Result<GraduateRow> {
        let GraduateBody { school, student_number, name, birth_date, phone, email, job_intent, profile } = self.0;
        Ok(GraduateRow {
            id: GraduateId::new(now),
            school_id: school,
            student_number,
            name,
            birth_date,
            phone,
            email,
            job_intent,
            intent_since: (job_intent != JobIntent::Unstated).then_some(now),
            graduates_on: profile.graduates_on,
            profile: serde_json::to_string(&profile)?,
            verified_at: None,
            revision: 1,
            created_at: now,
            updated_at: now,
        })
    }
}

fn is_email(text: &str) -> bool {
    let sound = |part: &str| !part.is_empty() && !part.chars().any(|c| c.is_whitespace() || c.is_control() || c == '@');
    text.len() <= EMAIL_CHARS_MAX
        && text.split_once('@').is_some_and(|(local, domain)| sound(local) && sound(domain) && domain.contains('.'))
}

/// A graduate as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = graduates, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct GraduateRow {
    /// The id.
    pub id: GraduateId,
    /// The school.
    pub school_id: Option<SchoolId>,
    /// The number at the school.
    pub student_number: Option<String>,
    /// The name.
    pub name: String,
    /// The day of birth.
    pub birth_date: Option<NaiveDate>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// What comes next.
    pub job_intent: JobIntent,
    /// Since when that is so.
    pub intent_since: Option<Timestamp>,
    /// The `ProfileBody`, as JSON.
    pub profile: String,
    /// The day of graduation.
    pub graduates_on: Option<NaiveDate>,
    /// When the school confirmed who this is.
    pub verified_at: Option<Timestamp>,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl GraduateRow {
    /// Reads the profile as it was written.
    pub fn profile(&self) -> Result<ProfileBody> {
        Ok(serde_json::from_str(&self.profile)?)
    }

    /// Words the row as its body, for a patch to be laid over.
    pub fn body(&self) -> Result<GraduateBody> {
        Ok(GraduateBody {
            school: self.school_id.clone(),
            student_number: self.student_number.clone(),
            name: self.name.clone(),
            birth_date: self.birth_date,
            phone: self.phone.clone(),
            email: self.email.clone(),
            job_intent: self.job_intent,
            profile: self.profile()?,
        })
    }

    /// Makes the next revision.
    pub fn changed(self, now: Timestamp, new: NewGraduate) -> Result<GraduateRow> {
        let next = new.row(now)?;
        let since = if next.job_intent == self.job_intent { self.intent_since } else { next.intent_since };
        let same_school = next.school_id == self.school_id;
        Ok(GraduateRow {
            id: self.id,
            intent_since: since,
            verified_at: self.verified_at.filter(|_| same_school),
            revision: self.revision + 1,
            created_at: self.created_at,
            ..next
        })
    }

    /// Tells whether the graduate decides about the own data alone; where no day of birth is known, yes.
    pub fn decides_alone(&self, today: NaiveDate) -> bool {
        let birthday = self.birth_date.and_then(|day| day.checked_add_months(Months::new(OWN_DECISION_MONTHS)));
        birthday.is_none_or(|day| day <= today)
    }
}

/// Who looks at a graduate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Eyes {
    /// The graduate and the own school, one at a time.
    Own,
    /// Lists and offices: how to reach the graduate is hidden.
    Office,
}

/// A graduate as served.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct GraduateView {
    /// The id.
    pub id: GraduateId,
    /// What is known; telephone and e-mail with their middle hidden in lists and for offices.
    #[serde(flatten)]
    pub graduate: GraduateBody,
    /// Since when `job_intent` is so.
    pub intent_since: Option<Timestamp>,
    /// When the school confirmed who this is.
    pub verified_at: Option<Timestamp>,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl GraduateView {
    /// Makes the view for those eyes.
    pub fn of(row: GraduateRow, eyes: Eyes) -> Result<GraduateView> {
        let mut graduate = row.body()?;
        if eyes == Eyes::Office {
            let hidden = |number: String| Phone::parse(&number).map_or_else(|| "****".to_owned(), |phone| phone.masked());
            graduate.phone = graduate.phone.map(hidden);
            graduate.email = graduate.email.map(|email| masked_email(&email));
            graduate.birth_date = None;
        }
        let GraduateRow { id, intent_since, verified_at, revision, created_at, updated_at, .. } = row;
        Ok(GraduateView { id, graduate, intent_since, verified_at, revision, created_at, updated_at })
    }
}

fn masked_email(email: &str) -> String {
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    format!("{}***@{domain}", local.chars().take(1).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_told_from_what_is_none_and_hidden() {
        assert!(is_email("student@example.com"));
        for wrong in ["", "student", "@example.com", "a b@example.com", "a@b@c.d", "a@localhost"] {
            assert!(!is_email(wrong), "{wrong}");
        }
        assert_eq!(masked_email("student@example.com"), "s***@example.com");
    }
}
