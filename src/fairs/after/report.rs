//! What is reported of a fair? Generated from what happened: exact for the people of the fair, for an employer and a school
//! their own, for everybody else with small counts withheld and only once the fair is reported.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::calendar::Calendar;
use crate::db::types::{FairId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::fairs::after::count::{EmployerCount, Happened, SchoolCount};
use crate::fairs::after::ground;
use crate::fairs::after::withhold::{alone, column};
use crate::fairs::filing::{Filing, Report};
use crate::fairs::life::{FairStatus, REPORT_WORKING_DAYS};
use crate::fairs::model::FairRow;
use crate::fairs::store::{self, is_yours};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, hidden_unless, tagged};

/// Mounts the routes of reports.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read).service(write);
}

/// Counts of people in a report, `null` where withheld.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct Totals {
    /// 进场人数.
    visitors: Option<u32>,
    /// 参会单位数.
    exhibitors: u32,
    /// 手造类单位数.
    handicraft_exhibitors: u32,
    /// 提供岗位数.
    vacancies: u32,
    /// 招聘人数.
    headcount: u32,
    /// 收到简历数.
    applications: Option<u32>,
    /// 安排面谈数.
    interviews: Option<u32>,
    /// 达成就业意向人数.
    intents: Option<u32>,
    /// 现场签约或录用人数.
    hired: Option<u32>,
    /// 技工院校学生人数.
    students: Option<u32>,
}

/// A report as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ReportView {
    fair: FairId,
    status: FairStatus,
    /// By when it is due: 15 working days after the end.
    due_on: Option<NaiveDate>,
    /// When it was handed in.
    reported_on: Option<NaiveDate>,
    /// Whether counts of fewer than five people, and those that would give them away, are withheld.
    withheld: bool,
    /// All in all; `null` where only the own part is shown.
    totals: Option<Totals>,
    /// What was handed in, or what would be: for the people of the fair.
    report: Option<Report>,
    /// For each employer.
    employers: Vec<EmployerCount>,
    /// For the graduates of each school.
    schools: Vec<SchoolCount>,
}

/// Gives the report of a fair, generated from what happened.
#[utoipa::path(tag = "fairs", operation_id = "get_fair_report", params(("id" = FairId, Path)),
    responses((status = 200, description = "招聘会情况报告", body = ReportView), Failures))]
#[get("/fairs/{id}/report")]
async fn read(db: Data<Db>, calendar: Data<Calendar>, caller: Caller, id: Id<FairId>) -> Result<Json<ReportView>> {
    let asks = caller.clone();
    let (row, happened) = db
        .read(move |conn| {
            let row = store::visible(conn, &asks, &id.0)?;
            let happened = ground::load(conn, &row.id)?;
            Ok((row, happened))
        })
        .await?;
    let due_on = calendar.add_working_days(row.ends_at.day(), REPORT_WORKING_DAYS).ok().map(|reached| reached.date);
    view(&caller, row, &happened, due_on).map(Json)
}

fn view(caller: &Caller, row: FairRow, happened: &Happened, due_on: Option<NaiveDate>) -> Result<ReportView> {
    use FairStatus::{Finished, InProgress, Reported};
    let own = is_yours(caller, &row);
    let filed = row.filing()?.report;
    let held = matches!(row.status, InProgress | Finished | Reported);
    let reported = row.status == Reported;
    let (mut employers, mut schools) = (happened.by_employer(), happened.by_school());
    let mine = employers.iter().any(|one| caller.is_employer(Some(&one.employer)))
        || schools.iter().any(|one| caller.is_school(Some(&one.school)));
    if !held || !(own || mine || reported) {
        return Err(Error::conflict("not_reported", "尚无报告", "there is no report yet"));
    }
    let exact = filed.clone().unwrap_or_else(|| happened.report());
    if !own {
        hide(caller, &mut employers, &mut schools);
        employers.retain(|one| reported || caller.is_employer(Some(&one.employer)));
        schools.retain(|one| reported || caller.is_school(Some(&one.school)));
    }
    Ok(ReportView {
        fair: row.id,
        status: row.status,
        due_on,
        reported_on: filed.and_then(|report| report.reported_on),
        withheld: !own,
        totals: (own || reported).then(|| totals(&exact, own)),
        report: own.then_some(exact),
        employers,
        schools,
    })
}

fn totals(report: &Report, own: bool) -> Totals {
    let people = |count: u32| if own { Some(count) } else { alone(count) };
    Totals {
        visitors: people(report.visitors),
        exhibitors: report.exhibitors,
        handicraft_exhibitors: report.handicraft_exhibitors,
        vacancies: report.vacancies,
        headcount: report.headcount,
        applications: people(report.applications),
        interviews: people(report.interviews),
        intents: people(report.intents),
        hired: people(report.hired),
        students: people(report.students),
    }
}

/// Withholds the small counts of every column, but shows everybody their own row.
fn hide(caller: &Caller, employers: &mut [EmployerCount], schools: &mut [SchoolCount]) {
    let of_employers: [fn(&mut EmployerCount) -> &mut Option<u32>; 6] = [
        |one| &mut one.applications,
        |one| &mut one.interviews,
        |one| &mut one.funnel.intents,
        |one| &mut one.funnel.second_interviews,
        |one| &mut one.funnel.offers,
        |one| &mut one.funnel.hired,
    ];
    for cell in of_employers {
        hide_column(employers, cell, |one| caller.is_employer(Some(&one.employer)));
    }
    let of_schools: [fn(&mut SchoolCount) -> &mut Option<u32>; 6] = [
        |one| &mut one.attended,
        |one| &mut one.interviews,
        |one| &mut one.funnel.intents,
        |one| &mut one.funnel.second_interviews,
        |one| &mut one.funnel.offers,
        |one| &mut one.funnel.hired,
    ];
    for cell in of_schools {
        hide_column(schools, cell, |one| caller.is_school(Some(&one.school)));
    }
}

