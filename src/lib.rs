//! 匠心 (jiangxin): handicraft vacancies, matching and campus recruitment fairs for technical schools.
//!
//! Rooms are nouns of the domain, floors are one-way: a room names only rooms on lower floors.
//!
//! - floor 4: [`server`] mounts every room's routes and makes the OpenAPI document; [`workers`] runs the loops.
//! - floor 2: [`accounts`] (who is known), [`audit`] (who did what).
//! - floor 1: [`lexicon`] (text to typed values), [`db`] (the truth), [`http`] (the words of HTTP), [`config`].
//! - floor 0: [`error`], which has not heard of HTTP.

pub mod accounts;
pub mod audit;
pub mod cli;
pub mod config;
pub mod db;
pub mod error;
pub mod http;
pub mod lexicon;
pub mod server;
pub mod workers;
