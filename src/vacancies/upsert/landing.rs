//! What does one row do to what is known? Each step is taken in memory; `write` puts the outcome down.

use crate::db::types::VacancyId;
use crate::error::Result;
use crate::vacancies::content::Content;
use crate::vacancies::life::{Event, Status};
use crate::vacancies::model::{VacancyRow, content_hash};
use crate::vacancies::screen::{blocking_rules, settle};
use crate::vacancies::store::SeenRow;
use crate::vacancies::upsert::memory::{Key, Mark, Memory, Told, bands_of};
use crate::vacancies::upsert::merged::enriched;
use crate::vacancies::upsert::{Arrival, Incoming, Landed, MISSING, WITHDRAWN, same_opening};

impl Memory<'_> {
    /// Lands one row.
    pub fn land(&mut self, arrival: Arrival) -> Result<Landed> {
        match arrival {
            Arrival::Withdraws { reference } => self.withdraw(&reference),
            Arrival::Says(row) => {
                let key = self.key(&row.reference);
                match self.rows.get(&key).map(|(seen, _)| seen) {
                    None => self.arrive(*row, key, None),
                    Some(seen) if seen.row_hash == row.row_hash && seen.gone_at.is_none() => Ok(Landed::Unchanged),
                    Some(seen) if seen.leads => self.lead(*row, &key),
                    Some(_) => self.accompany(*row, &key),
                }
            }
        }
    }

    fn withdraw(&mut self, reference: &str) -> Result<Landed> {
        let key = self.key(reference);
        match self.rows.get(&key).map(|(seen, _)| seen.gone_at.is_some()) {
            None => Ok(Landed::Unknown),
            Some(true) => Ok(Landed::Unchanged),
            Some(false) => Ok(if self.part(&key, WITHDRAWN)? { Landed::Closed } else { Landed::Updated }),
        }
    }

    /// Lands a row that is beside no vacancy yet.
    fn arrive(&mut self, row: Incoming, key: Key, before: Option<SeenRow>) -> Result<Landed> {
        if let Some(id) = self.twin(&row)? {
            let body = serde_json::to_string(&row.content)?;
            self.see(&row, key, id.clone(), before, Some(body));
            self.retell(&id, Event::Corrected)?;
            return Ok(Landed::Merged);
        }
        let id = VacancyId::new(self.now);
        let content_hash = row.content_hash.clone();
        let vacancy = VacancyRow::published(id.clone(), self.now, row.employer.clone(), &row.content, content_hash.clone())?;
        let mut vacancy = VacancyRow { valid_from: row.valid_from, expires_at: row.expires_at, ..vacancy };
        vacancy.note(&row.findings, &row.lexicon_version)?;
        let held = !blocking_rules(&row.findings).is_empty();
        if held {
            (vacancy.status, vacancy.published_at) = (Status::Submitted, None);
        }
        self.tell(&vacancy, if held { Event::Submitted } else { Event::Published }, None);
        self.same.entry(content_hash).or_default().push(id.clone());
        self.keep_bands(&row, &id);
        self.see(&row, key, id.clone(), before, None);
        self.vacancies.insert(id.clone(), (vacancy, Mark::New));
        self.created.push(id);
        Ok(Landed::Created)
    }

    /// Finds an open vacancy of the same employer that says the same, or nearly so; what screening holds back is not added
    /// to by what it lets through.
    fn twin(&self, row: &Incoming) -> Result<Option<VacancyId>> {
        let held = !blocking_rules(&row.findings).is_empty();
        let open = |id: &&VacancyId| {
            self.vacancies.get(id).is_some_and(|(vacancy, _)| {
                let fits = vacancy.status == Status::Live || (held && vacancy.status == Status::Submitted);
                fits && vacancy.employer_id == row.employer
            })
        };
        let same = self.same.get(&row.content_hash).into_iter().flatten();
        let status = |id: &&VacancyId| self.vacancies.get(id).map(|(vacancy, _)| vacancy.status != Status::Live);
        if let Some(id) = same.filter(open).filter(|id| self.says(id, &row.content_hash)).min_by_key(status) {
            return Ok(Some(id.clone()));
        }
        for id in bands_of(row).iter().filter_map(|band| self.near.get(band)).flatten().filter(open) {
            let Some((vacancy, _)) = self.vacancies.get(id) else { continue };
            if same_opening(&vacancy.content()?, &row.content) {
                return Ok(Some(id.clone()));
            }
        }
        Ok(None)
    }

    fn says(&self, id: &VacancyId, hash: &str) -> bool {
        self.vacancies.get(id).is_some_and(|(vacancy, _)| vacancy.content_hash == hash)
    }

    /// Lands another word of the row that leads a vacancy; what a person ended stays ended.
    fn lead(&mut self, row: Incoming, key: &Key) -> Result<Landed> {
        let Some(id) = self.see_again(&row, key)? else { return Ok(Landed::Unchanged) };
        let (today, now) = (self.now.day(), self.now);
        let Some((vacancy, mark)) = self.vacancies.get_mut(&id) else { return Ok(Landed::Unchanged) };
        let by_source = vacancy.closed_reason.as_deref().is_some_and(|reason| matches!(reason, WITHDRAWN | MISSING));
        let back = match vacancy.status {
            Status::Rejected | Status::Merged => return Ok(Landed::Unchanged),
            Status::Closed if !by_source => return Ok(Landed::Unchanged),
            Status::Closed => true,
            Status::Expired => row.expires_at.is_none_or(|day| day >= today),
            _ => false,
        };
        let (before, known) = (vacancy.status, vacancy.findings()?);
        vacancy.rewrite(now, &row.content, row.content_hash.clone())?;
        vacancy.note(&row.findings, &row.lexicon_version)?;
        (vacancy.valid_from, vacancy.expires_at) = (row.valid_from, row.expires_at);
        vacancy.employer_id = row.employer.clone().or(vacancy.employer_id.take());
        let was = match back {
            true if vacancy.published_at.is_some() => Status::Live,
            true => Status::Submitted,
            false => before,
        };
        vacancy.status = settle(was, &known, &row.findings);
        let public = vacancy.status == Status::Live;
        vacancy.published_at = vacancy.published_at.or(public.then_some(now));
        if back {
            vacancy.closed_reason = None;
        }
        mark.change();
        let event = if public && before != Status::Live { Event::Published } else { Event::Corrected };
        self.same.entry(row.content_hash.clone()).or_default().push(id.clone());
        self.keep_bands(&row, &id);
        self.compose(&id)?;
        if let Some((vacancy, _)) = self.vacancies.get(&id) {
            let vacancy = vacancy.clone();
            self.tell(&vacancy, event, None);
        }
        Ok(Landed::Updated)
    }

    /// Lands another word of a row beside the one that leads: it stays while it tells of the same opening, and leaves when
    /// it does not.
    fn accompany(&mut self, row: Incoming, key: &Key) -> Result<Landed> {
        let Some((seen, _)) = self.rows.get(key) else { return Ok(Landed::Unchanged) };
        let (id, was_gone) = (seen.vacancy_id.clone(), seen.gone_at.is_some());
        let Some((vacancy, _)) = self.vacancies.get(&id) else { return Ok(Landed::Unchanged) };
        match vacancy.status {
            Status::Rejected | Status::Merged => {
                self.see_again(&row, key)?;
                return Ok(Landed::Unchanged);
            }
            Status::Closed | Status::Expired => return self.leave(row, key, &id),
            _ => {}
        }
        if vacancy.employer_id != row.employer
            || (vacancy.content_hash != row.content_hash && !same_opening(&vacancy.content()?, &row.content))
        {
            return self.leave(row, key, &id);
        }
        let before = vacancy.body.clone();
        self.see_again(&row, key)?;
        self.compose(&id)?;
        let changed = self.vacancies.get(&id).is_some_and(|(vacancy, _)| vacancy.body != before);
        if !changed && !was_gone {
            return Ok(Landed::Unchanged);
        }
        self.retell(&id, Event::Corrected)?;
        Ok(Landed::Updated)
    }

    /// Takes a row away from a vacancy and lands it for itself.
    fn leave(&mut self, row: Incoming, key: &Key, id: &VacancyId) -> Result<Landed> {
        let before = self.rows.get(key).map(|(seen, _)| seen.clone());
        if let Some(keys) = self.rows_of.get_mut(id) {
            keys.retain(|other| other != key);
        }
        self.retell(id, Event::Corrected)?;
        self.arrive(row, key.clone(), before)
    }

    /// Parts a vacancy from a row that its source no longer gives, and tells whether that was its end.
    pub fn part(&mut self, key: &Key, reason: &'static str) -> Result<bool> {
        let now = self.now;
        let Some((seen, mark)) = self.rows.get_mut(key) else { return Ok(false) };
        seen.gone_at = Some(now);
        mark.change();
        let (id, led) = (seen.vacancy_id.clone(), seen.leads);
        let mut alive: Vec<Key> = self.rows_of.get(&id).cloned().unwrap_or_default();
        alive.retain(|key| self.rows.get(key).is_some_and(|(seen, _)| seen.gone_at.is_none()));
        alive.sort_by_key(|key| self.rows.get(key).map(|(seen, _)| (seen.first_seen_at, key.clone())));
        if let (true, Some(heir)) = (led, alive.first()) {
            for (key, leads) in [(key, false), (heir, true)] {
                if let Some((seen, mark)) = self.rows.get_mut(key) {
                    seen.leads = leads;
                    mark.change();
                }
            }
        }
        let Some((vacancy, mark)) = self.vacancies.get_mut(&id) else { return Ok(false) };
        if !alive.is_empty() || !led {
            self.retell(&id, Event::Corrected)?;
            return Ok(false);
        }
        if !matches!(vacancy.status, Status::Live | Status::Submitted | Status::Suspended) {
            return Ok(false);
        }
        (vacancy.status, vacancy.closed_reason) = (Status::Closed, Some(reason.to_owned()));
        (vacancy.revision, vacancy.updated_at) = (vacancy.revision + 1, now);
        mark.change();
        let vacancy = vacancy.clone();
        self.tell(&vacancy, Event::Closed, Some(reason));
        Ok(true)
    }

    /// Says a vacancy anew after its rows have changed; one that nobody saw yet needs no word, nor one that says the same and
    /// is not public.
    fn retell(&mut self, id: &VacancyId, event: Event) -> Result<()> {
        let body = self.vacancies.get(id).map(|(vacancy, _)| vacancy.body.clone());
        self.compose(id)?;
        let now = self.now;
        let Some((vacancy, mark)) = self.vacancies.get_mut(id) else { return Ok(()) };
        let said = vacancy.status == Status::Live || body.is_none_or(|body| body != vacancy.body);
        if *mark == Mark::New || !said {
            return Ok(());
        }
        (vacancy.revision, vacancy.updated_at) = (vacancy.revision + 1, now);
        mark.change();
        let vacancy = vacancy.clone();
        self.tell(&vacancy, event, None);
        Ok(())
    }

    /// Puts the words of a vacancy together from the row that leads and those beside it.
    fn compose(&mut self, id: &VacancyId) -> Result<()> {
        let keys = self.rows_of.get(id).cloned().unwrap_or_default();
        let seen = |key: &Key| self.rows.get(key).map(|(seen, _)| seen);
        let Some(leader) = keys.iter().find(|key| seen(key).is_some_and(|seen| seen.leads)) else { return Ok(()) };
        let beside = keys.iter().filter(|key| *key != leader).filter_map(seen).filter(|seen| seen.gone_at.is_none());
        let others = beside
            .filter_map(|seen| seen.body.as_deref())
            .map(serde_json::from_str)
            .collect::<std::result::Result<Vec<Content>, _>>()?;
        let own = seen(leader).and_then(|seen| seen.body.clone());
        let Some((vacancy, mark)) = self.vacancies.get_mut(id) else { return Ok(()) };
        if own.is_none() && others.is_empty() {
            return Ok(());
        }
        let own = own.unwrap_or_else(|| vacancy.body.clone());
        let content: Content = serde_json::from_str(&own)?;
        let (revision, hash) = (vacancy.revision, content_hash(&content, ""));
        let hash = if content.place.is_some() { hash } else { vacancy.content_hash.clone() };
        let whole = enriched(content, &others);
        if serde_json::to_string(&whole)? != vacancy.body {
            vacancy.rewrite(self.now, &whole, hash)?;
            vacancy.revision = revision;
            mark.change();
        }
        if let Some((seen, mark)) = self.rows.get_mut(leader).filter(|(seen, _)| seen.body.is_none()) {
            seen.body = Some(own);
            mark.change();
        }
        Ok(())
    }

    fn keep_bands(&mut self, row: &Incoming, id: &VacancyId) {
        for band in bands_of(row) {
            self.near.entry(band).or_default().push(id.clone());
            self.bands.push((band, id.clone()));
        }
    }

    /// Notes an event; what is or was held back is looked at by a person, so its review follows.
    fn tell(&mut self, vacancy: &VacancyRow, event: Event, reason: Option<&'static str>) {
        let was_held = vacancy.revision > 1 && matches!(event, Event::Published | Event::Closed);
        if vacancy.status == Status::Submitted || was_held {
            self.judged.insert(vacancy.id.clone());
        }
        let (vacancy, revision, status) = (vacancy.id.clone(), vacancy.revision, vacancy.status);
        self.events.push(Told { vacancy, event, revision, status, reason });
    }

    /// Notes a row beside a vacancy; it leads where it brings no body of its own.
    fn see(&mut self, row: &Incoming, key: Key, vacancy_id: VacancyId, before: Option<SeenRow>, body: Option<String>) {
        let mark = if before.is_some() { Mark::Changed } else { Mark::New };
        let seen = SeenRow {
            source_id: self.source.id.clone(),
            reference: row.reference.clone(),
            vacancy_id: vacancy_id.clone(),
            source_name: self.source.name.clone(),
            label: self.source.label.clone(),
            url: row.url.clone(),
            row_hash: row.row_hash.clone(),
            changed_at: row.changed_at.clone(),
            first_seen_at: before.map_or(self.now, |before| before.first_seen_at),
            last_seen_at: self.now,
            leads: body.is_none(),
            missed: 0,
            gone_at: None,
            body,
        };
        let mark = match self.rows.get(&key) {
            Some((_, Mark::New)) => Mark::New,
            _ => mark,
        };
        self.rows.insert(key.clone(), (seen, mark));
        self.rows_of.entry(vacancy_id).or_default().push(key);
    }

    /// Notes what a known row says now and gives its vacancy.
    fn see_again(&mut self, row: &Incoming, key: &Key) -> Result<Option<VacancyId>> {
        let now = self.now;
        let (name, label) = (self.source.name.clone(), self.source.label.clone());
        let Some((seen, mark)) = self.rows.get_mut(key) else { return Ok(None) };
        seen.row_hash.clone_from(&row.row_hash);
        seen.changed_at.clone_from(&row.changed_at);
        seen.url.clone_from(&row.url);
        (seen.source_name, seen.label) = (name, label);
        (seen.last_seen_at, seen.gone_at, seen.missed) = (now, None, 0);
        if seen.body.is_some() {
            seen.body = Some(serde_json::to_string(&row.content)?);
        }
        mark.change();
        Ok(Some(seen.vacancy_id.clone()))
    }
}
