//! Accounts over HTTP: log in and out, make and change accounts, issue and revoke API keys.

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::{Data, Json};
use actix_web::{HttpRequest, HttpResponse, delete, get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::accounts::model::{AccountBody, AccountRow, ApiKeyRow, NewAccount, permit_scopes};
use crate::accounts::{secret, store};
use crate::db::types::{AccountId, ApiKeyId, EmployerId, GraduateId, SchoolId, Timestamp};
use crate::db::{Db, DbConn};
use crate::error::{Error, Result};
use crate::http::limit::Limits;
use crate::http::{Body, Caller, Failures, Id, IfMatch, Now, Page, PageQuery, Query, Role, created, hidden_unless, tagged};

/// Mounts the routes of this room.
pub fn routes(config: &mut ServiceConfig) {
    config.service(log_in).service(current).service(log_out);
    config.service(list).service(create).service(read).service(change).service(remove);
    config.service(list_keys).service(issue_key).service(revoke_key);
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Credentials {
    name: String,
    password: String,
}

/// A session, with its token; the token is shown this once.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct SessionView {
    token: String,
    expires_at: Timestamp,
    account: AccountView,
}

/// An account, as served.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AccountView {
    id: AccountId,
    name: String,
    role: Role,
    city: Option<String>,
    school: Option<SchoolId>,
    employer: Option<EmployerId>,
    graduate: Option<GraduateId>,
    disabled_at: Option<Timestamp>,
    revision: i64,
    created_at: Timestamp,
}

impl From<AccountRow> for AccountView {
    fn from(row: AccountRow) -> AccountView {
        let AccountRow {
            id,
            name,
            role,
            city,
            school_id,
            employer_id,
            graduate_id,
            password_hash: _,
            disabled_at,
            revision,
            created_at,
            updated_at: _,
        } = row;
        AccountView {
            id,
            name,
            role,
            city,
            school: school_id,
            employer: employer_id,
            graduate: graduate_id,
            disabled_at,
            revision,
            created_at,
        }
    }
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountPatch {
    /// The present password; needed to change the own one.
    current_password: Option<String>,
    /// The new password.
    password: Option<String>,
    /// Whether the account is locked.
    disabled: Option<bool>,
}

#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ApiKeyBody {
    /// What the key is for.
    name: String,
    /// What the key may do (as the scopes of the access table); empty for all that the account may do.
    #[serde(default)]
    scopes: Vec<String>,
    /// When the key ends.
    expires_at: Option<Timestamp>,
}

/// An API key, as served; `key` only in the answer that issues it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ApiKeyView {
    id: ApiKeyId,
    name: String,
    scopes: Vec<String>,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    created_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl ApiKeyView {
    fn of(row: ApiKeyRow, key: Option<String>) -> Result<ApiKeyView> {
        let ApiKeyRow { id, account_id: _, name, key_hash: _, scopes, expires_at, revoked_at, created_at } = row;
        Ok(ApiKeyView { id, name, scopes: serde_json::from_str(&scopes)?, expires_at, revoked_at, created_at, key })
    }
}

/// Logs in with name and password.
#[utoipa::path(tag = "accounts", operation_id = "create_session", request_body = Credentials,
    responses((status = 201, description = "已登录", body = SessionView), Failures))]
#[post("/sessions")]
async fn log_in(db: Data<Db>, limits: Data<Limits>, now: Now, body: Body<Credentials>) -> Result<HttpResponse> {
    let Credentials { name, password } = body.0;
    limits.login(&name)?;
    let wanted = name.clone();
    let account = db.read(move |conn| store::find_by_name(conn, &wanted)).await?;
    let hash = account.as_ref().map(|a| a.password_hash.clone());
    let right = tokio::task::spawn_blocking(move || secret::verify_password(&password, hash.as_deref())).await??;
    let account = account.filter(|a| right && a.disabled_at.is_none()).ok_or(Error::Unauthenticated)?;
    let id = account.id.clone();
    let (token, expires_at) = db.write(move |conn| store::open_session(conn, now.0, &id)).await?;
    Ok(HttpResponse::Created().json(SessionView { token, expires_at, account: account.into() }))
}

