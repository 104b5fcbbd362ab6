//! The rows of accounts, sessions and API keys.

use diesel::prelude::*;
use serde_json::json;

use crate::accounts::model::{AccountRow, ApiKeyRow, NewAccount, SessionRow, caller_of};
use crate::accounts::secret;
use crate::audit::{self, Deed};
use crate::db::DbConn;
use crate::db::schema::{accounts, api_keys, employers, graduates, schools, sessions};
use crate::db::types::{AccountId, ApiKeyId, EmployerId, GraduateId, SchoolId, Timestamp};
use crate::error::{Error, Result};
use crate::http::{Caller, hidden_unless};

/// How long a session lasts, in seconds.
pub const SESSION_S: i64 = 12 * 3600;

/// Makes an account; a name that is taken is refused.
pub fn create(conn: &mut DbConn, now: Timestamp, caller: &Caller, new: NewAccount) -> Result<AccountRow> {
    let NewAccount { name, role, password, city, school, employer, graduate } = new;
    let taken: i64 = accounts::table.filter(accounts::name.eq(&name)).count().get_result(conn)?;
    if taken > 0 {
        return Err(Error::conflict("name_taken", "此名称已被使用", format!("the name {name:?} is taken")));
    }
    binding_is_yours(conn, caller, school.as_ref(), employer.as_ref(), graduate.as_ref())?;
    let row = AccountRow {
        id: AccountId::new(now),
        name,
        role,
        city,
        school_id: school,
        employer_id: employer,
        graduate_id: graduate,
        password_hash: secret::hash_password(&password)?,
        disabled_at: None,
        revision: 1,
        created_at: now,
        updated_at: now,
    };
    diesel::insert_into(accounts::table).values(&row).execute(conn)?;
    record(conn, now, caller, "accounts.create", &row.id, json!({"role": row.role}))?;
    Ok(row)
}

/// Refuses to bind an account to a school, an employer or a graduate that is not there or not the caller's to give.
fn binding_is_yours(
    conn: &mut DbConn,
    caller: &Caller,
    school: Option<&SchoolId>,
    employer: Option<&EmployerId>,
    graduate: Option<&GraduateId>,
) -> Result<()> {
    if let Some(school) = school {
        let city: Option<String> = schools::table.find(school).select(schools::city).first(conn).optional()?;
        hidden_unless(city.is_some_and(|city| caller.governs(Some(&city))) || caller.is_school(Some(school)), "school")?;
    }
    if let Some(employer) = employer {
        let city: Option<Option<String>> = employers::table.find(employer).select(employers::city).first(conn).optional()?;
        hidden_unless(city.is_some_and(|city| caller.governs(city.as_deref())), "employer")?;
    }
    if let Some(graduate) = graduate {
        let at = graduates::table.left_join(schools::table).filter(graduates::id.eq(graduate));
        let found: Option<(Option<SchoolId>, Option<String>)> =
            at.select((graduates::school_id, schools::city.nullable())).first(conn).optional()?;
        let yours = found.is_some_and(|(school, city)| caller.is_school(school.as_ref()) || caller.governs(city.as_deref()));
        hidden_unless(yours, "graduate")?;
    }
    Ok(())
}

fn record(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    action: &str,
    id: &AccountId,
    detail: serde_json::Value,
) -> Result<()> {
    let deed = Deed { actor: &caller.name(), action, subject: &format!("account:{id}"), detail };
    audit::append(conn, now, &deed).map(|_| ())
}

/// Finds an account by name.
pub fn find_by_name(conn: &mut DbConn, name: &str) -> Result<Option<AccountRow>> {
    let found = accounts::table.filter(accounts::name.eq(name)).select(AccountRow::as_select()).first(conn);
    Ok(found.optional()?)
}

/// Finds an account.
pub fn find(conn: &mut DbConn, id: &AccountId) -> Result<AccountRow> {
    let found = accounts::table.find(id).select(AccountRow::as_select()).first(conn).optional()?;
    found.ok_or(Error::NotFound("account"))
}

/// Lists accounts by id after one, of a city or of all.
pub fn list(conn: &mut DbConn, city: Option<&str>, after: Option<AccountId>, limit: i64) -> Result<(Vec<AccountRow>, i64)> {
    let scoped = || {
        let mut query = accounts::table.into_boxed();
        if let Some(city) = city {
            query = query.filter(accounts::city.eq(city.to_owned()));
        }
        query
    };
    let total = scoped().count().get_result(conn)?;
    let mut query = scoped().order(accounts::id).limit(limit);
    if let Some(after) = after {
        query = query.filter(accounts::id.gt(after));
    }
    Ok((query.select(AccountRow::as_select()).load(conn)?, total))
}

/// Changes the password or the standing of an account; its sessions end with either.
pub fn change(
    conn: &mut DbConn,
    now: Timestamp,
    caller: &Caller,
    row: &AccountRow,
    password: Option<&str>,
    disabled: Option<bool>,
) -> Result<AccountRow> {
    let password_hash = match password {
        Some(password) => secret::hash_password(password)?,
        None => row.password_hash.clone(),
    };
    let disabled_at = match disabled {
        Some(true) => row.disabled_at.or(Some(now)),
        Some(false) => None,
        None => row.disabled_at,
    };
    diesel::update(accounts::table.find(&row.id))
        .set((
            accounts::password_hash.eq(password_hash),
            accounts::disabled_at.eq(disabled_at),
            accounts::revision.eq(row.revision + 1),
            accounts::updated_at.eq(now),
        ))
        .execute(conn)?;
    diesel::delete(sessions::table.filter(sessions::account_id.eq(&row.id))).execute(conn)?;
    record(conn, now, caller, "accounts.change", &row.id, json!({"password": password.is_some(), "disabled": disabled}))?;
    find(conn, &row.id)
}

