//! What the service promises, tried from outside: each fact on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod support;

mod accounts;
mod booths;
mod contracts;
mod database;
mod doors;
mod fair_after;
mod fair_file;
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
mod placement;
mod placement_kernel;
mod plan_kernel;
mod planning;
mod race;
mod reviews;
mod schools;
mod score;
mod screening;
mod search;
mod tidy;
mod timetable_kernel;
mod training;
mod year;
