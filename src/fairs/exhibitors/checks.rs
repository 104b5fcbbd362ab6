//! May this employer have a booth? It exists, brings its own live vacancies, is checked by a bureau, has shown its documents,
//! and has not stayed away too often.

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::{employers, fair_exhibitors as table, fairs, vacancies as vacancy_table};
use crate::db::types::{EmployerId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::fairs::arrangement::Arrangement;
use crate::fairs::exhibitor::{ExhibitorBody, ExhibitorRow, Presence};
use crate::lexicon::phone::Phone;
use crate::vacancies::Status as VacancyStatus;

/// How many vacancies an exhibitor may bring.
const VACANCIES_MAX: usize = 100;
/// For how long a no-show counts, in seconds: a year.
const NO_SHOW_S: i64 = 365 * 24 * 3600;

/// Checks the employer, the telephone and that the vacancies are the employer's own live ones.
pub fn sound(conn: &mut DbConn, employer: &EmployerId, mut body: ExhibitorBody) -> Result<ExhibitorBody> {
    let mut refusals = Vec::new();
    if employers::table.find(employer).count().get_result::<i64>(conn)? == 0 {
        refusals.push(Refusal::new("/employer", "unknown_employer", "没有这个用人单位", "no such employer"));
    }
    if body.vacancies.len() > VACANCIES_MAX {
        refusals.push(Refusal::new("/vacancies", "too_many", "岗位不得超过 100 个", "more than 100 vacancies"));
    }
    for (at, id) in body.vacancies.iter().take(VACANCIES_MAX).enumerate() {
        let own = vacancy_table::table.find(id).filter(vacancy_table::employer_id.eq(employer));
        if own.filter(vacancy_table::status.eq(VacancyStatus::Live)).count().get_result::<i64>(conn)? == 0 {
            let zh = "只能带本单位已发布的岗位";
            refusals.push(Refusal::new(format!("/vacancies/{at}"), "not_own_live", zh, "not a live vacancy of the employer"));
        }
    }
    if let Some(text) = body.contact_phone.take().filter(|text| !text.trim().is_empty()) {
        match Phone::parse(&text) {
            Some(phone) => body.contact_phone = Some(phone.as_str().to_owned()),
            None => refusals.push(Refusal::new("/contact_phone", "bad_phone", "联系电话有误", "not a telephone number")),
        }
    }
    match refusals.is_empty() {
        true => Ok(body),
        false => Err(Error::Invalid(refusals)),
    }
}

/// Refuses a booth to an employer that no bureau has checked (人力资源市场暂行条例, article 28), whose documents were not
/// checked where the fair wants that (article 26), or that stayed away too often.
pub fn may_book(conn: &mut DbConn, now: Timestamp, arrangement: &Arrangement, row: &ExhibitorRow) -> Result<()> {
    let at: Option<Timestamp> = employers::table.find(&row.employer_id).select(employers::verified_at).first(conn)?;
    if at.is_none() {
        let zh = "该单位尚未核验，请先由人社部门核验";
        return Err(Error::conflict("employer_unverified", zh, "the employer has not been checked by a bureau"));
    }
    if !arrangement.body.documents.is_empty() && row.documents_checked_at.is_none() {
        let zh = "报名材料尚未审核通过，不能预订展位";
        return Err(Error::conflict("documents_unchecked", zh, "the documents have not been checked"));
    }
    stayed_away(conn, now, arrangement, &row.employer_id)
}

/// Refuses an employer that stayed away from too many fairs within a year.
pub fn stayed_away(conn: &mut DbConn, now: Timestamp, arrangement: &Arrangement, employer: &EmployerId) -> Result<()> {
    let Some(most) = arrangement.body.no_shows_max else { return Ok(()) };
    let absent = table::table.inner_join(fairs::table).filter(table::employer_id.eq(employer));
    let absent = absent.filter(table::presence.eq(Presence::Absent)).filter(fairs::ends_at.gt(now.plus_seconds(-NO_SHOW_S)));
    let times: i64 = absent.count().get_result(conn)?;
    match times >= i64::from(most) {
        true => {
            let zh = format!("该单位一年内 {times} 次无故缺席，暂停预订");
            Err(Error::conflict("suspended", zh, format!("the employer stayed away {times} times within a year")))
        }
        false => Ok(()),
    }
}

/// Refuses documents that are not all there.
pub fn all_shown(arrangement: &Arrangement, row: &ExhibitorRow) -> Result<()> {
    let shown = row.brings()?.documents;
    let missing = arrangement.body.documents.iter().filter(|kind| !shown.iter().any(|shown| shown.kind == **kind));
    let missing: Vec<Refusal> = missing
        .map(|kind| Refusal::new("/documents", "document_missing", format!("缺少材料 {kind}"), format!("{kind} is missing")))
        .collect();
    match missing.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(missing)),
    }
}
