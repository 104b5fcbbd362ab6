//! The values of accounts: what is asked for (`NewAccount`), what is kept (`AccountRow`), and who may make which.

use diesel::prelude::*;
use serde::Deserialize;

use crate::db::schema::{accounts, api_keys, sessions};
use crate::db::types::{AccountId, ApiKeyId, EmployerId, GraduateId, SchoolId, Timestamp};
use crate::error::{Error, Refusal, Result};
use crate::http::access;
use crate::http::{Caller, Role};
use crate::lexicon::AreaCode;

/// The shortest password, in characters.
const PASSWORD_CHARS_MIN: usize = 10;
/// The longest password, in characters; argon2 would take more, a login form need not.
const PASSWORD_CHARS_MAX: usize = 200;
/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 64;

/// An account as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts)]
pub struct AccountRow {
    pub id: AccountId,
    pub name: String,
    pub role: Role,
    pub city: Option<String>,
    pub school_id: Option<SchoolId>,
    pub employer_id: Option<EmployerId>,
    pub graduate_id: Option<GraduateId>,
    pub password_hash: String,
    pub disabled_at: Option<Timestamp>,
    pub revision: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// A session as kept.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct SessionRow {
    pub token_hash: String,
    pub account_id: AccountId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// An API key as kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys)]
pub struct ApiKeyRow {
    pub id: ApiKeyId,
    pub account_id: AccountId,
    pub name: String,
    pub key_hash: String,
    pub scopes: String,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// An account as asked for.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountBody {
    /// The name to log in with.
    pub name: String,
    /// What the account stands for.
    pub role: Role,
    /// The password, at least 10 characters.
    pub password: String,
    /// The own city of a bureau, by GB/T 2260 code.
    pub city: Option<String>,
    /// The own school.
    pub school: Option<SchoolId>,
    /// The own employer.
    pub employer: Option<EmployerId>,
    /// The own profile.
    pub graduate: Option<GraduateId>,
}

/// An account that may be made: its name, password and binding are sound.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) password: String,
    pub(super) city: Option<String>,
    pub(super) school: Option<SchoolId>,
    pub(super) employer: Option<EmployerId>,
    pub(super) graduate: Option<GraduateId>,
}

impl NewAccount {
    /// Checks what was asked for; every refusal is named at once.
    pub fn parse(body: AccountBody) -> Result<NewAccount> {
        let AccountBody { name, role, password, city, school, employer, graduate } = body;
        let mut refusals = Vec::new();
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
            refusals.push(Refusal::new("/name", "bad_name", "名称须为 1 至 64 个字符", "the name is not of 1 to 64 characters"));
        }
        if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&password.chars().count()) {
            let zh = "密码须为 10 至 200 个字符";
            refusals.push(Refusal::new("/password", "bad_password", zh, "the password is not of 10 to 200 characters"));
        }
        let city = match city.as_deref().map(AreaCode::parse) {
            None => None,
            Some(Some(code)) => Some(code.city().as_str().to_owned()),
            Some(None) => {
                refusals.push(Refusal::new("/city", "bad_city", "city 须为六位行政区划代码", "the city is not a GB/T 2260 code"));
                None
            }
        };
        if let Some(missing) = missing_binding(role, city.as_deref(), school.as_ref()) {
            refusals.push(missing);
        }
        match refusals.is_empty() {
            true => Ok(NewAccount { name, role, password, city, school, employer, graduate }),
            false => Err(Error::Invalid(refusals)),
        }
    }

    /// Lets the caller make this account, or refuses: people register themselves as graduate or employer, schools make
    /// accounts of their graduates, bureaus those of their city, the province all.
    pub fn permit(&self, caller: &Caller) -> Result<()> {
        let unbound = self.school.is_none() && self.employer.is_none() && self.graduate.is_none() && self.city.is_none();
        let permitted = match caller.role {
            Role::Province => self.role != Role::Anonymous,
            Role::Bureau => match self.role {
                Role::Bureau => caller.governs(self.city.as_deref()),
                Role::Graduate | Role::School | Role::Employer | Role::Feed => true,
                Role::Anonymous | Role::Province => false,
            },
            Role::School => self.role == Role::Graduate && self.employer.is_none(),
            Role::Anonymous => matches!(self.role, Role::Graduate | Role::Employer) && unbound,
            Role::Graduate | Role::Employer | Role::Feed => false,
        };
        match permitted {
            true => Ok(()),
            false => Err(Error::Forbidden),
        }
    }
}

fn missing_binding(role: Role, city: Option<&str>, school: Option<&SchoolId>) -> Option<Refusal> {
    match role {
        Role::Anonymous => Some(Refusal::new("/role", "bad_role", "此角色不能建立账号", "this role has no accounts")),
        Role::Bureau if city.is_none() => {
            Some(Refusal::new("/city", "city_required", "请给出所属城市", "the own city is missing"))
        }
        Role::School if school.is_none() => {
            Some(Refusal::new("/school", "school_required", "请给出所属学校", "the own school is missing"))
        }
        _ => None,
    }
}

/// Lets a key have these scopes, or refuses: each must be known, and none may reach beyond what the caller's own key may do.
pub fn permit_scopes(caller: &Caller, scopes: &[String]) -> Result<()> {
    let known = access::scopes();
    let list = known.iter().copied().collect::<Vec<_>>().join(", ");
    let unknown = |(at, scope): (usize, &String)| {
        let zh = format!("没有“{scope}”这个范围，可用：{list}");
        Refusal::new(format!("/scopes/{at}"), "unknown_scope", zh, format!("no such scope: {scope}; known are {list}"))
    };
    let refusals: Vec<Refusal> =
        scopes.iter().enumerate().filter(|(_, scope)| !known.contains(scope.as_str())).map(unknown).collect();
    if !refusals.is_empty() {
        return Err(Error::Invalid(refusals));
    }
    let beyond = scopes.is_empty() || scopes.iter().any(|scope| !caller.scopes.contains(scope));
    match !caller.scopes.is_empty() && beyond {
        true => Err(Error::Forbidden),
        false => Ok(()),
    }
}

/// Makes the caller that an account stands for.
pub fn caller_of(row: AccountRow, scopes: Vec<String>) -> Caller {
    let AccountRow { id, role, city, school_id, employer_id, graduate_id, .. } = row;
    Caller { account: Some(id), role, city, school: school_id, employer: employer_id, graduate: graduate_id, scopes }
}
