//! Facts about the two databases: equal tables, migrations that can be taken back, writers that lose nothing.

use jiangxin::db::types::Timestamp;
use jiangxin::db::{claim, migrations, sequence};

use crate::facts;

#[test]
fn both_databases_have_the_same_migrations() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names = |kind: &str| {
        let mut names: Vec<String> =
            std::fs::read_dir(root.join(kind)).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    assert!(!names("sqlite").is_empty());
}

/// diesel knows a migration by what stands before the first `_`: of two that share it, one never runs.
#[test]
fn no_two_migrations_share_a_version() {
    for kind in ["sqlite", "postgres"] {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind);
        let mut seen = std::collections::BTreeMap::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let version = name.split_once('_').map(|(version, _)| version.replace('-', "")).expect("a version and a name");
            assert!(version.len() == 14 && version.bytes().all(|digit| digit.is_ascii_digit()), "{name}: not a version");
            let other = seen.insert(version, name.clone());
            assert!(other.is_none(), "{kind}: {name} and {other:?} share a version");
        }
    }
}

facts! {
    async fn every_migration_can_be_taken_back_and_done_again(app) {
        let (reverted, again) = app.db.read(|conn| Ok((migrations::revert_all(conn)?, migrations::run(conn)?))).await.unwrap();
        assert_eq!(reverted, again.len());
        assert!(reverted >= 5);
    }

    async fn writers_at_the_same_time_lose_nothing(app) {
        let writers = 32_i64;
        let each = 25_i64;
        let jobs = (0..writers).map(|_| {
            let db = app.db.clone();
            tokio::spawn(async move {
                for _ in 0..each {
                    db.write(|conn| sequence::take(conn, "vacancy_events", 1)).await.expect("no lock is left waiting");
                }
            })
        });
        for job in jobs.collect::<Vec<_>>() {
            job.await.unwrap();
        }
        let last = app.db.read(|conn| sequence::last(conn, "vacancy_events")).await.unwrap();
        assert_eq!(last, writers * each);
    }

    async fn a_failed_change_leaves_nothing_behind(app) {
        let failed = app.db.write(|conn| {
            sequence::take(conn, "vacancy_events", 5)?;
            Err::<(), _>(jiangxin::error::Error::NotFound("reason"))
        }).await;
        assert!(failed.is_err());
        assert_eq!(app.db.read(|conn| sequence::last(conn, "vacancy_events")).await.unwrap(), 0);
    }

    async fn a_claim_is_held_by_one_until_it_runs_out(app) {
        let now = Timestamp::now();
        let claimed = |owner: &'static str, at: Timestamp| app.db.write(move |conn| claim::claim(conn, at, "work", owner, 60));
        assert!(claimed("a", now).await.unwrap());
        assert!(!claimed("b", now.plus_seconds(10)).await.unwrap());
        assert!(claimed("a", now.plus_seconds(50)).await.unwrap());
        assert!(!claimed("b", now.plus_seconds(100)).await.unwrap());
        assert!(claimed("b", now.plus_seconds(111)).await.unwrap());
    }
}
