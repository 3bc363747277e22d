//! `cargo xtask …`: everything that is done with this repository, one subcommand a file.

#![expect(
    clippy::print_stdout,
    reason = "a command-line tool speaks on standard output"
)]

mod check;
mod children;
mod commands;
mod error;
mod process;
mod project;
mod tools;

use std::process::ExitCode;

use error::Result;
use project::Project;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  serve [--port N] [--server-port N]
                   set up what is missing, start the server (port 3001) and the application (port 8080)
  test             set up what is missing and run everything that decides whether a change lands
  test --quick     the inner loop, under three minutes when warm: format, names in documents, unused dependencies,
                   spelling, lints, unit and integration tests, 300 seeds of the simulation
  test --long      everything, with more seeds and cases, and the fuzz targets and the dependencies too
  test --only STEP one step
  test --list      the names of the steps
  check            the rules of this repository that neither cargo nor clippy checks
  build [OPTION…]  the release application in dist/ with compressed copies; options go to trunk, such as
                   --public-url /store/
  bench [--json FILE]
                   what a visit, a switch of tabs, a click, an event and a stream cost in dist/
  size             the first load of dist/, held by budgets.toml
  styles           join the style sheets, as trunk does before each build
  tools            install every tool that the commands need into a folder, and print it (XTASK_TOOLS chooses one)
  tools --folder   print the folder only";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    children::end_them_with_us();
    match dispatch(&words) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Result<ExitCode> {
    let project = Project::find()?;
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["serve", rest @ ..] => commands::serve::run(&project, rest)?,
        ["test", rest @ ..] => return commands::test::run(&project, rest),
        ["check"] => check::run(&project)?,
        ["build", rest @ ..] => commands::build::run(&project, rest)?,
        ["bench", rest @ ..] => commands::test::bench(&project, rest)?,
        ["size"] => commands::size::run(&project)?,
        ["styles"] => commands::styles::run(&project)?,
        ["tools"] => {
            tools::install_all(&project)?;
            tools::ready(&project, tools::FOR_LONG_TESTS)?;
            println!("{}", tools::folder()?.display());
        }
        ["tools", "--folder"] => println!("{}", tools::folder()?.display()),
        [] | ["help" | "--help" | "-h"] => println!("{USAGE}"),
        _ => {
            eprintln!("xtask: not understood: {}\n\n{USAGE}", words.join(" "));
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
