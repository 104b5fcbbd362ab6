//! How many came, met and were hired? People are counted once each, in all, by employer and by school; counts only what it
//! is given.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::db::types::{EmployerId, GraduateId, SchoolId};
use crate::fairs::after::outcomes::Stage;
use crate::fairs::filing::Report;

/// A graduate who came.
#[derive(Debug, Clone)]
pub struct Came {
    /// Who.
    pub graduate: GraduateId,
    /// Of which school.
    pub school: Option<(SchoolId, String)>,
    /// In which programme.
    pub programme: Option<String>,
}

/// An employer that exhibited.
#[derive(Debug, Clone)]
pub struct Stood {
    /// Who.
    pub employer: EmployerId,
    /// Its name.
    pub name: String,
    /// Whether it is of the handicraft trades, where that is known.
    pub handicraft: Option<bool>,
    /// How many vacancies it brought.
    pub vacancies: u32,
    /// How many people it wants.
    pub headcount: u32,
}

/// Two who wanted to talk to each other.
#[derive(Debug, Clone)]
pub struct Met {
    /// The graduate.
    pub graduate: GraduateId,
    /// The employer.
    pub employer: EmployerId,
    /// Whether the graduate asked for it.
    pub applied: bool,
    /// Whether they had an interview.
    pub interviewed: bool,
}

/// What became of two who met.
#[derive(Debug, Clone)]
pub struct Became {
    /// The graduate.
    pub graduate: GraduateId,
    /// The employer.
    pub employer: EmployerId,
    /// How far they have come.
    pub stage: Stage,
}

/// What happened at a fair.
#[derive(Debug, Clone, Default)]
pub struct Happened {
    /// Who came.
    pub came: Vec<Came>,
    /// How many people came whose names nobody wrote down.
    pub nameless: u32,
    /// Who exhibited.
    pub stood: Vec<Stood>,
    /// Who wanted to meet.
    pub met: Vec<Met>,
    /// What became of them.
    pub became: Vec<Became>,
}

/// How many people have come how far: each stage counts those beyond it too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Funnel {
    /// 达成就业意向.
    pub intents: Option<u32>,
    /// 进入复试.
    pub second_interviews: Option<u32>,
    /// 收到录用意向.
    pub offers: Option<u32>,
    /// 已录用.
    pub hired: Option<u32>,
}

/// What came of a fair for one employer; `null` is withheld.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct EmployerCount {
    /// The employer.
    pub employer: EmployerId,
    /// Its name.
    pub name: String,
    /// How many vacancies it brought.
    pub vacancies: u32,
    /// How many people it wants.
    pub headcount: u32,
    /// How many asked to talk to it.
    pub applications: Option<u32>,
    /// How many it interviewed.
    pub interviews: Option<u32>,
    /// How far they came.
    #[serde(flatten)]
    pub funnel: Funnel,
}

/// What came of a fair for the graduates of one school; `null` is withheld.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SchoolCount {
    /// The school.
    pub school: SchoolId,
    /// Its name.
    pub name: String,
    /// How many came.
    pub attended: Option<u32>,
    /// How many were interviewed.
    pub interviews: Option<u32>,
    /// How far they came.
    #[serde(flatten)]
    pub funnel: Funnel,
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn people<'a>(of: impl Iterator<Item = &'a GraduateId>) -> u32 {
    number(of.collect::<BTreeSet<_>>().len())
}

impl Happened {
    /// Counts everything for the report; what nobody but a person knows is left at nought.
    pub fn report(&self) -> Report {
        let mut by_programme: BTreeMap<String, u32> = BTreeMap::new();
        for came in &self.came {
            *by_programme.entry(came.programme.clone().unwrap_or_else(|| "unknown".to_owned())).or_default() += 1;
        }
        let funnel = self.funnel(|_| true);
        Report {
            visitors: number(self.came.len()).saturating_add(self.nameless),
            exhibitors: number(self.stood.len()),
            handicraft_exhibitors: number(self.stood.iter().filter(|stood| stood.handicraft == Some(true)).count()),
            vacancies: self.stood.iter().map(|stood| stood.vacancies).sum(),
            headcount: self.stood.iter().map(|stood| stood.headcount).sum(),
            applications: number(self.met.iter().filter(|met| met.applied).count()),
            interviews: number(self.met.iter().filter(|met| met.interviewed).count()),
            intents: funnel.intents.unwrap_or_default(),
            hired: funnel.hired.unwrap_or_default(),
            students: number(self.came.iter().filter(|came| came.school.is_some()).count()),
            students_by_programme: by_programme,
            ..Report::default()
        }
    }

