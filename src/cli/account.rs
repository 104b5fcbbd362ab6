//! `account create` and `api-key create`: the first way in, before anyone can log in.

use std::io::Read;

use clap::Subcommand;

use crate::accounts::{self, AccountBody, NewAccount};
use crate::cli::print;
use crate::config::Config;
use crate::db::Db;
use crate::db::types::{EmployerId, SchoolId, Timestamp};
use crate::error::{Error, Result};
use crate::http::{Caller, Role};

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes an account; the password is read from standard input.
    Create {
        /// The name to log in with.
        #[arg(long)]
        name: String,
        /// graduate, school, employer, bureau, province or feed.
        #[arg(long)]
        role: String,
        /// The own city of a bureau, by GB/T 2260 code.
        #[arg(long)]
        city: Option<String>,
        /// The own school.
        #[arg(long)]
        school: Option<String>,
        /// The own employer.
        #[arg(long)]
        employer: Option<String>,
    },
}

/// What can be done with API keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Issues an API key of an account and prints it alone.
    Create {
        /// The name of the account.
        #[arg(long)]
        account: String,
        /// What the key may do; may be repeated, everything when not given.
        #[arg(long)]
        scope: Vec<String>,
        /// When the key ends (RFC 3339).
        #[arg(long)]
        expires: Option<String>,
    },
}

/// Runs an account command.
pub async fn run(config: Config, command: Command) -> Result<()> {
    let Command::Create { name, role, city, school, employer } = command;
    let mut password = String::new();
    std::io::stdin().read_to_string(&mut password)?;
    let unknown = |what: &'static str| Error::invalid(format!("/{what}"), "bad_value", "参数有误", format!("no such {what}"));
    let body = AccountBody {
        name,
        role: Role::parse(&role).ok_or_else(|| unknown("role"))?,
        password: password.trim_end_matches(['\r', '\n']).to_owned(),
        city,
        school: school.map(|id| SchoolId::parse(&id).ok_or_else(|| unknown("school"))).transpose()?,
        employer: employer.map(|id| EmployerId::parse(&id).ok_or_else(|| unknown("employer"))).transpose()?,
        graduate: None,
    };
    let new = NewAccount::parse(body)?;
    let db = Db::open(&config.database, config.database_connections)?;
    let row = db.write(move |conn| accounts::create(conn, Timestamp::now(), &Caller::service(), new)).await?;
    print(&format!("{}\n", row.id))
}

/// Runs an API key command.
pub async fn run_key(config: Config, command: KeyCommand) -> Result<()> {
    let KeyCommand::Create { account, scope, expires } = command;
    let expires_at = match expires.as_deref().map(Timestamp::parse) {
        Some(None) => return Err(Error::invalid("/expires", "bad_value", "参数有误", "not an RFC 3339 instant")),
        Some(at) => at,
        None => None,
    };
    let db = Db::open(&config.database, config.database_connections)?;
    let key = db
        .write(move |conn| {
            let row = accounts::find_by_name(conn, &account)?.ok_or(Error::NotFound("account"))?;
            accounts::issue_key(conn, Timestamp::now(), &row.id, "command line", &scope, expires_at)
        })
        .await?
        .1;
    print(&format!("{key}\n"))
}
