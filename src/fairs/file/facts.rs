//! What is known of a fair that its duties are judged by? Rows read once, for one fair or for many.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::{employers, fair_attendances, fair_documents, fair_exhibitors, fair_outcomes, venues};
use crate::db::types::{EmployerId, FairId, GraduateId, SchoolId, Timestamp, VacancyId, VenueId};
use crate::employers::VerificationBody;
use crate::error::{Error, Result};
use crate::fairs::attendances::Attendance;
use crate::fairs::exhibitor::Outcome;
use crate::fairs::file::change::{self, Required};
use crate::fairs::file::notice::{Gaps, Notice, gaps};
use crate::fairs::file::table::items;
use crate::fairs::filing::{DocumentKind, Filing, PermitTerms, SafetyPart};
use crate::fairs::life::FairStatus;
use crate::fairs::model::FairRow;
use crate::vacancies::{self, Content, Status as VacancyStatus, VacancyRow};

/// A document that is filed.
#[derive(Debug, Clone)]
pub struct DocumentFact {
    /// What it is.
    pub kind: DocumentKind,
    /// Its title.
    pub title: String,
    /// Its hash.
    pub sha256: String,
    /// The parts of a safety work plan that it covers.
    pub covers: Vec<SafetyPart>,
    /// The day on which it was filed.
    pub filed_on: NaiveDate,
}

/// A recruitment notice that is brought along.
#[derive(Debug, Clone)]
pub struct NoticeFact {
    /// The title.
    pub title: String,
    /// Whether it is published.
    pub live: bool,
    /// What it leaves out.
    pub gaps: Gaps,
}

/// An employer that applied.
#[derive(Debug, Clone)]
pub struct ExhibitorFact {
    /// Its name.
    pub name: String,
    /// Where its application stands.
    pub status: Outcome,
    /// The day on which a bureau checked it.
    pub verified_on: Option<NaiveDate>,
    /// What was looked at then.
    pub looked_at: Vec<String>,
    /// What it brings along.
    pub notices: Vec<NoticeFact>,
}

/// What is known of a fair.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The fair.
    pub row: FairRow,
    /// What is filed in its own fields.
    pub filing: Filing,
    /// What is filed as documents.
    pub documents: Vec<DocumentFact>,
    /// Who applied.
    pub exhibitors: Vec<ExhibitorFact>,
    /// The school that runs the venue.
    pub venue_school: Option<SchoolId>,
    /// How many graduates came.
    pub attended: usize,
    /// How many outcomes are written down.
    pub outcomes: usize,
}

impl Facts {
    /// Makes the facts of a fair of which nothing but its own row is known.
    pub fn bare(row: FairRow) -> Result<Facts> {
        let (documents, exhibitors, venue_school) = (Vec::new(), Vec::new(), None);
        Ok(Facts { filing: row.filing()?, documents, exhibitors, venue_school, attended: 0, outcomes: 0, row })
    }

    /// Tells whether a document is there, as a document or in the words of the filing.
    pub fn has(&self, kind: DocumentKind) -> bool {
        self.filing.says(kind) || self.documents.iter().any(|document| document.kind == kind)
    }

    /// Tells what changes after the permit still require.
    pub fn change(&self) -> Required {
        let now = PermitTerms::of(&self.row);
        self.filing.permit.as_ref().map(|permit| change::required(permit, &now)).unwrap_or_default()
    }

    /// Gives the day before which a change or a cancellation had to be told to the police.
    pub fn original_start(&self) -> Option<NaiveDate> {
        let permit = self.filing.permit.as_ref()?;
        match self.row.status {
            FairStatus::Cancelled => change::permitted_start(permit),
            _ => change::original_start(permit, &PermitTerms::of(&self.row)),
        }
    }

    /// Names the employers that were taken and that no bureau has checked.
    pub fn unchecked(&self) -> Vec<&str> {
        let taken = self.exhibitors.iter().filter(|one| one.status == Outcome::Approved);
        taken.filter(|one| one.verified_on.is_none()).map(|one| one.name.as_str()).collect()
    }
}

type DocumentColumns = (FairId, DocumentKind, String, String, String, Timestamp);
type EmployerColumns = (EmployerId, String, Option<String>, Option<String>, Option<String>, Option<Timestamp>, Option<String>);

/// Reads what is known of one fair.
pub fn load(conn: &mut DbConn, row: FairRow) -> Result<Facts> {
    let mut all = load_many(conn, vec![row])?;
    all.pop().ok_or_else(|| Error::internal("one fair went in"))
}

/// Reads what is known of many fairs, with a few queries for all of them.
pub fn load_many(conn: &mut DbConn, rows: Vec<FairRow>) -> Result<Vec<Facts>> {
    let mut all: Vec<Facts> = rows.into_iter().map(Facts::bare).collect::<Result<_>>()?;
    fill(conn, &mut all)?;
    Ok(all)
}

