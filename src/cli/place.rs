//! `place`: the placement of an instance file, with its certificate.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::cli::print;
use crate::error::{Error, Result};
use crate::matching::placement::{Answer, Objective, Outcome, Posed, Proof, Why, place, read};

/// What a placement is good for.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Aim {
    /// Nobody has a reason to complain.
    Stable,
    /// The sum of both sides' scores is greatest.
    MaxScore,
}

/// Which instance, and what for.
#[derive(Debug, Args)]
pub struct PlaceArguments {
    /// The instance (`match-b/1`, or the body of a request with scores of one's own; JSON).
    #[arg(long)]
    instance: PathBuf,
    /// What the placement is good for; what the file says, or `stable`, when not given.
    #[arg(long, value_enum)]
    objective: Option<Aim>,
    /// Prints the whole answer as JSON instead of a summary.
    #[arg(long)]
    json: bool,
    /// Says on standard error what was read, how long each step took, and why people are not placed.
    #[arg(long)]
    report: bool,
}

/// Places the graduates of an instance.
pub fn run(arguments: &PlaceArguments) -> Result<()> {
    let begun = Instant::now();
    let (posed, names, named) = read(&std::fs::read(&arguments.instance)?)?;
    let read = begun.elapsed();
    let objective = match arguments.objective {
        Some(Aim::Stable) => Objective::Stable,
        Some(Aim::MaxScore) => Objective::MaxScore,
        None => named.unwrap_or(Objective::Stable),
    };
    let begun = Instant::now();
    let outcome = place(&posed.market, objective).ok_or_else(|| Error::internal("the placement does not stand its check"))?;
    let placing = begun.elapsed();
    if arguments.report {
        eprint!("{}", report(&posed, &outcome, read, placing));
    }
    let answer = Answer {
        assignment: names.assignment(&posed, &outcome),
        unmatched: names.unmatched(&posed, &outcome, |_, _, _| Vec::new()),
        certificate: names.proof(outcome.certificate),
        took_ms: u64::try_from(placing.as_millis())?,
    };
    match arguments.json {
        true => print(&format!("{}\n", serde_json::to_string(&answer)?)),
        false => print(&summary(objective, &answer)),
    }
}

fn summary(objective: Objective, answer: &Answer) -> String {
    let certificate = match &answer.certificate {
        Proof::Stable { blocking_pairs } => format!("blocking pairs {blocking_pairs}"),
        Proof::MaxScore { objective, bound, gap } => format!("objective {objective}, bound {bound}, gap {:.3} %", gap * 100.0),
    };
    let (placed, unmatched) = (answer.assignment.len(), answer.unmatched.len());
    format!("{objective}: placed {placed}, unmatched {unmatched}, {certificate}, {} ms\n", answer.took_ms)
}

fn report(posed: &Posed, outcome: &Outcome, read: Duration, placing: Duration) -> String {
    let market = &posed.market;
    let applications: usize = (0..market.graduates()).map(|graduate| market.list(graduate).len()).sum();
    let first = outcome.placed.iter().enumerate().filter(|(graduate, at)| **at == Some(market.list(*graduate).start)).count();
    let because = |of: fn(&Why) -> bool| outcome.unplaced.iter().filter(|(_, why)| of(why)).count();
    format!(
        "read: {} graduates, {applications} applications, {} ms\n\
         placed, checked and explained: {} ms; {} placed, {first} of them at the head of their list\n\
         unmatched: {} without an eligible vacancy, {} where nobody is taken, {} outranked\n",
        market.graduates(),
        read.as_millis(),
        placing.as_millis(),
        outcome.placed.iter().flatten().count(),
        because(|why| matches!(why, Why::NoVacancy)),
        because(|why| matches!(why, Why::NoRoom)),
        because(|why| matches!(why, Why::Outranked(_))),
    )
}
