//! How fast do vacancies come in? Rows of NDJSON, read, screened, committed to a new SQLite file and searchable;
//! `BENCH_VACANCIES` of them (20 000 when not said). With `BENCH_LINES=file` the rows are written there instead, for
//! `jiangxin import --report`.

#![expect(clippy::unwrap_used, reason = "a bench may fail loudly")]

#[expect(dead_code, reason = "rows of an index are for another bench")]
mod postings;

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput};
use jiangxin::db::types::Timestamp;
use jiangxin::db::{Address, Db};
use jiangxin::ingest::{self, Ground, Intake, Kind, Lines, RunStatus, SourceBody};
use jiangxin::lexicon::Lexicon;
use jiangxin::search::Search;
use tempfile::TempDir;

const WRITER_BYTES: usize = 200_000_000;
/// How much of a file is read at a time, in bytes.
const CHUNK_BYTES: usize = 64 * 1024;

/// A new service without a vacancy.
struct House {
    ground: Ground,
    search: Arc<Search>,
    _folder: TempDir,
}

impl House {
    fn new(lexicon: &Arc<Lexicon>) -> House {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&Address::Sqlite(folder.path().join("bench.db")), 2).unwrap();
        let search = Arc::new(Search::open(folder.path(), lexicon.clone(), WRITER_BYTES).unwrap());
        House { ground: Ground { db, lexicon: lexicon.clone(), region: "37".to_owned() }, search, _folder: folder }
    }

    async fn take(&self, rows: &[u8]) -> u64 {
        let body = SourceBody::named("bench", Kind::File);
        let source = self.ground.db.write(move |conn| ingest::add_source(conn, Timestamp::now(), &body)).await.unwrap();
        let mut intake = Intake::begin(&self.ground, source, Timestamp::now()).await.unwrap();
        let mut lines = Lines::default();
        for chunk in rows.chunks(CHUNK_BYTES) {
            if let Some(batch) = lines.push(chunk) {
                intake.take_raw(batch).await.unwrap();
            }
        }
        intake.take_raw(lines.rest()).await.unwrap();
        let run = intake.end(RunStatus::Succeeded, None).await.unwrap();
        assert_eq!((run.rejected, run.created + run.merged), (0, run.fetched), "a row that is not taken costs nothing");
        self.search.catch_up(&self.ground.db).await.unwrap();
        self.search.searcher().num_docs()
    }
}

fn main() {
    let count = std::env::var("BENCH_VACANCIES").ok().and_then(|count| count.parse().ok()).unwrap_or(20_000);
    let rows = postings::lines(42, count);
    if let Ok(file) = std::env::var("BENCH_LINES") {
        return std::fs::write(file, rows).unwrap();
    }
    let lexicon = Arc::new(Lexicon::load().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let mut group = criterion.benchmark_group("ingest");
    group.throughput(Throughput::Elements(count.try_into().unwrap()));
    group.bench_function("committed_and_searchable", |bench| {
        bench.iter_batched(|| House::new(&lexicon), |house| runtime.block_on(house.take(&rows)), BatchSize::PerIteration);
    });
    group.finish();
    criterion.final_summary();
}