/// Withholds one column; the own row is known to whoever asks, so the others must hold without it.
fn hide_column<T>(rows: &mut [T], cell: impl Fn(&mut T) -> &mut Option<u32>, own: impl Fn(&T) -> bool) {
    let mut others: Vec<&mut T> = rows.iter_mut().filter(|row| !own(row)).collect();
    let counts: Vec<u32> = others.iter_mut().map(|row| cell(row).unwrap_or_default()).collect();
    for (row, shown) in others.into_iter().zip(column(&counts)) {
        *cell(row) = shown;
    }
}

/// What only a person knows of a fair.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
struct ReportBody {
    /// 进场人数, counted by hand, with those who came without a ticket; those who checked in when nothing is said.
    visitors: Option<u32>,
    /// 收到简历数; those asked for here when nothing is said.
    applications: Option<u32>,
    /// 直播场次.
    broadcasts: u32,
    /// 直播观看量.
    broadcast_views: u32,
    /// 投诉数.
    complaints: u32,
    /// What else there is to say.
    note: Option<String>,
}

/// Writes the report into the filing of a fair that is over: counted from what happened, with what only a person knows.
#[utoipa::path(tag = "fairs", operation_id = "create_fair_report", params(("id" = FairId, Path)), request_body = ReportBody,
    responses((status = 201, description = "报告已生成", body = Report), Failures))]
#[post("/fairs/{id}/report")]
async fn write(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    id: Id<FairId>,
    revision: IfMatch,
    body: Body<ReportBody>,
) -> Result<HttpResponse> {
    let (revision, report) = db.write(move |conn| generate(conn, *now, &caller, &id.0, &revision, body.0)).await?;
    Ok(tagged(StatusCode::CREATED, revision, &report))
}

fn generate(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    id: &FairId,
    revision: &IfMatch,
    body: ReportBody,
) -> Result<(i64, Report)> {
    let row = store::lock(conn, id)?;
    hidden_unless(is_yours(caller, &row), "fair")?;
    revision.check(row.revision)?;
    if row.status != FairStatus::Finished {
        let zh = format!("招聘会现为 {}，结束后、报送前才能生成报告", row.status);
        return Err(Error::conflict("not_finished", zh, format!("the fair is {} and not finished", row.status)));
    }
    let counted = ground::load(conn, &row.id)?.report();
    let visitors = body.visitors.unwrap_or(counted.visitors);
    if visitors < counted.visitors {
        let zh = format!("进场人数不得少于签到人数 {}", counted.visitors);
        return Err(Error::invalid("/visitors", "too_few", zh, format!("{} checked in", counted.visitors)));
    }
    let report = Report {
        visitors,
        applications: body.applications.unwrap_or(counted.applications),
        broadcasts: body.broadcasts,
        broadcast_views: body.broadcast_views,
        complaints: body.complaints,
        note: body.note,
        ..counted
    };
    let filing = Filing { report: Some(report.clone()), ..row.filing()? };
    let filing = serde_json::to_string(&filing)?;
    let row = FairRow { filing, revision: row.revision + 1, updated_at: now, ..row };
    store::save(conn, now, caller, &row, "fairs.report")?;
    Ok((row.revision, report))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::EmployerId;
    use crate::fairs::after::count::Funnel;
    use crate::fairs::model::tests::fair;
    use crate::http::Role;

    fn counted(employer: &EmployerId, hired: u32) -> EmployerCount {
        let funnel = Funnel { intents: Some(9), second_interviews: Some(9), offers: Some(9), hired: Some(hired) };
        let name = "虚构工坊".to_owned();
        EmployerCount {
            employer: employer.clone(),
            name,
            vacancies: 1,
            headcount: 9,
            applications: Some(9),
            interviews: Some(9),
            funnel,
        }
    }

    #[test]
    fn an_employer_sees_its_own_row_and_others_hold_without_it() {
        let now = Timestamp::parse("2026-11-25T09:00:00+08:00").unwrap();
        let ids = [(); 4].map(|()| EmployerId::new(now));
        let mut rows: Vec<EmployerCount> = ids.iter().zip([3, 2, 8, 9]).map(|(id, hired)| counted(id, hired)).collect();
        let caller = Caller { role: Role::Employer, employer: ids.first().cloned(), ..Caller::anonymous() };
        hide(&caller, &mut rows, &mut []);
        let hired: Vec<Option<u32>> = rows.iter().map(|row| row.funnel.hired).collect();
        assert_eq!(hired, [Some(3), None, None, Some(9)]);
        assert!(rows.iter().all(|row| row.applications == Some(9)));
    }

    #[test]
    fn a_report_is_shown_to_everybody_once_it_is_handed_in() {
        let row = FairRow { status: FairStatus::Finished, ..fair("2026-11-02T09:00:00+08:00") };
        let anonymous = Caller::anonymous();
        assert!(view(&anonymous, row.clone(), &Happened::default(), None).is_err());
        let shown =
            view(&anonymous, FairRow { status: FairStatus::Reported, ..row.clone() }, &Happened::default(), None).unwrap();
        assert!(shown.withheld && shown.totals.is_some() && shown.report.is_none());
        assert!(view(&Caller::service(), row, &Happened::default(), None).unwrap().report.is_some());
    }
}
