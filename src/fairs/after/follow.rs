//! What is still to be done after a fair, by whom and by when? From outcomes and interviews to tasks; reads no clock.

use chrono::{Days, NaiveDate};
use serde::Serialize;

use crate::calendar::Calendar;
use crate::db::types::{EmployerId, GraduateId};
use crate::error::{Error, Result};
use crate::fairs::after::count::Happened;
use crate::fairs::after::outcomes::{OutcomeRow, Stage};
use crate::text_enum;

/// Within how many working days after a fair the outcome of an interview is asked for; a habit, not a law.
const OUTCOME_WORKING_DAYS: u32 = 5;
/// After how many working days without news an open outcome is asked about; a habit, not a law.
const NEWS_WORKING_DAYS: u32 = 10;

text_enum! {
    /// What is to be done.
    TaskKind {
        /// 填写面谈结果.
        NoteOutcome = "note_outcome",
        /// 跟进下一步.
        AskForNews = "ask_for_news",
        /// 办理就业登记.
        RegisterEmployment = "register_employment",
    }
}

/// The law behind a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Basis {
    /// The statute.
    pub statute: String,
    /// The article.
    pub article: String,
    /// How many calendar days after the hire.
    pub days: u32,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Task {
    /// What.
    pub kind: TaskKind,
    /// About whom.
    pub graduate: GraduateId,
    /// With whom.
    pub employer: EmployerId,
    /// By when.
    pub due_on: NaiveDate,
    /// Whether that day is over.
    pub overdue: bool,
    /// The law behind it, where there is one.
    pub basis: Option<Basis>,
}

/// Finds what is still to be done, the most urgent first.
pub fn tasks(
    outcomes: &[OutcomeRow],
    happened: &Happened,
    (ended, today): (NaiveDate, NaiveDate),
    registration: &Basis,
    calendar: &Calendar,
) -> Result<Vec<Task>> {
    let working =
        |from: NaiveDate, days: u32| calendar.add_working_days(from, days).map(|reached| reached.date).map_err(Error::internal);
    let mut tasks = Vec::new();
    let mut push = |kind, graduate: &GraduateId, employer: &EmployerId, due_on: NaiveDate, basis| {
        let (graduate, employer) = (graduate.clone(), employer.clone());
        tasks.push(Task { kind, graduate, employer, due_on, overdue: due_on < today, basis });
    };
    let noted = |graduate: &GraduateId, employer: &EmployerId| {
        outcomes.iter().any(|row| row.graduate_id == *graduate && row.employer_id == *employer)
    };
    let came = |graduate: &GraduateId| happened.came.iter().any(|came| came.graduate == *graduate);
    for met in happened.met.iter().filter(|met| met.interviewed && came(&met.graduate)) {
        if !noted(&met.graduate, &met.employer) {
            push(TaskKind::NoteOutcome, &met.graduate, &met.employer, working(ended, OUTCOME_WORKING_DAYS)?, None);
        }
    }
    for row in outcomes {
        match (row.outcome, row.hired_on, row.registered_on) {
            (Stage::Intent | Stage::SecondInterview | Stage::Offer, ..) => {
                let due_on = working(row.updated_at.day(), NEWS_WORKING_DAYS)?;
                push(TaskKind::AskForNews, &row.graduate_id, &row.employer_id, due_on, None);
            }
            (Stage::Hired, Some(hired_on), None) => {
                let due_on = hired_on.checked_add_days(Days::new(u64::from(registration.days))).unwrap_or(hired_on);
                let basis = Some(registration.clone());
                push(TaskKind::RegisterEmployment, &row.graduate_id, &row.employer_id, due_on, basis);
            }
            _ => {}
        }
    }
    tasks.sort_by(|one, other| (one.due_on, &one.graduate, &one.employer).cmp(&(other.due_on, &other.graduate, &other.employer)));
    Ok(tasks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::{FairId, OutcomeId, Timestamp};
    use crate::fairs::after::count::{Came, Met};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn interviews_ask_for_outcomes_outcomes_for_news_and_hires_for_registration() {
        let at = Timestamp::parse("2026-09-12T11:00:00+08:00").unwrap();
        let graduates = [(); 4].map(|()| GraduateId::new(at));
        let employer = EmployerId::new(at);
        let row = |graduate: &GraduateId, outcome, hired_on: Option<&str>, registered_on: Option<&str>| OutcomeRow {
            id: OutcomeId::new(at),
            fair_id: FairId::new(at),
            graduate_id: graduate.clone(),
            employer_id: employer.clone(),
            outcome,
            note: None,
            revision: 1,
            created_at: at,
            updated_at: at,
            hired_on: hired_on.map(day),
            registered_on: registered_on.map(day),
        };
        let [a, b, c, d] = &graduates;
        let outcomes = [
            row(a, Stage::Offer, None, None),
            row(b, Stage::Hired, Some("2026-09-20"), None),
            row(c, Stage::Hired, Some("2026-09-20"), Some("2026-09-25")),
        ];
        let came = graduates.iter().map(|graduate| Came { graduate: graduate.clone(), school: None, programme: None });
        let met = |graduate: &GraduateId| Met {
            graduate: graduate.clone(),
            employer: employer.clone(),
            applied: true,
            interviewed: true,
        };
        let happened = Happened { came: came.collect(), met: vec![met(a), met(d)], ..Happened::default() };
        let basis = Basis { statute: "山东省就业促进条例".to_owned(), article: "第三十九条".to_owned(), days: 30 };
        let days = (day("2026-09-12"), day("2026-09-24"));
        let found = tasks(&outcomes, &happened, days, &basis, &Calendar::load().unwrap()).unwrap();
        let short: Vec<(TaskKind, &GraduateId, NaiveDate, bool)> =
            found.iter().map(|task| (task.kind, &task.graduate, task.due_on, task.overdue)).collect();
        // Five working days after Saturday the 12th are the 18th; ten, with the Sunday worked in exchange, the 24th.
        assert_eq!(
            short,
            [
                (TaskKind::NoteOutcome, d, day("2026-09-18"), true),
                (TaskKind::AskForNews, a, day("2026-09-24"), false),
                (TaskKind::RegisterEmployment, b, day("2026-10-20"), false),
            ]
        );
        assert_eq!(found.last().unwrap().basis, Some(basis));
    }
}
