//! Who is known here, and how do they prove it? Accounts with roles, sessions and API keys. Who may do what is not decided
//! here but in `http::access`.

mod authenticate;
mod http;
mod model;
mod secret;
mod store;

pub use authenticate::middleware;
pub use http::routes;
pub use model::{AccountBody, NewAccount};
pub use store::{
    bind_employer, bind_graduate, create, delete_of_graduate, drop_expired, find_by_name, issue_key, names_of_graduate,
};