/// Deletes an account with its sessions and keys.
pub fn delete(conn: &mut DbConn, now: Timestamp, caller: &Caller, id: &AccountId) -> Result<()> {
    diesel::delete(accounts::table.find(id)).execute(conn)?;
    record(conn, now, caller, "accounts.delete", id, json!({}))
}

/// Binds an account to the employer that it registered.
pub fn bind_employer(conn: &mut DbConn, account: &AccountId, employer: &EmployerId) -> Result<()> {
    diesel::update(accounts::table.find(account)).set(accounts::employer_id.eq(employer)).execute(conn)?;
    Ok(())
}

/// Binds an account to the profile that it made.
pub fn bind_graduate(conn: &mut DbConn, account: &AccountId, graduate: &GraduateId) -> Result<()> {
    diesel::update(accounts::table.find(account)).set(accounts::graduate_id.eq(graduate)).execute(conn)?;
    Ok(())
}

/// Removes the accounts of a graduate who leaves, with their sessions and keys.
pub fn delete_of_graduate(conn: &mut DbConn, graduate: &GraduateId) -> Result<()> {
    diesel::delete(accounts::table.filter(accounts::graduate_id.eq(graduate))).execute(conn)?;
    Ok(())
}

/// Tells the names of the accounts of a graduate.
pub fn names_of_graduate(conn: &mut DbConn, graduate: &GraduateId) -> Result<Vec<String>> {
    Ok(accounts::table.filter(accounts::graduate_id.eq(graduate)).select(accounts::name).load(conn)?)
}

/// Opens a session and gives its token, which is not kept.
pub fn open_session(conn: &mut DbConn, now: Timestamp, account: &AccountId) -> Result<(String, Timestamp)> {
    let token = secret::new_session_token();
    let expires_at = now.plus_seconds(SESSION_S);
    let row = SessionRow { token_hash: secret::token_hash(&token), account_id: account.clone(), created_at: now, expires_at };
    diesel::insert_into(sessions::table).values(&row).execute(conn)?;
    Ok((token, expires_at))
}

/// Ends the session of a token.
pub fn close_session(conn: &mut DbConn, token: &str) -> Result<()> {
    diesel::delete(sessions::table.find(secret::token_hash(token))).execute(conn)?;
    Ok(())
}

/// Finds out who a bearer token stands for; none when it is unknown, over, revoked, or its account disabled.
pub fn authenticate(conn: &mut DbConn, now: Timestamp, token: &str) -> Result<Option<Caller>> {
    let hash = secret::token_hash(token);
    let (account, scopes) = if secret::is_api_key(token) {
        let key: Option<ApiKeyRow> =
            api_keys::table.filter(api_keys::key_hash.eq(hash)).select(ApiKeyRow::as_select()).first(conn).optional()?;
        match key.filter(|k| k.revoked_at.is_none() && k.expires_at.is_none_or(|at| at > now)) {
            Some(key) => (key.account_id, serde_json::from_str(&key.scopes)?),
            None => return Ok(None),
        }
    } else {
        let session: Option<SessionRow> = sessions::table.find(hash).select(SessionRow::as_select()).first(conn).optional()?;
        match session.filter(|s| s.expires_at > now) {
            Some(session) => (session.account_id, Vec::new()),
            None => return Ok(None),
        }
    };
    let row = find(conn, &account)?;
    Ok(row.disabled_at.is_none().then(|| caller_of(row, scopes)))
}

/// Issues an API key and gives it; only its hash is kept.
pub fn issue_key(
    conn: &mut DbConn,
    now: Timestamp,
    account: &AccountId,
    name: &str,
    scopes: &[String],
    expires_at: Option<Timestamp>,
) -> Result<(ApiKeyRow, String)> {
    let key = secret::new_api_key();
    let row = ApiKeyRow {
        id: ApiKeyId::new(now),
        account_id: account.clone(),
        name: name.to_owned(),
        key_hash: secret::token_hash(&key),
        scopes: serde_json::to_string(scopes)?,
        expires_at,
        revoked_at: None,
        created_at: now,
    };
    diesel::insert_into(api_keys::table).values(&row).execute(conn)?;
    let actor = format!("account:{account}");
    let deed = Deed {
        actor: &actor,
        action: "api_keys.issue",
        subject: &format!("api_key:{}", row.id),
        detail: json!({"scopes": scopes}),
    };
    audit::append(conn, now, &deed)?;
    Ok((row, key))
}

/// Lists the keys of an account, oldest first.
pub fn keys(conn: &mut DbConn, account: &AccountId) -> Result<Vec<ApiKeyRow>> {
    Ok(api_keys::table.filter(api_keys::account_id.eq(account)).order(api_keys::id).select(ApiKeyRow::as_select()).load(conn)?)
}

/// Revokes a key of an account.
pub fn revoke_key(conn: &mut DbConn, now: Timestamp, account: &AccountId, id: &ApiKeyId) -> Result<()> {
    let own = api_keys::table.find(id).filter(api_keys::account_id.eq(account));
    match diesel::update(own).set(api_keys::revoked_at.eq(now)).execute(conn)? {
        0 => Err(Error::NotFound("API key")),
        _ => Ok(()),
    }
}

/// Drops sessions that are over and counts them.
pub fn drop_expired(conn: &mut DbConn, now: Timestamp) -> Result<usize> {
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(now))).execute(conn)?)
}
