//! `match-batch`: the best vacancies of every graduate of a file, or the best graduates of every vacancy, exactly.

use std::io::{BufWriter, Write as _};
use std::path::PathBuf;
use std::time::Instant;

use clap::{Args, ValueEnum};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::matching::bulk::{
    Change, GraduateIndex, Hit, Instance, Query, VacancyIndex, VacancyItem, top_k, top_k_for, top_k_for_one, top_k_of_one,
};

/// How many are counted alone for the report.
const ALONE: usize = 2_000;

/// What `match-batch` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A JSON file of taxonomy, districts, vacancies and graduates (`match-a/1`).
    file: PathBuf,
    /// How many each one gets; what the file says when not given.
    #[arg(long, short)]
    k: Option<usize>,
    /// For whom the best are looked for.
    #[arg(long, value_enum, default_value_t = For::Graduates)]
    r#for: For,
    /// Counts as if no graduate wished for a place: what is promised at the least.
    #[arg(long)]
    anywhere: bool,
    /// Where the lines `id id:score id:score …` go; standard output when not given.
    #[arg(long, short)]
    out: Option<PathBuf>,
    /// Where the figures go, as JSON: bytes, seconds, and the microseconds of one alone.
    #[arg(long)]
    report: Option<PathBuf>,
}

/// For whom the best are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum For {
    /// The best vacancies of each graduate.
    Graduates,
    /// The best graduates of each live vacancy.
    Vacancies,
}

/// What a run took.
#[derive(Debug, Serialize)]
struct Report {
    graduates: usize,
    vacancies: usize,
    threads: usize,
    index_bytes: Option<usize>,
    index_seconds: f64,
    seconds: f64,
    per_second: f64,
    /// One alone on one thread, the median.
    alone_p50_us: f64,
    /// One alone on one thread, 99 of 100 take less.
    alone_p99_us: f64,
}

/// Runs `match-batch`.
pub fn run(arguments: Arguments) -> Result<()> {
    let Arguments { file, k, r#for: whom, anywhere, out, report } = arguments;
    let mut instance = Instance::parse(&std::fs::read(file)?)
        .map_err(|bad| Error::invalid("", "bad_instance", format!("文件无法使用：{bad}"), bad.to_string()))?;
    instance.k = k.unwrap_or(instance.k);
    if anywhere {
        instance.graduates = instance.graduates.into_iter().map(Query::anywhere).collect();
    }
    let (lines, figures) = match whom {
        For::Graduates => for_graduates(instance, report.is_some()),
        For::Vacancies => for_vacancies(&instance, report.is_some()),
    };
    tracing::info!("{} in {:.3} s after {:.3} s for the index", lines.len(), figures.seconds, figures.index_seconds);
    if let Some(path) = report {
        std::fs::write(path, serde_json::to_vec_pretty(&figures)?)?;
    }
    write(out, &lines)
}

type Lines = Vec<(u32, Vec<Hit>)>;

fn for_graduates(instance: Instance, alone: bool) -> (Lines, Report) {
    let Instance { terms, skills, regions, k, vacancies, graduates } = instance;
    let (begun, count) = (Instant::now(), vacancies.len());
    let mut index = VacancyIndex::new(terms, skills, regions);
    index.apply(vacancies.into_iter().map(|(district, vacancy)| Change::Live(district, vacancy)).collect());
    let mut report = Report::new(graduates.len(), count, begun);
    report.index_bytes = Some(index.bytes());
    let begun = Instant::now();
    let found = top_k(&index, &graduates, k);
    report.took(begun, found.len());
    if alone {
        report.alone(&graduates, |query| top_k_of_one(&index, query, k).len());
    }
    (graduates.iter().map(|query| query.id).zip(found).collect(), report)
}

fn for_vacancies(instance: &Instance, alone: bool) -> (Lines, Report) {
    let Instance { terms, skills, regions, k, vacancies, graduates } = instance;
    let begun = Instant::now();
    let index = GraduateIndex::new(*terms, *skills, regions, graduates);
    let mut report = Report::new(graduates.len(), vacancies.len(), begun);
    let begun = Instant::now();
    let found = top_k_for(&index, vacancies, *k);
    report.took(begun, found.len());
    if alone {
        let one = |(district, vacancy): &(u16, VacancyItem)| top_k_for_one(&index, *district, vacancy, *k).len();
        report.alone(vacancies, one);
    }
    (vacancies.iter().map(|(_, vacancy)| vacancy.id).zip(found).collect(), report)
}

impl Report {
    fn new(graduates: usize, vacancies: usize, begun: Instant) -> Report {
        Report {
            graduates,
            vacancies,
            threads: rayon::current_num_threads(),
            index_bytes: None,
            index_seconds: begun.elapsed().as_secs_f64(),
            seconds: 0.0,
            per_second: 0.0,
            alone_p50_us: 0.0,
            alone_p99_us: 0.0,
        }
    }

    fn took(&mut self, begun: Instant, found: usize) {
        self.seconds = begun.elapsed().as_secs_f64();
        self.per_second = f64::from(u32::try_from(found).unwrap_or(u32::MAX)) / self.seconds;
    }

    /// Times up to [`ALONE`] of a list one after the other.
    fn alone<T>(&mut self, all: &[T], one: impl Fn(&T) -> usize) {
        let mut took: Vec<f64> = Vec::new();
        for item in all.iter().step_by((all.len() / ALONE).max(1)) {
            let begun = Instant::now();
            std::hint::black_box(one(item));
            took.push(begun.elapsed().as_secs_f64() * 1e6);
        }
        took.sort_by(f64::total_cmp);
        let part = |percent: usize| took.get(took.len() * percent / 100).copied().unwrap_or(0.0);
        (self.alone_p50_us, self.alone_p99_us) = (part(50), part(99));
    }
}

fn write(out: Option<PathBuf>, lines: &Lines) -> Result<()> {
    let out: Box<dyn std::io::Write> = match out {
        Some(path) => Box::new(std::fs::File::create(path)?),
        None => Box::new(std::io::stdout().lock()),
    };
    let mut out = BufWriter::new(out);
    for (id, hits) in lines {
        write!(out, "{id}")?;
        hits.iter().try_for_each(|hit| write!(out, " {}:{}", hit.id, hit.score))?;
        writeln!(out)?;
    }
    Ok(out.flush()?)
}
