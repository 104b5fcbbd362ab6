//! How do messages leave? One step: claim the work, write what changed into messages, send those that are due. It may run
//! on any number of instances and die at any moment; a message may then arrive twice, under the same id.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{StatusCode, Url};
use secrecy::ExposeSecret;

use crate::config::Config;
use crate::db::types::{DeliveryId, Timestamp};
use crate::db::{Db, DbConn, claim};
use crate::error::{Error, Result};
use crate::feeds::change::ChangeView;
use crate::feeds::chunk::change_chunk;
use crate::feeds::subscriptions::model::{DeliveryRow, DeliveryStatus, Message, MessageData, SubscriptionRow};
use crate::feeds::subscriptions::seal::Seal;
use crate::feeds::subscriptions::{sign, store};
use crate::feeds::wanted::Wanted;
use crate::http::outbound;
use crate::search::Search;
use crate::vacancies;

/// The name under which the work is claimed.
const CLAIM: &str = "webhooks";
/// How long a claim lasts, in seconds; a step ends well before.
const CLAIM_S: i64 = 120;
/// How long a receiver may take, in seconds.
const ANSWER_S: u64 = 15;
/// How many subscriptions one step moves on.
const SUBSCRIPTIONS_MAX: i64 = 100;
/// How many messages one step sends, and how many at a time.
const SENT_MAX: i64 = 32;
const AT_ONCE: usize = 8;
/// How many changes one message tells.
const CHANGES_MAX: usize = 20;
/// How much of a failure is kept, in characters.
const FAILURE_CHARS_MAX: usize = 300;

/// What sending messages stands on.
pub struct Post {
    db: Db,
    engine: Arc<Search>,
    region: String,
    owner: String,
    seal: Arc<Seal>,
}

/// How an attempt ended.
struct Answered {
    status: Option<StatusCode>,
    asked_wait: Option<i64>,
    failure: Option<String>,
}

impl Post {
    /// Makes the post of one instance.
    pub fn new(db: &Db, engine: Arc<Search>, config: &Config, now: Timestamp) -> Result<Post> {
        let owner = DeliveryId::new(now).to_string();
        let seal = Arc::new(Seal::of(&config.own_secret()?)?);
        Ok(Post { db: db.clone(), engine, region: config.region.clone(), owner, seal })
    }

    /// Gives what seals the secrets of subscribers.
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// Seals the secrets that an earlier version kept in the open, and counts them.
    pub async fn seal_open(&self) -> Result<usize> {
        let mut sealed = 0;
        loop {
            let seal = self.seal.clone();
            match self.db.write(move |conn| store::seal_open(conn, &seal)).await? {
                0 => return Ok(sealed),
                count => sealed += count,
            }
        }
    }

    /// Writes what is new into messages and sends those that are due; counts the attempts. Another's claim leaves nothing
    /// to do.
    pub async fn deliver_once(&self, now: Timestamp) -> Result<usize> {
        let idle = move |conn: &mut DbConn| {
            let last = vacancies::last_change(conn)?;
            Ok(store::behind(conn, last, 1)?.is_empty() && store::due(conn, now, 1)?.is_empty())
        };
        let owner = self.owner.clone();
        if self.db.read(idle).await? || !self.db.write(move |conn| claim::claim(conn, now, CLAIM, &owner, CLAIM_S)).await? {
            return Ok(0);
        }
        self.write_messages(now).await?;
        let due = self.db.read(move |conn| store::due(conn, now, SENT_MAX)).await?;
        let attempts = due.len();
        let mut sent = stream::iter(due).map(|(row, to)| attempt(now, row, to, self.seal.clone())).buffer_unordered(AT_ONCE);
        while let Some((row, gone)) = sent.next().await {
            let note = move |conn: &mut DbConn| {
                if gone {
                    store::stop(conn, now, &row.subscription_id)?;
                }
                store::save_delivery(conn, &row)
            };
            self.db.write(note).await?;
        }
        Ok(attempts)
    }

    /// Moves subscriptions on by one chunk of the sequence each.
    async fn write_messages(&self, now: Timestamp) -> Result<()> {
        let find = |conn: &mut DbConn| {
            let last = vacancies::last_change(conn)?;
            store::behind(conn, last, SUBSCRIPTIONS_MAX)
        };
        for row in self.db.read(find).await? {
            let asked = row.asked()?.filter.of_search();
            match Wanted::read(&asked, &self.engine, &self.region) {
                Ok(wanted) => self.db.write(move |conn| write_next(conn, now, &row, &wanted)).await?,
                Err(error) => {
                    tracing::warn!(subscription = %row.id, "its filter is no longer understood: {error}");
                    self.db.write(move |conn| store::stop(conn, now, &row.id)).await?;
                }
            }
        }
        Ok(())
    }
}

