//! How is a merge undone? The row of a source that tells of another opening becomes a vacancy of its own and leads it, so
//! that no later run merges it again; the vacancy that it stood beside is told anew without it.

use std::collections::HashSet;

use crate::db::DbConn;
use crate::db::types::{Timestamp, VacancyId};
use crate::error::{Error, Result};
use crate::lexicon::Lexicon;
use crate::vacancies::content::Content;
use crate::vacancies::model::{VacancyRow, content_hash};
use crate::vacancies::screen::{Subject, screen};
use crate::vacancies::store::{self, SeenRow};
use crate::vacancies::upsert::memory::Memory;
use crate::vacancies::upsert::{Incoming, Sketch, SourceRef, write};

/// Makes a vacancy of the row that a source calls `reference`, and gives its id.
pub fn separate(
    conn: &mut DbConn,
    now: Timestamp,
    actor: &str,
    vacancy: &VacancyRow,
    (source, reference): (&str, &str),
    lexicon: &Lexicon,
) -> Result<VacancyId> {
    let rows = store::seen(conn, std::slice::from_ref(&vacancy.id))?;
    let row = rows.into_iter().find(|row| row.source_name == source && row.reference == reference);
    let row = row.ok_or_else(|| {
        Error::invalid(
            "/reference",
            "no_such_source",
            "该岗位没有这条来源记录",
            "no such row of a source stands beside this vacancy",
        )
    })?;
    let Some(body) = row.body.as_deref().filter(|_| !row.leads) else {
        let (zh, en) =
            ("该来源记录是此岗位的正文，请改为分出其他来源记录", "the vacancy is what this row says; separate another row");
        return Err(Error::conflict("leads", zh, en));
    };
    if row.gone_at.is_some() {
        return Err(Error::conflict("gone", "该来源已撤下这条记录", "the source no longer gives this row"));
    }
    let alone = alone(now, vacancy, &row, serde_json::from_str(body)?, lexicon);
    let source = SourceRef { id: row.source_id, name: row.source_name, label: row.label };
    let mut memory = Memory::of(conn, now, &source, &[reference])?;
    actor.clone_into(&mut memory.actor);
    memory.meet(conn, HashSet::from([vacancy.id.clone()]))?;
    let key = memory.key(reference);
    let before = memory.take_away(&key, &vacancy.id)?;
    let id = memory.stand_alone(alone, key, before)?;
    write::write(conn, memory)?;
    Ok(id)
}

/// Gives the row as if it came for itself.
fn alone(now: Timestamp, vacancy: &VacancyRow, row: &SeenRow, content: Content, lexicon: &Lexicon) -> Incoming {
    let (valid_from, expires_at) = (vacancy.valid_from, vacancy.expires_at);
    let subject = Subject { content: &content, benefits: &[], valid_from, expires_at, day: now.day() };
    Incoming {
        reference: row.reference.clone(),
        row_hash: row.row_hash.clone(),
        content_hash: content_hash(&content, ""),
        sketch: Sketch::of(&content),
        findings: screen(subject, lexicon),
        employer: vacancy.employer_id.clone(),
        url: row.url.clone(),
        changed_at: row.changed_at.clone(),
        valid_from,
        expires_at,
        lexicon_version: lexicon.version().to_owned(),
        content,
    }
}
