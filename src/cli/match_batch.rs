//! `match-batch`: the best vacancies of every graduate of a file, exactly.

use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use clap::Args;

use crate::error::{Error, Result};
use crate::matching::bulk::{Change, Instance, VacancyIndex, top_k};

/// What `match-batch` is told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// A JSON file of taxonomy, districts, vacancies and graduates (`match-a/1`).
    file: PathBuf,
    /// How many each graduate gets; what the file says when not given.
    #[arg(long, short)]
    k: Option<usize>,
    /// Where the lines `graduate id:score id:score …` go; standard output when not given.
    #[arg(long, short)]
    out: Option<PathBuf>,
}

/// Runs `match-batch`.
pub fn run(arguments: Arguments) -> Result<()> {
    let Arguments { file, k, out } = arguments;
    let Instance { terms, skills, regions, k: told, vacancies, graduates } = Instance::parse(&std::fs::read(file)?)
        .map_err(|bad| Error::invalid("", "bad_instance", format!("文件无法使用：{bad}"), bad.to_string()))?;
    let begun = std::time::Instant::now();
    let mut index = VacancyIndex::new(terms, skills, regions);
    index.apply(vacancies.into_iter().map(|(district, vacancy)| Change::Live(district, vacancy)).collect());
    tracing::info!("index of {} bytes in {:.3?}", index.bytes(), begun.elapsed());
    let begun = std::time::Instant::now();
    let found = top_k(&index, &graduates, k.unwrap_or(told));
    tracing::info!("{} graduates in {:.3?}", graduates.len(), begun.elapsed());
    let out: Box<dyn std::io::Write> = match out {
        Some(path) => Box::new(std::fs::File::create(path)?),
        None => Box::new(std::io::stdout().lock()),
    };
    let mut out = BufWriter::new(out);
    for (graduate, hits) in graduates.iter().zip(found) {
        write!(out, "{}", graduate.id)?;
        hits.iter().try_for_each(|hit| write!(out, " {}:{}", hit.id, hit.score))?;
        writeln!(out)?;
    }
    Ok(out.flush()?)
}
