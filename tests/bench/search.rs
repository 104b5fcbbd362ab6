//! How fast is search? One result page (the first 20, the exact total, facets by city and education) and suggestions, in
//! this process on one thread, over `BENCH_VACANCIES` made vacancies (100 000 when not said). With `BENCH_SIDE=FOLDER` over
//! the postings and queries that `side_by_side.py --keep FOLDER` left there, as it asks them of others.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "a bench may fail loudly and tells figures"
)]

#[expect(dead_code, reason = "rows of a feed are for another bench")]
mod postings;

use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use cpu_time::ThreadTime;
use criterion::Criterion;
use jiangxin::lexicon::Lexicon;
use jiangxin::search::{Asked, Facet, Order, Search};
use jiangxin::vacancies::FilterQuery;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use postings::{CITIES, Maker, titles};

const BATCH: usize = 20_000;
const QUERIES: usize = 400;
const KEYWORDS: [&str; 10] = ["打磨", "包吃包住", "五险一金", "纹样", "窑炉", "直播", "Photoshop", "釉料", "质量记录", "应届"];
const TYPED: [&str; 8] = ["taoci", "tcx", "琉璃", "liuli", "wf", "fz", "jianzhixue", "木版n"];

fn asked(words: String, city: Option<&str>, education: Option<&str>) -> Asked {
    let filter = FilterQuery {
        city: city.map(str::to_owned).into_iter().collect(),
        education: education.map(str::to_owned),
        handicraft: Some(true),
        ..FilterQuery::default()
    };
    Asked {
        words,
        understand: true,
        filter,
        brought: None,
        nearby: false,
        near: None,
        radius_km: None,
        order: Order::Relevance,
        facets: vec![Facet::City, Facet::Education],
        limit: 20,
        from: None,
        explain: false,
        now_ms: 1_793_500_000_000,
    }
}

/// Queries of one kind: a title and a word, three very common words, a word alone without filters, or no words at all.
fn queries(kind: &str, seed: u64) -> Vec<Asked> {
    let mut rng = StdRng::seed_from_u64(seed);
    let titles = titles();
    let mut make = || {
        let city = CITIES.choose(&mut rng).copied();
        let education = ["secondary_vocational", "college", "bachelor"].choose(&mut rng).copied();
        match kind {
            "specific" => {
                asked(format!("{} {}", titles.choose(&mut rng).unwrap(), KEYWORDS.choose(&mut rng).unwrap()), city, education)
            }
            "broad" => asked("制作 负责 优先".to_owned(), city, education),
            "word" => asked(KEYWORDS.choose(&mut rng).unwrap().to_string(), None, None),
            _ => asked(String::new(), city, education.filter(|_| rng.random_bool(0.5))),
        }
    };
    (0..QUERIES).map(|_| make()).collect()
}

fn percentiles(name: &str, mut micros: Vec<u128>) {
    micros.sort_unstable();
    let at = |share: f64| micros[((micros.len() - 1) as f64 * share) as usize] as f64 / 1000.0;
    println!("{name:<12} p50 {:>8.3}  p90 {:>8.3}  p99 {:>8.3} ms of CPU on one thread", at(0.5), at(0.9), at(0.99));
}

fn measure(name: &str, runs: impl Iterator<Item = Box<dyn Fn()>>) {
    let time = |run: Box<dyn Fn()>| {
        let begun = ThreadTime::now();
        run();
        begun.elapsed().as_micros()
    };
    percentiles(name, runs.map(time).collect());
}

fn bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { bytes(&path) } else { path.metadata().unwrap().len() }).sum()
}

fn built(count: usize, folder: &Path) -> Arc<Search> {
    let lexicon = Arc::new(Lexicon::load().unwrap());
    let engine = Arc::new(Search::open(folder, lexicon.clone(), 200_000_000).unwrap());
    if engine.searcher().num_docs() == 0 {
        let mut maker = Maker::new(42, &lexicon);
        let begun = std::time::Instant::now();
        for batch in 0..count.div_ceil(BATCH) {
            engine.write(batch as i64 + 1, &[], &maker.batch(BATCH.min(count - batch * BATCH))).unwrap();
        }
        println!("{count} vacancies indexed in {:.1} s", begun.elapsed().as_secs_f64());
    }
    engine.rest().unwrap();
    println!("{} bytes a vacancy, {} segments", bytes(folder) / count as u64, engine.searcher().segment_readers().len());
    engine
}

/// Reads the postings and the queries of the script that asks others the same.
fn side_by_side(from: &Path) {
    let (folder, lexicon) = (tempfile::tempdir().unwrap(), Arc::new(Lexicon::load().unwrap()));
    let engine = Arc::new(Search::open(folder.path(), lexicon.clone(), 200_000_000).unwrap());
    let text = std::fs::read_to_string(from.join("postings.ndjson")).unwrap();
    let entries: Vec<_> = text.lines().map(|line| postings::entry(line, &lexicon)).collect();
    for (batch, entries) in entries.chunks(BATCH).enumerate() {
        engine.write(batch as i64 + 1, &[], entries).unwrap();
    }
    engine.rest().unwrap();
    let text = std::fs::read_to_string(from.join("queries.tsv")).unwrap();
    for understand in [true, false] {
        let run = |line: &str| -> Box<dyn Fn()> {
            let parts: Vec<&str> = line.split('\t').collect();
            let asked = Asked { understand, ..asked(parts[0].to_owned(), Some(parts[1]), Some(parts[2])) };
            let engine = engine.clone();
            Box::new(move || drop(black_box(engine.find(&asked, "37").unwrap())))
        };
        text.lines().take(20).for_each(|line| run(line)());
        measure(&format!("understand={understand}"), text.lines().map(run));
    }
}

fn main() {
    if let Ok(folder) = std::env::var("BENCH_SIDE") {
        return side_by_side(Path::new(&folder));
    }
    let count = std::env::var("BENCH_VACANCIES").ok().and_then(|count| count.parse().ok()).unwrap_or(100_000);
    let kept = std::env::var("BENCH_FOLDER").ok().map(std::path::PathBuf::from);
    let folder = tempfile::tempdir().unwrap();
    let engine = built(count, kept.as_deref().unwrap_or(folder.path()));
    let page = |engine: &Arc<Search>, asked: Asked| -> Box<dyn Fn()> {
        let engine = engine.clone();
        Box::new(move || drop(black_box(engine.find(&asked, "37").unwrap())))
    };
    for kind in ["specific", "broad", "word", "browse"] {
        let found: u64 = queries(kind, 1).iter().map(|asked| engine.find(asked, "37").unwrap().total).sum();
        println!("{kind}: {} found on average", found / QUERIES as u64);
        measure(kind, queries(kind, 2).into_iter().map(|asked| page(&engine, asked)));
    }
    let typed = |typed: &'static str| -> Box<dyn Fn()> {
        let engine = engine.clone();
        Box::new(move || drop(black_box(engine.suggested(typed, &[], true, 10))))
    };
    measure("suggest", TYPED.iter().cycle().take(QUERIES).map(|text| typed(text)));
    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    for kind in ["specific", "broad"] {
        let mut rows = queries(kind, 3).into_iter().cycle();
        criterion.bench_function(&format!("page/{kind}"), |bench| {
            bench.iter(|| engine.find(&rows.next().unwrap(), "37").unwrap());
        });
    }
    criterion.bench_function("suggest/mixed", |bench| bench.iter(|| engine.suggested("wf", &[], true, 10)));
    criterion.final_summary();
}
