//! The words of HTTP that every room speaks: how a request is read (`Body`, `Query`, `Caller`, `IfMatch`), how an answer
//! is made (`Page`, `Tagged`), and how a failure looks (`Problem`). Knows no room.

pub mod access;
mod body;
mod caller;
pub mod idempotency;
pub mod limit;
mod line;
mod merge;
pub mod metrics;
pub mod outbound;
mod page;
mod precondition;
pub mod problem;
pub mod request_id;

pub use body::{Body, Clock, Id, Now, Query, collect, json};
pub use caller::{Caller, Role, hidden_unless};
pub use line::{Line, Turn};
pub use merge::merged;
pub use page::{Cursor, Page, PageQuery, decode_cursor, encode_cursor};
pub use precondition::{IfMatch, conditional, created, etag, tagged};
pub use problem::{Failures, Language, Problem};
