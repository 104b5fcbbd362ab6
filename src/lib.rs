//! 匠心 (jiangxin): handicraft vacancies, matching and campus recruitment fairs for technical schools.
//!
//! Rooms are nouns of the domain, floors are one-way: a room names only rooms on lower floors.
//!
//! - floor 4: [`server`] mounts every room's routes and makes the OpenAPI document; [`workers`] runs the loops; [`cli`].
//! - floor 3: [`ingest`] (outside to vacancies), [`search`] (words to vacancies), [`matching`] (graduate × vacancy),
//!   [`fairs`] (who meets whom, when, where), [`feeds`] (vacancies to whoever follows them).
//! - floor 2: [`vacancies`], [`employers`], [`schools`], [`graduates`], [`accounts`] (who is known), [`training`] (who
//!   ordered which class), [`audit`] (who did what).
//! - floor 1: [`lexicon`] (text to typed values), [`calendar`], [`db`] (the truth), [`http`] (the words of HTTP), [`config`].
//! - floor 0: [`error`], which has not heard of HTTP.
//!
//! One ingest run: `ingest::run_once` claims the source, `fetch` gets a page, `row` reads each row and drops what no vacancy
//! may depend on, `vacancies::Content::read` normalises on all cores, `vacancies::upsert` lands a batch in one transaction
//! and appends to `vacancy_events`; `search::Search::follow` reads those events and writes the index.

pub mod accounts;
pub mod audit;
pub mod calendar;
pub mod cli;
pub mod config;
pub mod db;
pub mod employers;
pub mod error;
pub mod fairs;
pub mod feeds;
pub mod graduates;
pub mod http;
pub mod ingest;
pub mod lexicon;
pub mod matching;
pub mod schools;
pub mod search;
pub mod server;
pub mod training;
pub mod vacancies;
pub mod workers;
