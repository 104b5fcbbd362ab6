//! Who and what is there to be placed? The cohort, the live vacancies in question, and to whom the graduates agreed to be
//! shown, read in one look at the database.

use std::collections::{BTreeSet, HashMap, HashSet};

use diesel::prelude::*;

use super::asked::PlacementBody;
use crate::db::DbConn;
use crate::db::schema::vacancies as table;
use crate::db::types::{EmployerId, GraduateId, SchoolId, TrainingOrderId, VacancyId};
use crate::error::{Error, Result};
use crate::graduates::{self, Cohort, GraduateRow};
use crate::http::{Caller, Role};
use crate::lexicon::{Lexicon, asked_area};
use crate::schools;
use crate::training::{self, OrderStatus};
use crate::vacancies::{Status, VacancyRow};

/// How many graduates are placed at once.
const GRADUATES_MAX: usize = 5_000;
/// How many vacancies are looked at.
const VACANCIES_MAX: usize = 20_000;
/// How many ids one statement names.
const IDS_MAX: usize = 500;

/// What a placement starts from.
pub struct Ground {
    /// The cohort, by id.
    pub graduates: Vec<GraduateRow>,
    /// The live vacancies, by id.
    pub vacancies: Vec<VacancyRow>,
    /// To whom each graduate agreed to be shown.
    pub agreed: HashMap<GraduateId, HashSet<String>>,
    /// The employer of each training order that places are reserved by, and who finished its class.
    pub orders: HashMap<TrainingOrderId, (EmployerId, BTreeSet<GraduateId>)>,
    /// The school whose cohort it is.
    pub school: Option<SchoolId>,
    /// The first digits of the area that it is of.
    pub area: String,
}

/// Which rows are asked for, with places read.
pub struct Wanted {
    cohort: Cohort,
    /// The first digits of the area of the vacancies.
    within: Option<String>,
}

impl Wanted {
    /// Reads the places and names of a question.
    pub fn parse(asked: &PlacementBody, caller: &Caller, lexicon: &Lexicon, region: &str) -> Result<Wanted> {
        let body = asked.cohort.clone().unwrap_or_default();
        let area = asked_area(&lexicon.places, region, body.city.as_deref())?.map(|area| area.prefix().to_owned());
        if area.as_ref().is_some_and(|area| !governs_area(caller, area)) {
            return Err(Error::Forbidden);
        }
        let own = match (caller.role, &body.school, body.graduates.is_empty()) {
            (Role::Bureau, None, true) => caller.city.as_deref().and_then(|city| city.get(..4)).map(str::to_owned),
            _ => None,
        };
        let within = asked_area(&lexicon.places, region, asked.vacancies.city.as_deref())?.map(|area| area.prefix().to_owned());
        let (school, major, graduates_on, ids) = (body.school, body.major, body.graduates_on, body.graduates);
        Ok(Wanted { cohort: Cohort { school, area: area.or(own), major, graduates_on, ids }, within })
    }
}

/// Tells whether the schools of an area are the caller's to place: a school's own narrow them further anyway.
fn governs_area(caller: &Caller, area: &str) -> bool {
    caller.role == Role::School || caller.governs(Some(area))
}

/// Reads everything that a placement starts from.
pub fn load(conn: &mut DbConn, caller: &Caller, asked: &PlacementBody, wanted: &Wanted, region: &str) -> Result<Ground> {
    let graduates = graduates::cohort(conn, caller, &wanted.cohort, GRADUATES_MAX)?;
    if graduates.len() > GRADUATES_MAX {
        let zh = "一次最多安排 5000 名毕业生，请缩小范围";
        return Err(Error::invalid("/cohort", "too_many", zh, "more than 5000 graduates, narrow the cohort"));
    }
    let vacancies = openings(conn, asked, wanted)?;
    if vacancies.len() > VACANCIES_MAX {
        let zh = "涉及的岗位过多，请按城市或单位缩小范围";
        return Err(Error::invalid("/vacancies", "too_many", zh, "too many vacancies, narrow them by city or employer"));
    }
    let ids: Vec<GraduateId> = graduates.iter().map(|row| row.id.clone()).collect();
    let agreed = graduates::agreed(conn, &ids)?;
    let orders = orders(conn, caller, asked)?;
    let school = caller.school.clone().filter(|_| caller.role == Role::School).or_else(|| wanted.cohort.school.clone());
    let area = match (&school, &caller.city) {
        (Some(school), _) => schools::city_of(conn, school)?.unwrap_or_else(|| region.to_owned()),
        (None, Some(city)) => city.clone(),
        (None, None) => wanted.cohort.area.clone().unwrap_or_else(|| region.to_owned()),
    };
    Ok(Ground { graduates, vacancies, agreed, orders, school, area })
}

/// Reads the training orders that places are reserved by; the class of each has finished.
fn orders(
    conn: &mut DbConn,
    caller: &Caller,
    asked: &PlacementBody,
) -> Result<HashMap<TrainingOrderId, (EmployerId, BTreeSet<GraduateId>)>> {
    let mut found = HashMap::new();
    for (at, id) in asked.reserved.iter().enumerate().filter_map(|(at, body)| Some((at, body.order.as_ref()?))) {
        let order = training::yours(conn, caller, id)?;
        if !matches!(order.status, OrderStatus::Finished | OrderStatus::Placed) {
            let zh = format!("订单现为 {}，班级尚未结业", order.status);
            let en = format!("the order is {}, its class has not finished", order.status);
            return Err(Error::invalid(format!("/reserved/{at}/order"), "not_finished", zh, en));
        }
        found.insert(id.clone(), (order.employer_id, training::finished(conn, id)?));
    }
    Ok(found)
}

fn openings(conn: &mut DbConn, asked: &PlacementBody, wanted: &Wanted) -> Result<Vec<VacancyRow>> {
    let limit = i64::try_from(VACANCIES_MAX)? + 1;
    let narrowed = || {
        let mut query = table::table.filter(table::status.eq(Status::Live)).order(table::id).limit(limit).into_boxed();
        if let Some(employer) = &asked.vacancies.employer {
            query = query.filter(table::employer_id.eq(employer));
        }
        match wanted.within.as_deref() {
            Some(area) if area.len() > 4 => query.filter(table::district.eq(area).or(table::city.eq(area)).assume_not_null()),
            Some(area) => query.filter(table::city.like(format!("{area}%"))),
            None => query,
        }
    };
    if asked.vacancies.ids.is_empty() {
        return Ok(narrowed().select(VacancyRow::as_select()).load(conn)?);
    }
    let ids: Vec<VacancyId> = asked.vacancies.ids.iter().take(VACANCIES_MAX + 1).cloned().collect();
    let mut rows = Vec::new();
    for part in ids.chunks(IDS_MAX) {
        rows.extend(narrowed().filter(table::id.eq_any(part)).select(VacancyRow::as_select()).load::<VacancyRow>(conn)?);
    }
    let found: BTreeSet<&VacancyId> = rows.iter().map(|row| &row.id).collect();
    match asked.vacancies.ids.iter().find(|id| !found.contains(id)) {
        None => Ok(rows),
        Some(id) => {
            let zh = format!("岗位 {id} 不在招聘中，或不在所选范围内");
            Err(Error::invalid(
                "/vacancies/ids",
                "not_live",
                zh,
                format!("the vacancy {id} is not live, or not within the bounds"),
            ))
        }
    }
}
