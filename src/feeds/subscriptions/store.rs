//! The rows of subscriptions and of their messages.

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::{deliveries, subscriptions};
use crate::db::types::{AccountId, DeliveryId, SubscriptionId, Timestamp};
use crate::error::{Error, Result};
use crate::feeds::subscriptions::model::{DeliveryRow, DeliveryStatus, SubscriptionBody, SubscriptionRow};
use crate::feeds::subscriptions::seal::{Seal, is_sealed};
use crate::vacancies;

/// How many subscriptions one account may have.
const SUBSCRIPTIONS_MAX: i64 = 20;
/// How many secrets are sealed in one transaction.
const SEALED_MAX: i64 = 500;
/// How long messages are kept, in seconds.
const KEPT_S: i64 = 30 * 24 * 3600;

/// Makes a subscription that is told what happens from now on; its secret is kept sealed.
pub fn add(
    conn: &mut DbConn,
    now: Timestamp,
    account: AccountId,
    body: &SubscriptionBody,
    secret: &str,
    seal: &Seal,
) -> Result<SubscriptionRow> {
    let own = subscriptions::table.filter(subscriptions::account_id.eq(&account));
    if own.count().get_result::<i64>(conn)? >= SUBSCRIPTIONS_MAX {
        return Err(Error::conflict(
            "too_many_subscriptions",
            "每个账号最多 20 个订阅",
            "an account has 20 subscriptions at most",
        ));
    }
    let id = SubscriptionId::new(now);
    let row = SubscriptionRow {
        secret: seal.close(&id, secret)?,
        id,
        account_id: account,
        body: serde_json::to_string(body)?,
        active: body.active,
        position: vacancies::last_change(conn)?,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    diesel::insert_into(subscriptions::table).values(&row).execute(conn)?;
    Ok(row)
}

/// Seals the secrets that an earlier version kept in the open, some hundreds at a time, and counts them.
pub fn seal_open(conn: &mut DbConn, seal: &Seal) -> Result<usize> {
    let open = subscriptions::table.filter(subscriptions::secret.like("whsec%")).limit(SEALED_MAX);
    let rows: Vec<(SubscriptionId, String)> = open.select((subscriptions::id, subscriptions::secret)).load(conn)?;
    for (id, secret) in rows.iter().filter(|(_, secret)| !is_sealed(secret)) {
        diesel::update(subscriptions::table.find(id)).set(subscriptions::secret.eq(seal.close(id, secret)?)).execute(conn)?;
    }
    Ok(rows.len())
}

/// Reads a subscription of an account; that of another is not there.
pub fn own(conn: &mut DbConn, account: &AccountId, id: &SubscriptionId) -> Result<SubscriptionRow> {
    let own = subscriptions::table.find(id).filter(subscriptions::account_id.eq(account));
    own.select(SubscriptionRow::as_select()).first(conn).optional()?.ok_or(Error::NotFound("subscription"))
}

/// Lists the subscriptions of an account by id after one, and counts them all.
pub fn page(
    conn: &mut DbConn,
    account: &AccountId,
    after: Option<SubscriptionId>,
    limit: i64,
) -> Result<(Vec<SubscriptionRow>, i64)> {
    let total = subscriptions::table.filter(subscriptions::account_id.eq(account)).count().get_result(conn)?;
    let own = subscriptions::table.filter(subscriptions::account_id.eq(account)).order(subscriptions::id).limit(limit);
    let mut query = own.into_boxed();
    if let Some(after) = after {
        query = query.filter(subscriptions::id.gt(after));
    }
    Ok((query.select(SubscriptionRow::as_select()).load(conn)?, total))
}

/// Changes what a subscription asks for, as its next revision.
pub fn rewrite(conn: &mut DbConn, now: Timestamp, row: SubscriptionRow, body: &SubscriptionBody) -> Result<SubscriptionRow> {
    let (id, asked) = (row.id.clone(), serde_json::to_string(body)?);
    let row = SubscriptionRow { body: asked, active: body.active, revision: row.revision + 1, updated_at: now, ..row };
    let columns = (
        subscriptions::body.eq(&row.body),
        subscriptions::active.eq(row.active),
        subscriptions::revision.eq(row.revision),
        subscriptions::updated_at.eq(now),
    );
    diesel::update(subscriptions::table.find(id)).set(columns).execute(conn)?;
    Ok(row)
}

/// Removes a subscription with its messages.
pub fn remove(conn: &mut DbConn, id: &SubscriptionId) -> Result<()> {
    diesel::delete(subscriptions::table.find(id)).execute(conn)?;
    Ok(())
}

/// Lists the messages of a subscription, the newest first, and counts them all.
pub fn delivery_page(
    conn: &mut DbConn,
    subscription: &SubscriptionId,
    after: Option<DeliveryId>,
    limit: i64,
) -> Result<(Vec<DeliveryRow>, i64)> {
    let total = deliveries::table.filter(deliveries::subscription_id.eq(subscription)).count().get_result(conn)?;
    let own = deliveries::table.filter(deliveries::subscription_id.eq(subscription)).order(deliveries::id.desc()).limit(limit);
    let mut query = own.into_boxed();
    if let Some(after) = after {
        query = query.filter(deliveries::id.lt(after));
    }
    Ok((query.select(DeliveryRow::as_select()).load(conn)?, total))
}

/// Lets a message go out again at once, with all its patience; its id stays, so that receivers know it.
pub fn send_again(
    conn: &mut DbConn,
    now: Timestamp,
    subscription: &SubscriptionId,
    delivery: &DeliveryId,
) -> Result<DeliveryRow> {
    let own = deliveries::table.find(delivery).filter(deliveries::subscription_id.eq(subscription));
    let row = own.select(DeliveryRow::as_select()).first(conn).optional()?.ok_or(Error::NotFound("delivery"))?;
    let row = DeliveryRow { status: DeliveryStatus::Pending, attempts: 0, next_attempt_at: Some(now), ..row };
    save_delivery(conn, &row)?;
    Ok(row)
}

/// Reads active subscriptions that have not been told everything up to a place in the sequence.
pub fn behind(conn: &mut DbConn, last: i64, limit: i64) -> Result<Vec<SubscriptionRow>> {
    let behind = subscriptions::table.filter(subscriptions::active.eq(true)).filter(subscriptions::position.lt(last));
    Ok(behind.order(subscriptions::position).limit(limit).select(SubscriptionRow::as_select()).load(conn)?)
}

/// Moves a subscription on in the sequence; false when somebody else did meanwhile.
pub fn advance(conn: &mut DbConn, row: &SubscriptionRow, position: i64) -> Result<bool> {
    let unmoved = subscriptions::table.find(&row.id).filter(subscriptions::position.eq(row.position));
    Ok(diesel::update(unmoved).set(subscriptions::position.eq(position)).execute(conn)? == 1)
}

/// Stops a subscription whose receiver says that it is gone.
pub fn stop(conn: &mut DbConn, now: Timestamp, id: &SubscriptionId) -> Result<()> {
    let columns = (
        subscriptions::active.eq(false),
        subscriptions::revision.eq(subscriptions::revision + 1),
        subscriptions::updated_at.eq(now),
    );
    diesel::update(subscriptions::table.find(id)).set(columns).execute(conn)?;
    Ok(())
}

/// Writes a new message.
pub fn add_delivery(conn: &mut DbConn, row: &DeliveryRow) -> Result<()> {
    diesel::insert_into(deliveries::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes a changed message over its row; one that is gone stays gone.
pub fn save_delivery(conn: &mut DbConn, row: &DeliveryRow) -> Result<()> {
    diesel::update(deliveries::table.find(&row.id)).set(row).execute(conn)?;
    Ok(())
}

/// Reads the messages of active subscriptions that are due, the longest due first.
pub fn due(conn: &mut DbConn, now: Timestamp, limit: i64) -> Result<Vec<(DeliveryRow, SubscriptionRow)>> {
    let joined = deliveries::table.inner_join(subscriptions::table).filter(subscriptions::active.eq(true));
    let due = joined.filter(deliveries::status.eq(DeliveryStatus::Pending)).filter(deliveries::next_attempt_at.le(now));
    let order = (deliveries::next_attempt_at, deliveries::id);
    Ok(due.order(order).limit(limit).select((DeliveryRow::as_select(), SubscriptionRow::as_select())).load(conn)?)
}

/// Drops messages that are older than they are kept, and counts them.
pub fn drop_old(conn: &mut DbConn, now: Timestamp) -> Result<usize> {
    Ok(diesel::delete(deliveries::table.filter(deliveries::created_at.lt(now.plus_seconds(-KEPT_S)))).execute(conn)?)
}