fn fill(conn: &mut DbConn, all: &mut [Facts]) -> Result<()> {
    let ids: Vec<FairId> = all.iter().map(|facts| facts.row.id.clone()).collect();
    let mut documents: BTreeMap<FairId, Vec<DocumentFact>> = BTreeMap::new();
    let of = fair_documents::table.filter(fair_documents::fair_id.eq_any(&ids)).order(fair_documents::id);
    let columns = (
        fair_documents::fair_id,
        fair_documents::kind,
        fair_documents::title,
        fair_documents::sha256,
        fair_documents::covers,
        fair_documents::created_at,
    );
    for (fair, kind, title, sha256, covers, at) in of.select(columns).load::<DocumentColumns>(conn)? {
        let fact = DocumentFact { kind, title, sha256, covers: serde_json::from_str(&covers)?, filed_on: at.day() };
        documents.entry(fair).or_default().push(fact);
    }
    let mut exhibitors = exhibitors_of(conn, &ids)?;
    let attended = fair_attendances::table.filter(fair_attendances::fair_id.eq_any(&ids));
    let attended = attended
        .filter(fair_attendances::status.eq(Attendance::Attended))
        .select((fair_attendances::fair_id, fair_attendances::graduate_id));
    let attended: BTreeSet<(FairId, GraduateId)> = attended.load::<(FairId, GraduateId)>(conn)?.into_iter().collect();
    let outcomes = fair_outcomes::table.filter(fair_outcomes::fair_id.eq_any(&ids)).select(fair_outcomes::fair_id);
    let outcomes: Vec<FairId> = outcomes.load(conn)?;
    let held: Vec<VenueId> = all.iter().filter_map(|facts| facts.row.venue_id.clone()).collect();
    let owners = venues::table.filter(venues::id.eq_any(&held)).select((venues::id, venues::school_id));
    let owners: BTreeMap<VenueId, Option<SchoolId>> = owners.load::<(VenueId, Option<SchoolId>)>(conn)?.into_iter().collect();
    for facts in all {
        facts.venue_school = facts.row.venue_id.as_ref().and_then(|id| owners.get(id).cloned().flatten());
        let id = &facts.row.id;
        facts.documents = documents.remove(id).unwrap_or_default();
        facts.exhibitors = exhibitors.remove(id).unwrap_or_default();
        facts.attended = attended.iter().filter(|(fair, _)| fair == id).count();
        facts.outcomes = outcomes.iter().filter(|fair| *fair == id).count();
    }
    Ok(())
}

fn exhibitors_of(conn: &mut DbConn, ids: &[FairId]) -> Result<BTreeMap<FairId, Vec<ExhibitorFact>>> {
    let of = fair_exhibitors::table.filter(fair_exhibitors::fair_id.eq_any(ids)).order(fair_exhibitors::id);
    let columns = (fair_exhibitors::fair_id, fair_exhibitors::employer_id, fair_exhibitors::status, fair_exhibitors::vacancies);
    let mut once: BTreeMap<(FairId, EmployerId), (Outcome, BTreeSet<VacancyId>)> = BTreeMap::new();
    for (fair, employer, status, brought) in of.select(columns).load::<(FairId, EmployerId, Outcome, String)>(conn)? {
        let (taken, all) = once.entry((fair, employer)).or_insert((status, BTreeSet::new()));
        *taken = if *taken == Outcome::Approved { *taken } else { status };
        all.extend(serde_json::from_str::<Vec<String>>(&brought)?.iter().filter_map(|id| VacancyId::parse(id)));
    }
    let mut employer_ids: Vec<&EmployerId> = once.keys().map(|(_, employer)| employer).collect();
    employer_ids.sort_unstable();
    employer_ids.dedup();
    let known = employers_by_id(conn, &employer_ids)?;
    let ids: Vec<VacancyId> = once.values().flat_map(|(_, brought)| brought).cloned().collect();
    let found: BTreeMap<VacancyId, VacancyRow> =
        vacancies::load_many(conn, &ids)?.into_iter().map(|row| (row.id.clone(), row)).collect();
    let items = items()?;
    let mut all: BTreeMap<FairId, Vec<ExhibitorFact>> = BTreeMap::new();
    for ((fair, employer), (status, brought)) in once {
        let Some((_, name, introduction, nature, industry, verified_at, verification)) = known.get(&employer) else { continue };
        let employer_described = introduction.is_some() || nature.is_some() && industry.is_some();
        let mut notices = Vec::new();
        for row in brought.iter().filter_map(|id| found.get(id)) {
            let content: Content = serde_json::from_str(&row.body)?;
            let gaps = gaps(&Notice { employer_described, content: &content }, &items);
            notices.push(NoticeFact { title: row.title.clone(), live: row.status == VacancyStatus::Live, gaps });
        }
        let looked_at = verification.as_deref().map(serde_json::from_str::<VerificationBody>).transpose()?;
        all.entry(fair).or_default().push(ExhibitorFact {
            name: name.clone(),
            status,
            verified_on: verified_at.map(Timestamp::day),
            looked_at: looked_at.map(|look| look.documents).unwrap_or_default(),
            notices,
        });
    }
    Ok(all)
}

fn employers_by_id(conn: &mut DbConn, ids: &[&EmployerId]) -> Result<BTreeMap<EmployerId, EmployerColumns>> {
    let columns = (
        employers::id,
        employers::name,
        employers::introduction,
        employers::nature,
        employers::industry,
        employers::verified_at,
        employers::verification,
    );
    let rows: Vec<EmployerColumns> =
        employers::table.filter(employers::id.eq_any(ids.iter().copied())).select(columns).load(conn)?;
    Ok(rows.into_iter().map(|row| (row.0.clone(), row)).collect())
}
