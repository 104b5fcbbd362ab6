//! Subscriptions over HTTP: each account sees its own alone.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use actix_web::{HttpResponse, delete, get, patch, post};
use reqwest::Url;
use serde_json::Value;

use crate::config::Config;
use crate::db::Db;
use crate::db::types::{DeliveryId, SubscriptionId};
use crate::error::{Error, Result};
use crate::feeds::subscriptions::model::{DeliveryView, SubscriptionBody, SubscriptionView};
use crate::feeds::subscriptions::post::Post;
use crate::feeds::subscriptions::{sign, store};
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, created, merged, outbound, tagged};
use crate::search::Search;

/// Lists the own subscriptions.
#[utoipa::path(tag = "subscriptions", operation_id = "list_subscriptions", params(PageQuery),
    responses((status = 200, description = "本账号的订阅", body = Page<SubscriptionView>), Failures))]
#[get("/subscriptions")]
pub async fn list(db: Data<Db>, caller: Caller, query: Query<PageQuery>) -> Result<Json<Page<SubscriptionView>>> {
    let account = caller.account.ok_or(Error::Unauthenticated)?;
    let (limit, after) = (query.0.limit()?, query.0.after::<SubscriptionId>()?);
    let (rows, total) = db.read(move |conn| store::page(conn, &account, after, i64::from(limit) + 1)).await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), SubscriptionView::of).map(Json)
}

/// Saves a search whose changes go to an address from now on; the secret is shown this once.
#[utoipa::path(tag = "subscriptions", operation_id = "create_subscription", request_body = SubscriptionBody,
    responses((status = 201, description = "订阅已建立，签名密钥仅显示一次", body = SubscriptionView), Failures))]
#[post("/subscriptions")]
pub async fn create(
    db: Data<Db>,
    config: Data<Config>,
    engine: Data<Search>,
    post: Data<Post>,
    caller: Caller,
    now: Now,
    body: Body<SubscriptionBody>,
) -> Result<HttpResponse> {
    let account = caller.account.clone().ok_or(Error::Unauthenticated)?;
    let url = body.0.check(&caller, &engine, &config.region)?;
    guard(&url, body.0.allow_private_network).await?;
    let secret = sign::new_secret();
    let kept = secret.clone();
    let row = db.write(move |conn| store::add(conn, now.0, account, &body.0, &kept, post.seal())).await?;
    Ok(created(&format!("/v1/subscriptions/{}", row.id), row.revision, &SubscriptionView::of_new(row, secret)?))
}

/// Refuses addresses that may not be asked; a host that cannot be found now may be found later.
async fn guard(url: &Url, allow_private_network: bool) -> Result<()> {
    match outbound::resolve(url, allow_private_network).await {
        Err(Error::Invalid(refusals)) if refusals.iter().all(|refusal| refusal.code == outbound::UNKNOWN_HOST) => Ok(()),
        resolved => resolved.map(|_| ()),
    }
}

/// Reads a subscription.
#[utoipa::path(tag = "subscriptions", operation_id = "get_subscription", params(("id" = SubscriptionId, Path)),
    responses((status = 200, description = "订阅", body = SubscriptionView), Failures))]
#[get("/subscriptions/{id}")]
pub async fn read(db: Data<Db>, caller: Caller, id: Id<SubscriptionId>) -> Result<HttpResponse> {
    let account = caller.account.ok_or(Error::Unauthenticated)?;
    let row = db.read(move |conn| store::own(conn, &account, &id.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &SubscriptionView::of(row)?))
}

/// Changes a subscription; what was not told yet is told as then asked for.
#[utoipa::path(tag = "subscriptions", operation_id = "update_subscription", params(("id" = SubscriptionId, Path)),
    request_body(content = SubscriptionBody, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "已修改", body = SubscriptionView), Failures))]
#[patch("/subscriptions/{id}")]
pub async fn change(
    db: Data<Db>,
    config: Data<Config>,
    engine: Data<Search>,
    caller: Caller,
    now: Now,
    id: Id<SubscriptionId>,
    revision: IfMatch,
    body: Body<Value>,
) -> Result<HttpResponse> {
    let account = caller.account.clone().ok_or(Error::Unauthenticated)?;
    let row = db.read(move |conn| store::own(conn, &account, &id.0)).await?;
    revision.check(row.revision)?;
    let asked: SubscriptionBody = merged(&row.asked()?, &body.0)?;
    let url = asked.check(&caller, &engine, &config.region)?;
    guard(&url, asked.allow_private_network).await?;
    let row = db
        .write(move |conn| {
            let row = store::own(conn, &row.account_id, &row.id)?;
            revision.check(row.revision)?;
            store::rewrite(conn, now.0, row, &asked)
        })
        .await?;
    Ok(tagged(StatusCode::OK, row.revision, &SubscriptionView::of(row)?))
}

/// Removes a subscription with its messages.
#[utoipa::path(tag = "subscriptions", operation_id = "delete_subscription", params(("id" = SubscriptionId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/subscriptions/{id}")]
pub async fn remove(db: Data<Db>, caller: Caller, id: Id<SubscriptionId>, revision: IfMatch) -> Result<HttpResponse> {
    let account = caller.account.ok_or(Error::Unauthenticated)?;
    db.write(move |conn| {
        let row = store::own(conn, &account, &id.0)?;
        revision.check(row.revision)?;
        store::remove(conn, &row.id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists what went out for a subscription, the newest first; kept for 30 days.
#[utoipa::path(tag = "subscriptions", operation_id = "list_deliveries", params(("id" = SubscriptionId, Path), PageQuery),
    responses((status = 200, description = "投递记录，新的在前", body = Page<DeliveryView>), Failures))]
#[get("/subscriptions/{id}/deliveries")]
pub async fn list_deliveries(
    db: Data<Db>,
    caller: Caller,
    id: Id<SubscriptionId>,
    query: Query<PageQuery>,
) -> Result<Json<Page<DeliveryView>>> {
    let account = caller.account.ok_or(Error::Unauthenticated)?;
    let (limit, after) = (query.0.limit()?, query.0.after::<DeliveryId>()?);
    let found = db.read(move |conn| {
        let row = store::own(conn, &account, &id.0)?;
        store::delivery_page(conn, &row.id, after, i64::from(limit) + 1)
    });
    let (rows, total) = found.await?;
    Page::from_rows(rows, limit, total, |row| row.id.clone(), |row| Ok(DeliveryView::of(row))).map(Json)
}

/// Sends a message again, under the same id.
#[utoipa::path(tag = "subscriptions", operation_id = "create_redelivery",
    params(("id" = SubscriptionId, Path), ("delivery" = DeliveryId, Path)),
    responses((status = 202, description = "将重新投递", body = DeliveryView), Failures))]
#[post("/subscriptions/{id}/deliveries/{delivery}/redeliveries")]
pub async fn redeliver(db: Data<Db>, caller: Caller, now: Now, path: Path<(SubscriptionId, DeliveryId)>) -> Result<HttpResponse> {
    let account = caller.account.ok_or(Error::Unauthenticated)?;
    let (id, delivery) = path.into_inner();
    let again = db.write(move |conn| {
        let row = store::own(conn, &account, &id)?;
        store::send_again(conn, now.0, &row.id, &delivery)
    });
    Ok(HttpResponse::Accepted().json(DeliveryView::of(again.await?)))
}