/// Writes the messages of the next chunk and moves the subscription on, both or neither.
fn write_next(conn: &mut DbConn, now: Timestamp, row: &SubscriptionRow, wanted: &Wanted) -> Result<()> {
    let (floor, last) = (vacancies::feed_floor(conn)?, vacancies::last_change(conn)?);
    let (covered, changes) = change_chunk(conn, row.position.max(floor), last, wanted)?;
    if !store::advance(conn, row, covered)? {
        return Ok(());
    }
    changes.chunks(CHANGES_MAX).try_for_each(|part| store::add_delivery(conn, &message(now, row, part)?))
}

fn message(now: Timestamp, to: &SubscriptionRow, changes: &[ChangeView]) -> Result<DeliveryRow> {
    let timestamp = changes.last().map_or(now, |change| change.at);
    let data = MessageData { subscription: &to.id, changes };
    let message = Message { kind: "vacancies.changed", timestamp, data };
    Ok(DeliveryRow {
        id: DeliveryId::new(now),
        subscription_id: to.id.clone(),
        status: DeliveryStatus::Pending,
        payload: serde_json::to_string(&message)?,
        changes: i64::try_from(changes.len())?,
        attempts: 0,
        next_attempt_at: Some(now),
        last_attempt_at: None,
        response_status: None,
        failure: None,
        created_at: now,
    })
}

/// Sends a message once; gives its row as it then stands, and whether the receiver is gone for good.
async fn attempt(now: Timestamp, row: DeliveryRow, to: SubscriptionRow, seal: Arc<Seal>) -> (DeliveryRow, bool) {
    let answered = match send(now, &row, &to, &seal).await {
        Ok(answered) => answered,
        Err(error) => Answered { status: None, asked_wait: None, failure: Some(error.to_string()) },
    };
    (after(now, row, &answered, rand::random()), answered.status == Some(StatusCode::GONE))
}

async fn send(now: Timestamp, row: &DeliveryRow, to: &SubscriptionRow, seal: &Seal) -> Result<Answered> {
    let asked = to.asked()?;
    let url = Url::parse(&asked.url).map_err(Error::internal)?;
    let seconds = now.millis().div_euclid(1_000);
    let signature = sign::signature(seal.open(&to.id, &to.secret)?.expose_secret(), row.id.as_str(), seconds, &row.payload)?;
    let client = outbound::client(&url, asked.allow_private_network, Duration::from_secs(ANSWER_S)).await?;
    let request = client.post(url).header(CONTENT_TYPE, "application/json").header("webhook-id", row.id.as_str());
    let request = request.header("webhook-timestamp", seconds).header("webhook-signature", signature);
    Ok(match request.body(row.payload.clone()).send().await {
        Ok(response) => {
            let status = response.status();
            let asked_wait = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok());
            let failure = (!status.is_success()).then(|| format!("status {status}"));
            Answered { status: Some(status), asked_wait, failure }
        }
        Err(cause) => Answered { status: None, asked_wait: None, failure: Some(cause.without_url().to_string()) },
    })
}

/// Notes how an attempt ended: taken, to be tried again, or failed for good.
fn after(now: Timestamp, row: DeliveryRow, answered: &Answered, chance: f64) -> DeliveryRow {
    let attempts = row.attempts + 1;
    let gone = answered.status == Some(StatusCode::GONE);
    let wait = sign::wait_after(attempts, chance, answered.asked_wait).filter(|_| !gone);
    let (status, next_attempt_at) = match (&answered.failure, wait) {
        (None, _) => (DeliveryStatus::Delivered, None),
        (Some(_), Some(wait)) => (DeliveryStatus::Pending, Some(now.plus_seconds(wait))),
        (Some(_), None) => (DeliveryStatus::Failed, None),
    };
    let failure = answered.failure.as_ref().map(|words| words.chars().take(FAILURE_CHARS_MAX).collect());
    let response_status = answered.status.map(|status| i32::from(status.as_u16()));
    DeliveryRow { status, attempts, next_attempt_at, last_attempt_at: Some(now), response_status, failure, ..row }
}
