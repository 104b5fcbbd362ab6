//! `plan`: the calendar of an instance file, and the employers' circuits to it, with their proofs.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};

use crate::cli::print;
use crate::error::{Error, Result};
use crate::fairs::plan::{Effort, Instance, Problem, Solved, explain, solve};

/// Which instance, and how much work.
#[derive(Debug, Args)]
pub struct PlanArguments {
    /// The instance (`fair-c/1`, JSON).
    #[arg(long)]
    instance: PathBuf,
    /// How long each of the two stages may take, in seconds.
    #[arg(long, default_value_t = 2.0)]
    time_limit: f64,
    /// The seed of the search.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often the search starts anew.
    #[arg(long, default_value_t = 8)]
    rounds: usize,
    /// Prints the whole answer as JSON instead of a summary.
    #[arg(long)]
    json: bool,
}

/// Plans an instance.
pub fn run(arguments: &PlanArguments) -> Result<()> {
    let bad = |en: String| Error::invalid("/instance", "bad_instance", "实例文件有误", en);
    let text = std::fs::read(&arguments.instance)?;
    let instance: Instance = serde_json::from_slice(&text).map_err(|cause| bad(cause.to_string()))?;
    let limit = Duration::try_from_secs_f64(arguments.time_limit).map_err(|cause| bad(cause.to_string()))?;
    let problem = instance.problem().ok_or_else(|| bad("it points at what is not there".to_owned()))?;
    let effort = Effort { seed: arguments.seed, rounds: arguments.rounds, limit };
    let begun = Instant::now();
    let solved = solve(&problem, None, effort);
    let took = begun.elapsed();
    let calendar = calendar(&problem, &solved, instance.fairs(), took);
    let circuits = circuits(&instance, &problem, &solved, effort)?;
    let answer = json!({"calendar": calendar, "circuits": circuits});
    match arguments.json {
        true => print(&format!("{answer}\n")),
        false => print(&summary(&answer)),
    }
}

/// Sends the employers to a calendar in which every fair has a day.
fn circuits(instance: &Instance, problem: &Problem, solved: &Solved, effort: Effort) -> Result<Option<Value>> {
    let held: Option<Vec<(usize, usize)>> = choices(problem, solved).take(instance.fairs()).collect();
    let Some(circuits) = held.and_then(|held| instance.circuits(&held)) else { return Ok(None) };
    let begun = Instant::now();
    let driven = circuits.drive(effort);
    let took_ms = u64::try_from(begun.elapsed().as_millis())?;
    Ok(Some(json!({"objective": driven.objective, "bound": driven.bound, "gap": driven.gap, "took_ms": took_ms,
        "employers": driven.circuits})))
}

fn choices(problem: &Problem, solved: &Solved) -> impl Iterator<Item = Option<(usize, usize)>> {
    let events = problem.events.iter().zip(&solved.plan);
    events.map(|(event, place)| event.choices.get((*place)?).map(|choice| (choice.day, choice.venue)))
}

/// Words a calendar as the reference solutions are worded: `fairs` as day and venue, `visits` as day.
fn calendar(problem: &Problem, solved: &Solved, fairs: usize, took: Duration) -> Value {
    let held: Vec<Option<(usize, usize)>> = choices(problem, solved).collect();
    let visits = held.iter().skip(fairs).map(|held| held.map(|(day, _)| day));
    let left_out = held.iter().enumerate().filter(|(_, held)| held.is_none());
    let unplaced = left_out.filter_map(|(at, _)| explain(problem, &solved.plan, at, &[])).map(
        |why| json!({"event": why.event, "reason": format!("{:?}", why.binding), "days": why.days, "in_the_way": why.in_the_way}),
    );
    json!({
        "fairs": held.get(..fairs),
        "visits": visits.collect::<Vec<_>>(),
        "unplaced": unplaced.collect::<Vec<_>>(),
        "objective": solved.objective,
        "bound": solved.bound,
        "gap": solved.gap,
        "cut": solved.cut,
        "took_ms": u64::try_from(took.as_millis()).ok(),
    })
}

fn summary(answer: &Value) -> String {
    let count = |pointer: &str| answer.pointer(pointer).and_then(Value::as_array).map_or(0, Vec::len);
    let number = |pointer: String| answer.pointer(&pointer).and_then(Value::as_f64).unwrap_or_default();
    let line = |stage: &str| {
        let [objective, bound, gap, took_ms] =
            ["objective", "bound", "gap", "took_ms"].map(|of| number(format!("/{stage}/{of}")));
        format!("{stage}: objective {objective}, bound {bound}, gap {:.3} %, {took_ms} ms\n", gap * 100.0)
    };
    let [fairs, visits, unplaced] = ["fairs", "visits", "unplaced"].map(|of| count(&format!("/calendar/{of}")));
    let mut text = format!("fairs {fairs}, visits {visits}, unplaced {unplaced}\n{}", line("calendar"));
    if answer.pointer("/circuits/bound").is_some() {
        text += &line("circuits");
    }
    text
}
