//! Who asks? `Caller`: a role and the rows it is bound to. What each role may do stands in `access`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::db::types::{AccountId, EmployerId, GraduateId, SchoolId};
use crate::error::{Error, Result};
use crate::text_enum;

text_enum! {
    /// What an account stands for.
    Role {
        /// Nobody in particular.
        Anonymous = "anonymous",
        /// A graduate, for the own profile.
        Graduate = "graduate",
        /// A school, for its own graduates.
        School = "school",
        /// An employer, for the own organisation.
        Employer = "employer",
        /// A city bureau, for its own city.
        Bureau = "bureau",
        /// The province, for everything.
        Province = "province",
        /// A feed that pushes vacancies and does nothing else.
        Feed = "feed",
    }
}

/// Who asks, and which rows are theirs.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account, if any.
    pub account: Option<AccountId>,
    /// What the account stands for.
    pub role: Role,
    /// The GB/T 2260 code of the own city, of a bureau.
    pub city: Option<String>,
    /// The own school.
    pub school: Option<SchoolId>,
    /// The own employer.
    pub employer: Option<EmployerId>,
    /// The own profile.
    pub graduate: Option<GraduateId>,
    /// The scopes of the API key, empty for everything the account may do.
    pub scopes: Vec<String>,
}

impl Caller {
    /// Makes the caller without credentials.
    pub fn anonymous() -> Caller {
        Caller {
            account: None,
            role: Role::Anonymous,
            city: None,
            school: None,
            employer: None,
            graduate: None,
            scopes: Vec::new(),
        }
    }

    /// Makes the caller that stands for the service itself, in workers and commands.
    pub fn service() -> Caller {
        Caller { role: Role::Province, ..Caller::anonymous() }
    }

    /// Names the caller in histories and the audit: an account, or the role.
    pub fn name(&self) -> String {
        match &self.account {
            Some(account) => format!("account:{account}"),
            None => format!("role:{}", self.role),
        }
    }

    /// Tells whether everything of a city is the caller's: of its bureau and of the province.
    pub fn governs(&self, city: Option<&str>) -> bool {
        match self.role {
            Role::Province => true,
            Role::Bureau => match (self.city.as_deref(), city) {
                (Some(own), Some(city)) => own.get(..4).is_some_and(|prefix| city.starts_with(prefix)),
                _ => false,
            },
            _ => false,
        }
    }

    /// Tells whether the school is the caller's own.
    pub fn is_school(&self, school: Option<&SchoolId>) -> bool {
        self.role == Role::School && self.school.is_some() && self.school.as_ref() == school
    }

    /// Tells whether the employer is the caller's own.
    pub fn is_employer(&self, employer: Option<&EmployerId>) -> bool {
        self.role == Role::Employer && self.employer.is_some() && self.employer.as_ref() == employer
    }

    /// Tells whether the profile is the caller's own.
    pub fn is_graduate(&self, graduate: &GraduateId) -> bool {
        self.role == Role::Graduate && self.graduate.as_ref() == Some(graduate)
    }
}

/// Hides a row that is not the caller's: it answers like one that is not there.
pub fn hidden_unless(yours: bool, what: &'static str) -> Result<()> {
    match yours {
        true => Ok(()),
        false => Err(Error::NotFound(what)),
    }
}

impl FromRequest for Caller {
    type Error = Error;
    type Future = Ready<Result<Caller>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(request.extensions().get::<Caller>().cloned().unwrap_or_else(Caller::anonymous)))
    }
}