    fn funnel(&self, counts: impl Fn(&Became) -> bool) -> Funnel {
        let reached = |least: Stage| {
            let far = self.became.iter().filter(|became| became.stage != Stage::NotHired && became.stage >= least);
            Some(people(far.filter(|became| counts(became)).map(|became| &became.graduate)))
        };
        Funnel {
            intents: reached(Stage::Intent),
            second_interviews: reached(Stage::SecondInterview),
            offers: reached(Stage::Offer),
            hired: reached(Stage::Hired),
        }
    }

    /// Counts for each employer.
    pub fn by_employer(&self) -> Vec<EmployerCount> {
        let one = |stood: &Stood| {
            let met = |of: fn(&Met) -> bool| {
                Some(people(self.met.iter().filter(|met| met.employer == stood.employer && of(met)).map(|met| &met.graduate)))
            };
            EmployerCount {
                employer: stood.employer.clone(),
                name: stood.name.clone(),
                vacancies: stood.vacancies,
                headcount: stood.headcount,
                applications: met(|met| met.applied),
                interviews: met(|met| met.interviewed),
                funnel: self.funnel(|became| became.employer == stood.employer),
            }
        };
        self.stood.iter().map(one).collect()
    }

    /// Counts for each school.
    pub fn by_school(&self) -> Vec<SchoolCount> {
        let mut schools: BTreeMap<&(SchoolId, String), BTreeSet<&GraduateId>> = BTreeMap::new();
        for came in &self.came {
            if let Some(school) = &came.school {
                schools.entry(school).or_default().insert(&came.graduate);
            }
        }
        let one = |((school, name), own): (&(SchoolId, String), BTreeSet<&GraduateId>)| {
            let interviewed = self.met.iter().filter(|met| met.interviewed && own.contains(&met.graduate));
            SchoolCount {
                school: school.clone(),
                name: name.clone(),
                attended: Some(number(own.len())),
                interviews: Some(people(interviewed.map(|met| &met.graduate))),
                funnel: self.funnel(|became| own.contains(&became.graduate)),
            }
        };
        schools.into_iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::Timestamp;

    #[test]
    fn people_are_counted_once_however_many_employers_they_met() {
        let now = Timestamp::parse("2026-11-25T09:00:00+08:00").unwrap();
        let (graduates, school) = ([(); 3].map(|()| GraduateId::new(now)), (SchoolId::new(now), "虚构技工学校".to_owned()));
        let employers = [(); 2].map(|()| EmployerId::new(now));
        let came = |at: usize, programme: &str| Came {
            graduate: graduates[at].clone(),
            school: Some(school.clone()),
            programme: Some(programme.to_owned()),
        };
        let stood = |at: usize| Stood {
            employer: employers[at].clone(),
            name: format!("虚构工坊{at}"),
            handicraft: Some(at == 0),
            vacancies: 2,
            headcount: 5,
        };
        let became = |graduate: usize, employer: usize, stage| Became {
            graduate: graduates[graduate].clone(),
            employer: employers[employer].clone(),
            stage,
        };
        let met = |graduate: usize, employer: usize, interviewed| Met {
            graduate: graduates[graduate].clone(),
            employer: employers[employer].clone(),
            applied: true,
            interviewed,
        };
        let happened = Happened {
            came: vec![came(0, "senior_worker"), came(1, "senior_worker"), came(2, "technician")],
            nameless: 4,
            stood: vec![stood(0), stood(1)],
            met: vec![met(0, 0, true), met(0, 1, true), met(1, 0, false)],
            became: vec![
                became(0, 0, Stage::Offer),
                became(0, 1, Stage::Intent),
                became(1, 0, Stage::Hired),
                became(2, 0, Stage::NotHired),
            ],
        };
        let report = happened.report();
        assert_eq!((report.visitors, report.exhibitors, report.handicraft_exhibitors, report.headcount), (7, 2, 1, 10));
        assert_eq!((report.applications, report.interviews, report.intents, report.hired), (3, 2, 2, 1));
        assert_eq!(report.students_by_programme["senior_worker"], 2);
        let first = happened.by_employer().remove(0);
        assert_eq!((first.applications, first.interviews), (Some(2), Some(1)));
        let far = Funnel { intents: Some(2), second_interviews: Some(2), offers: Some(2), hired: Some(1) };
        assert_eq!(first.funnel, far);
        let own = happened.by_school().remove(0);
        assert_eq!((own.attended, own.interviews, own.funnel), (Some(3), Some(1), far));
    }
}
