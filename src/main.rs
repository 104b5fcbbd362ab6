//! Parses the command, runs it, and says how it ended: 0 done, 1 failed, 2 wrong usage.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = jiangxin::cli::Arguments::parse();
    match jiangxin::cli::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
