//! A subscription as asked for, as kept and as served; and the messages that go out for it.

use std::sync::Arc;

use diesel::prelude::*;
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::db::schema::{deliveries, subscriptions};
use crate::db::types::{AccountId, DeliveryId, SubscriptionId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::feeds::change::ChangeView;
use crate::feeds::wanted::Wanted;
use crate::http::{Caller, Role};
use crate::search::Search;
use crate::text_enum;
use crate::vacancies::FilterQuery;

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 100;
/// The longest address, in characters.
const URL_CHARS_MAX: usize = 2_000;

fn yes() -> bool {
    true
}

/// A subscription as asked for.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionBody {
    /// What its owner calls it.
    pub name: String,
    /// Where messages go, over http or https.
    pub url: String,
    /// The saved search; only handicraft vacancies unless `handicraft` says otherwise.
    #[serde(default)]
    pub filter: FilterQuery,
    /// Whether messages go out; what changes meanwhile is told later.
    #[serde(default = "yes")]
    pub active: bool,
    /// Whether the address may be of a private network; for offices alone.
    #[serde(default)]
    pub allow_private_network: bool,
}

impl SubscriptionBody {
    /// Refuses what cannot be kept, and a private network asked for by others than offices; gives the address.
    pub fn check(&self, caller: &Caller, engine: &Arc<Search>, region: &str) -> Result<Url> {
        let mut refusals = Vec::new();
        let name = self.name.trim().chars().count();
        if name == 0 || name > NAME_CHARS_MAX {
            let zh = "名称须为 1 至 100 个字";
            refusals.push(Refusal::new("/name", "bad_name", zh, "the name is not of 1 to 100 characters"));
        }
        let url = Url::parse(&self.url).ok().filter(|_| self.url.chars().count() <= URL_CHARS_MAX);
        if url.is_none() {
            refusals.push(Refusal::new("/url", "bad_url", "地址无法读取", "not a URL"));
        }
        match Wanted::read(&self.filter, engine, region) {
            Err(Error::Invalid(inner)) => refusals.extend(inner.into_iter().map(inside_filter)),
            Err(Error::Malformed(inner)) => refusals.push(inside_filter(inner)),
            Err(other) => return Err(other),
            Ok(_) => {}
        }
        if self.allow_private_network && !matches!(caller.role, Role::Bureau | Role::Province) {
            return Err(Error::Forbidden);
        }
        url.filter(|_| refusals.is_empty()).ok_or(Error::Invalid(refusals))
    }
}

fn inside_filter(refusal: Refusal) -> Refusal {
    Refusal { pointer: format!("/filter{}", refusal.pointer), ..refusal }
}

/// A subscription as kept; what was asked for stands in `body`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subscriptions, treat_none_as_default_value = false)]
pub struct SubscriptionRow {
    /// Its id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The `SubscriptionBody`, as JSON.
    pub body: String,
    /// What its messages are signed with, sealed.
    pub secret: String,
    /// Whether messages go out.
    pub active: bool,
    /// How far in the sequence messages have been written.
    pub position: i64,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl SubscriptionRow {
    /// Reads what was asked for.
    pub fn asked(&self) -> Result<SubscriptionBody> {
        let asked: SubscriptionBody = serde_json::from_str(&self.body)?;
        Ok(SubscriptionBody { active: self.active, ..asked })
    }
}

/// A subscription as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SubscriptionView {
    id: SubscriptionId,
    #[serde(flatten)]
    asked: SubscriptionBody,
    /// Shown once, when it is made: what messages are signed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    position: i64,
    revision: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl SubscriptionView {
    /// Makes the view of a row, without its secret.
    pub fn of(row: SubscriptionRow) -> Result<SubscriptionView> {
        let asked = row.asked()?;
        let SubscriptionRow { id, position, revision, created_at, updated_at, .. } = row;
        Ok(SubscriptionView { id, asked, secret: None, position, revision, created_at, updated_at })
    }

    /// Makes the view of a new row, with its secret.
    pub fn of_new(row: SubscriptionRow, secret: String) -> Result<SubscriptionView> {
        Ok(SubscriptionView { secret: Some(secret), ..SubscriptionView::of(row)? })
    }
}

text_enum! {
    /// Where a message stands.
    DeliveryStatus {
        /// It is to be sent, for the first time or again.
        Pending = "pending",
        /// It was taken.
        Delivered = "delivered",
        /// It was refused until patience ended.
        Failed = "failed",
    }
}

/// A message as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = deliveries, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct DeliveryRow {
    /// Its id, sent as `webhook-id` with every attempt.
    pub id: DeliveryId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// The body, as it is sent.
    pub payload: String,
    /// How many changes it tells.
    pub changes: i64,
    /// How often it was sent.
    pub attempts: i64,
    /// When it is sent next.
    pub next_attempt_at: Option<Timestamp>,
    /// When it was last sent.
    pub last_attempt_at: Option<Timestamp>,
    /// The status of the last answer.
    pub response_status: Option<i32>,
    /// Why the last attempt failed.
    pub failure: Option<String>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A message as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeliveryView {
    id: DeliveryId,
    status: DeliveryStatus,
    changes: i64,
    attempts: i64,
    next_attempt_at: Option<Timestamp>,
    last_attempt_at: Option<Timestamp>,
    response_status: Option<i32>,
    failure: Option<String>,
    created_at: Timestamp,
}

impl DeliveryView {
    /// Makes the view of a row, without the message.
    pub fn of(row: DeliveryRow) -> DeliveryView {
        let DeliveryRow {
            id,
            subscription_id: _,
            status,
            payload: _,
            changes,
            attempts,
            next_attempt_at,
            last_attempt_at,
            response_status,
            failure,
            created_at,
        } = row;
        DeliveryView { id, status, changes, attempts, next_attempt_at, last_attempt_at, response_status, failure, created_at }
    }
}

/// The body of a message, in the shape of Standard Webhooks.
#[derive(Debug, Serialize)]
pub struct Message<'a> {
    /// What happened: always `vacancies.changed`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// When the last of the changes happened.
    pub timestamp: Timestamp,
    /// What changed.
    pub data: MessageData<'a>,
}

/// What changed, as in the change feed.
#[derive(Debug, Serialize)]
pub struct MessageData<'a> {
    /// The subscription.
    pub subscription: &'a SubscriptionId,
    /// The changes, in the order of the sequence.
    pub changes: &'a [ChangeView],
}
