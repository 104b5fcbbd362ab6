//! What the service promises, tried from outside: each fact on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod support;

mod accounts;
mod contracts;
mod database;
mod fairs;
mod feeds;
mod flows;
mod graduates;
mod imports;
mod ingest;
mod interviews;
mod kernels;
mod lexicon;
mod matching;
mod matching_runs;
mod plan_kernel;
mod planning;
mod reviews;
mod schools;
mod screening;
mod search;
mod tidy;
mod timetable_kernel;