/// Tells who is logged in.
#[utoipa::path(tag = "accounts", operation_id = "get_current_session",
    responses((status = 200, description = "当前账号", body = AccountView), Failures))]
#[get("/sessions/current")]
async fn current(db: Data<Db>, caller: Caller) -> Result<Json<AccountView>> {
    let id = caller.account.ok_or(Error::Unauthenticated)?;
    db.read(move |conn| store::find(conn, &id)).await.map(|row| Json(row.into()))
}

/// Logs out.
#[utoipa::path(tag = "accounts", operation_id = "delete_current_session", responses((status = 204, description = "已退出"), Failures))]
#[delete("/sessions/current")]
async fn log_out(db: Data<Db>, request: HttpRequest) -> Result<HttpResponse> {
    let token = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok()).and_then(|v| v.split_once(' '));
    let token = token.map(|(_, token)| token.trim().to_owned()).ok_or(Error::Unauthenticated)?;
    db.write(move |conn| store::close_session(conn, &token)).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Lists accounts.
#[utoipa::path(tag = "accounts", operation_id = "list_accounts", params(PageQuery),
    responses((status = 200, description = "账号列表", body = Page<AccountView>), Failures))]
#[get("/accounts")]
async fn list(db: Data<Db>, caller: Caller, query: Query<PageQuery>) -> Result<Json<Page<AccountView>>> {
    let (limit, after) = (query.0.limit()?, query.0.after::<AccountId>()?);
    db.read(move |conn| {
        let city = if caller.role == Role::Province { None } else { Some(caller.city.as_deref().unwrap_or_default()) };
        let (rows, total) = store::list(conn, city, after, i64::from(limit) + 1)?;
        Page::from_rows(rows, limit, total, |row| row.id.clone(), |row| Ok(row.into())).map(Json)
    })
    .await
}

/// Makes an account.
#[utoipa::path(tag = "accounts", operation_id = "create_account", request_body = AccountBody,
    responses((status = 201, description = "账号已建立", body = AccountView), Failures))]
#[post("/accounts")]
async fn create(db: Data<Db>, caller: Caller, now: Now, body: Body<AccountBody>) -> Result<HttpResponse> {
    let mut new = NewAccount::parse(body.0)?;
    new.permit(&caller)?;
    if caller.role == Role::School {
        new.school = caller.school.clone();
    }
    let row = db.write(move |conn| store::create(conn, now.0, &caller, new)).await?;
    Ok(created(&format!("/v1/accounts/{}", row.id), row.revision, &AccountView::from(row)))
}

/// Reads an account: the own one, one of the own city, or any.
#[utoipa::path(tag = "accounts", operation_id = "get_account", params(("id" = AccountId, Path)),
    responses((status = 200, description = "账号", body = AccountView), Failures))]
#[get("/accounts/{id}")]
async fn read(db: Data<Db>, caller: Caller, id: Id<AccountId>) -> Result<HttpResponse> {
    let row = db.read(move |conn| yours(conn, &caller, &id.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &AccountView::from(row)))
}

/// Changes the password of an account, or locks it.
#[utoipa::path(tag = "accounts", operation_id = "update_account", params(("id" = AccountId, Path)), request_body = AccountPatch,
    responses((status = 200, description = "已修改", body = AccountView), Failures))]
#[patch("/accounts/{id}")]
async fn change(
    db: Data<Db>,
    caller: Caller,
    now: Now,
    id: Id<AccountId>,
    revision: IfMatch,
    body: Body<AccountPatch>,
) -> Result<HttpResponse> {
    let row = db.write(move |conn| apply(conn, *now, &caller, &id.0, &revision, body.0)).await?;
    Ok(tagged(StatusCode::OK, row.revision, &AccountView::from(row)))
}

