//! The index is a shadow: it is repaired when it has drifted, remade beside the old one, and never asked too much.

use std::sync::{Arc, Mutex, mpsc};

use jiangxin::error::Error;
use jiangxin::search::{Drift, Search, Weights};

use super::{LEXICON, Shelf, ask, raw};
use crate::facts;
use crate::flows::{ingest_once, source};
use crate::support::upstream::{World, row, start};

facts! {
    async fn what_has_drifted_is_counted_and_written_anew(app) {
        let rows = (0..20).map(|n| row(n, &format!("风筝扎制学徒{n}"), "370700", "面议", "扎骨架")).collect();
        let source = source(&app, &start(World::of(rows, 0))).await;
        ingest_once(&app, &source).await;
        app.search.catch_up(&app.db).await.unwrap();
        assert_eq!(app.search.repair(&app.db).await.unwrap(), Some(Drift::default()));
        let found = app.search.find(&ask("风筝"), "37").unwrap();
        let lost: Vec<_> = found.seen.iter().take(3).map(|seen| seen.id.clone()).collect();
        let at = app.search.position().unwrap();
        let stranger = Shelf::of(&[raw("风筝彩绘师", "潍坊", "")], "37").entries();
        app.search.write(at, &lost, &stranger).unwrap();
        assert_eq!(app.search.find(&ask("风筝"), "37").unwrap().total, 18);
        let drift = app.search.repair(&app.db).await.unwrap();
        assert_eq!(drift, Some(Drift { missing: 3, stale: 0, surplus: 1 }));
        assert_eq!(app.search.find(&ask("风筝"), "37").unwrap().total, 20);
        assert_eq!(app.search.repair(&app.db).await.unwrap(), Some(Drift::default()));
    }

    async fn the_old_index_answers_until_the_new_one_has_caught_up(app) {
        let rows = (0..20).map(|n| row(n, &format!("风筝扎制学徒{n}"), "370700", "面议", "扎骨架")).collect();
        let source = source(&app, &start(World::of(rows, 0))).await;
        ingest_once(&app, &source).await;
        let folder = tempfile::tempdir().unwrap();
        let open = |version: &str| {
            let weights = Weights { version: version.to_owned(), ..Weights::load().unwrap() };
            Arc::new(Search::open_with(folder.path(), LEXICON.clone(), 20_000_000, weights).unwrap())
        };
        let old = open("old");
        old.catch_up(&app.db).await.unwrap();
        drop(old);
        let new = open("new");
        assert_eq!((new.searcher().num_docs(), new.position().unwrap()), (0, 0));
        assert_eq!(new.find(&ask("风筝"), "37").unwrap().total, 20);
        new.catch_up(&app.db).await.unwrap();
        assert_eq!((new.searcher().num_docs(), new.find(&ask("风筝"), "37").unwrap().total), (20, 20));
        assert_eq!(std::fs::read_dir(folder.path().join("index")).unwrap().count(), 1);
        drop(new);
        std::fs::rename(folder.path().join("index").read_dir().unwrap().next().unwrap().unwrap().path(), folder.path().join("index/v0-of-before")).unwrap();
        let unreadable = open("new");
        assert!(matches!(unreadable.find(&ask("风筝"), "37"), Err(Error::Busy(_))));
        unreadable.catch_up(&app.db).await.unwrap();
        assert_eq!(unreadable.find(&ask("风筝"), "37").unwrap().total, 20);
    }
}

#[test]
fn more_searches_than_may_wait_are_told_that_the_service_is_busy() {
    let engine = Shelf::of(&[raw("风筝扎制工", "潍坊", "")], "37").engine;
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(async {
        let (release, wait) = mpsc::channel::<()>();
        let wait = Arc::new(Mutex::new(wait));
        let mut waiting = Vec::new();
        for _ in 0..256 {
            let wait = wait.clone();
            let mut job = Box::pin(engine.run(move |_| Ok(wait.lock().unwrap().recv().is_err())));
            assert!(futures_util::future::poll_immediate(&mut job).await.is_none());
            waiting.push(job);
        }
        assert!(matches!(engine.run(|_| Ok(())).await, Err(Error::Busy(1))));
        drop(release);
        for job in waiting {
            assert!(job.await.unwrap());
        }
        engine.run(|_| Ok(())).await.unwrap();
    });
}
