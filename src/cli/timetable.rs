//! `timetable`: the interviews of an instance file, with their proof.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::json;

use crate::cli::print;
use crate::error::{Error, Result};
use crate::fairs::timetable::{Effort, Instance, solve};

/// Which instance, and how much work.
#[derive(Debug, Args)]
pub struct TimetableArguments {
    /// The instance (`timetable-c/1`, JSON).
    #[arg(long)]
    instance: PathBuf,
    /// How long it may take, in seconds.
    #[arg(long, default_value_t = 1.0)]
    time_limit: f64,
    /// The seed of the search.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often the search starts anew.
    #[arg(long, default_value_t = 10)]
    rounds: usize,
    /// Prints the whole answer as JSON instead of a summary.
    #[arg(long)]
    json: bool,
}

/// Makes the timetable of an instance.
pub fn run(arguments: &TimetableArguments) -> Result<()> {
    let bad = |en: String| Error::invalid("/instance", "bad_instance", "实例文件有误", en);
    let text = std::fs::read(&arguments.instance)?;
    let instance: Instance = serde_json::from_slice(&text).map_err(|cause| bad(cause.to_string()))?;
    let limit = Duration::try_from_secs_f64(arguments.time_limit).map_err(|cause| bad(cause.to_string()))?;
    let interviews = instance.interviews().ok_or_else(|| bad("it points at what is not there".to_owned()))?;
    let begun = Instant::now();
    let timetable = solve(&interviews, Effort { seed: arguments.seed, rounds: arguments.rounds, limit });
    let took_us = u64::try_from(begun.elapsed().as_micros())?;
    let granted = timetable.slots.iter().flatten().count();
    let answer = json!({"slots": timetable.slots, "granted": granted, "objective": timetable.objective,
        "bound": timetable.bound, "gap": timetable.gap, "took_us": took_us});
    if arguments.json {
        return print(&format!("{answer}\n"));
    }
    print(&format!(
        "wishes {}, granted {granted}, objective {}, bound {}, gap {:.3} %, {took_us} µs\n",
        interviews.wishes.len(),
        timetable.objective,
        timetable.bound,
        timetable.gap * 100.0
    ))
}