fn apply(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    id: &AccountId,
    revision: &IfMatch,
    patch: AccountPatch,
) -> Result<AccountRow> {
    let AccountPatch { current_password, password, disabled } = patch;
    let row = yours(conn, caller, id)?;
    revision.check(row.revision)?;
    let own = caller.account.as_ref() == Some(&row.id);
    if own && disabled.is_some() {
        return Err(Error::Forbidden);
    }
    if own && !secret::verify_password(current_password.as_deref().unwrap_or_default(), Some(&row.password_hash))? {
        return Err(Error::invalid("/current_password", "wrong_password", "当前密码不正确", "the present password is wrong"));
    }
    if let Some(password) = &password {
        let body = AccountBody {
            name: row.name.clone(),
            role: row.role,
            password: password.clone(),
            city: row.city.clone(),
            school: row.school_id.clone(),
            employer: None,
            graduate: None,
        };
        NewAccount::parse(body)?;
    }
    store::change(conn, now, caller, &row, password.as_deref(), disabled)
}

/// Deletes an account with its sessions and keys.
#[utoipa::path(tag = "accounts", operation_id = "delete_account", params(("id" = AccountId, Path)),
    responses((status = 204, description = "已删除"), Failures))]
#[delete("/accounts/{id}")]
async fn remove(db: Data<Db>, caller: Caller, now: Now, id: Id<AccountId>, revision: IfMatch) -> Result<HttpResponse> {
    db.write(move |conn| {
        let row = yours(conn, &caller, &id.0)?;
        revision.check(row.revision)?;
        store::delete(conn, now.0, &caller, &row.id)
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

fn yours(conn: &mut DbConn, caller: &Caller, id: &AccountId) -> Result<AccountRow> {
    let row = store::find(conn, id)?;
    hidden_unless(caller.account.as_ref() == Some(&row.id) || caller.governs(row.city.as_deref()), "account")?;
    Ok(row)
}

/// Lists the own API keys.
#[utoipa::path(tag = "accounts", operation_id = "list_api_keys", responses((status = 200, description = "接口密钥", body = Page<ApiKeyView>), Failures))]
#[get("/api-keys")]
async fn list_keys(db: Data<Db>, caller: Caller) -> Result<Json<Page<ApiKeyView>>> {
    let account = caller.account.ok_or(Error::Unauthenticated)?;
    let rows = db.read(move |conn| store::keys(conn, &account)).await?;
    let items = rows.into_iter().map(|row| ApiKeyView::of(row, None)).collect::<Result<Vec<_>>>()?;
    let total = u64::try_from(items.len())?;
    Ok(Json(Page { items, next_cursor: None, total }))
}

/// Issues an API key; it is shown this once.
#[utoipa::path(tag = "accounts", operation_id = "create_api_key", request_body = ApiKeyBody,
    responses((status = 201, description = "密钥仅显示一次", body = ApiKeyView), Failures))]
#[post("/api-keys")]
async fn issue_key(db: Data<Db>, caller: Caller, now: Now, body: Body<ApiKeyBody>) -> Result<HttpResponse> {
    let ApiKeyBody { name, scopes, expires_at } = body.0;
    permit_scopes(&caller, &scopes)?;
    let account = caller.account.ok_or(Error::Unauthenticated)?;
    let (row, key) = db.write(move |conn| store::issue_key(conn, now.0, &account, &name, &scopes, expires_at)).await?;
    Ok(HttpResponse::Created().json(ApiKeyView::of(row, Some(key))?))
}

/// Revokes an API key.
#[utoipa::path(tag = "accounts", operation_id = "delete_api_key", params(("id" = ApiKeyId, Path)),
    responses((status = 204, description = "已吊销"), Failures))]
#[delete("/api-keys/{id}")]
async fn revoke_key(db: Data<Db>, caller: Caller, now: Now, id: Id<ApiKeyId>) -> Result<HttpResponse> {
    let account = caller.account.ok_or(Error::Unauthenticated)?;
    db.write(move |conn| store::revoke_key(conn, now.0, &account, &id.0)).await?;
    Ok(HttpResponse::NoContent().finish())
}
