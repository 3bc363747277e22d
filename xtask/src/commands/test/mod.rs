//! `cargo xtask test`: everything that decides whether a change lands, cheapest first.

mod counts;
mod in_browser;
mod injected;
mod steps;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use counts::Counts;
pub(crate) use in_browser::bench;
use steps::{Effort, STEPS, Step};

use crate::error::{Result, fail};
use crate::project::Project;
use crate::tools;

/// What the command line asked for.
#[derive(Debug, Default)]
struct Options {
    effort: Effort,
    only: Option<String>,
}

/// One step that has run.
struct Ran {
    name: &'static str,
    counts: Counts,
    took: Duration,
}

/// Runs the steps; the last line is `N passed, N failed`.
pub(crate) fn run(project: &Project, words: &[&str]) -> Result<ExitCode> {
    if words == ["--list"] {
        for step in STEPS {
            let from = match step.from {
                Effort::Quick => " (--quick)",
                Effort::Normal => "",
                Effort::Long => " (--long)",
            };
            println!("{:<15} {}{from}", step.name, step.does);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let options = parse(words)?;
    let chosen: Vec<&Step> = STEPS.iter().filter(|step| wanted(step, &options)).collect();
    if chosen.is_empty() {
        return fail("there is no such step: `cargo xtask test --list` names them");
    }
    if options.only.is_none() && options.effort != Effort::Quick {
        set_up(project);
    }
    let mut ran: Vec<Ran> = Vec::new();
    for step in chosen {
        ran.push(run_step(step, project, options.effort));
    }
    Ok(summary(&ran))
}

fn parse(words: &[&str]) -> Result<Options> {
    let mut options = Options::default();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--quick" => options.effort = Effort::Quick,
            "--long" => options.effort = Effort::Long,
            "--only" => match words.next() {
                Some(step) => options.only = Some((*step).to_owned()),
                None => return fail("--only wants the name of a step"),
            },
            other => return fail(format!("not understood: {other}")),
        }
    }
    Ok(options)
}

fn wanted(step: &Step, options: &Options) -> bool {
    match &options.only {
        Some(only) => step.name == only,
        None => step.from <= options.effort,
    }
}

/// Installs what is missing. A step that needs what is not available says so again and fails alone.
fn set_up(project: &Project) {
    heading("set-up");
    let started = Instant::now();
    if let Err(error) = tools::install_all(project) {
        println!("set-up: {error}");
    }
    println!("set-up: {}", time(started.elapsed()));
}

fn run_step(step: &Step, project: &Project, effort: Effort) -> Ran {
    heading(&format!("{}: {}", step.name, step.does));
    let started = Instant::now();
    let counts = (step.run)(project, effort).unwrap_or_else(|error| {
        println!("{}: {error}", step.name);
        Counts::FAILED
    });
    let took = started.elapsed();
    println!("{}: {counts}, {}", step.name, time(took));
    Ran {
        name: step.name,
        counts,
        took,
    }
}

fn summary(ran: &[Ran]) -> ExitCode {
    heading("all steps");
    let mut total = Counts::default();
    for Ran { name, counts, took } in ran {
        let mark = match counts {
            Counts { failed: 1.., .. } => "FAILED",
            Counts { passed: 0, .. } => "skipped",
            _ => "ok",
        };
        println!("{mark:<7} {name:<15} {:>8}  {counts}", time(*took));
        total = total.and(*counts);
    }
    let took: Duration = ran.iter().map(|step| step.took).sum();
    println!("time: {}\n", time(took));
    if total.skipped > 0 {
        println!("{} skipped", total.skipped);
    }
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 && total.passed > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn heading(text: &str) {
    println!("\n== {text}");
}

fn time(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds / 60 {
        0 => format!("{}.{} s", seconds, duration.subsec_millis() / 100),
        minutes => format!("{minutes} min {} s", seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, STEPS, parse, wanted};

    #[test]
    fn more_effort_runs_more_steps() {
        let steps = |words: &[&str]| {
            let options: Options = parse(words).expect("known");
            STEPS.iter().filter(|step| wanted(step, &options)).count()
        };
        assert!(steps(&["--quick"]) < steps(&[]));
        assert!(steps(&[]) < steps(&["--long"]));
        assert_eq!(steps(&["--long"]), STEPS.len());
    }

    #[test]
    fn one_step_can_be_asked_for_by_name() {
        let options = parse(&["--only", "fmt"]).expect("known");
        let names: Vec<_> = STEPS.iter().filter(|step| wanted(step, &options)).collect();
        assert_eq!(names.len(), 1);
        assert!(parse(&["--only"]).is_err());
        assert!(parse(&["--lnog"]).is_err());
    }
}
