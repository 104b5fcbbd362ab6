//! What else is on the same day? Another fair of the school, or an employer that also goes to another city: nothing that
//! stands in the way, but something to know.

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::{employers, fair_exhibitors, fairs};
use crate::db::types::{EmployerId, FairId, Timestamp};
use crate::error::Result;
use crate::fairs::exhibitor::Outcome;
use crate::fairs::life::FairStatus;
use crate::fairs::model::{FairRow, Warning};

/// How many minutes a day has.
const DAY_MINUTES: i64 = 24 * 60;

/// Warns of what else is on the days of a fair.
pub fn warnings(conn: &mut DbConn, row: &FairRow) -> Result<Vec<Warning>> {
    let (from, to) = (Timestamp::on(row.starts_at.day(), 0), Timestamp::on(row.ends_at.day(), DAY_MINUTES));
    let same_days = || {
        let others = fairs::table.filter(fairs::id.ne(&row.id)).filter(fairs::starts_at.lt(to)).filter(fairs::ends_at.gt(from));
        others.filter(fairs::status.ne_all([FairStatus::Draft, FairStatus::Cancelled])).into_boxed()
    };
    let mut warnings = Vec::new();
    if let Some(school) = &row.school_id {
        let titles: Vec<String> =
            same_days().filter(fairs::school_id.eq(school)).order(fairs::id).select(fairs::title).load(conn)?;
        let warn = |title: String| Warning { code: "same_school_same_day", detail: format!("本校当日另有《{title}》") };
        warnings.extend(titles.into_iter().map(warn));
    }
    let mine = fair_exhibitors::table.filter(fair_exhibitors::fair_id.eq(&row.id));
    let mine = mine.filter(fair_exhibitors::status.eq(Outcome::Approved)).select(fair_exhibitors::employer_id);
    let mine: Vec<EmployerId> = mine.load(conn)?;
    let elsewhere: Vec<FairId> = same_days().filter(fairs::city.ne(&row.city)).select(fairs::id).load(conn)?;
    let both = fair_exhibitors::table.inner_join(employers::table).filter(fair_exhibitors::fair_id.eq_any(&elsewhere));
    let both = both.filter(fair_exhibitors::status.eq(Outcome::Approved)).filter(fair_exhibitors::employer_id.eq_any(&mine));
    let mut names: Vec<String> = both.select(employers::name).load(conn)?;
    names.sort_unstable();
    names.dedup();
    let warn =
        |name: String| Warning { code: "employer_elsewhere_same_day", detail: format!("{name} 当日也参加外市招聘会") };
    warnings.extend(names.into_iter().map(warn));
    Ok(warnings)
}
