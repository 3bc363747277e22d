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

  serve            set up what is missing, start the server and the application on http://127.0.0.1:8080
  test [--long]    set up what is missing and run everything that decides whether a change lands
       [--only STEP] [--list]
  check            the rules of this repository that a machine can check
  build            the release application in dist/, compressed
  size             the first load of dist/, held by budgets.toml
  record           find out anew which functions a first load runs, for the next build to take the program apart by
  tools            print the folder of the tools (XTASK_TOOLS names another one)
  tools --install  put every tool there now";

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
        ["serve"] => commands::serve::run(&project)?,
        ["test", rest @ ..] => return commands::test::run(&project, rest),
        ["check"] => return commands::check::run(&project),
        ["build"] => commands::build::run(&project)?,
        ["size"] => commands::size::run(&project)?,
        ["record"] => commands::record::run(&project)?,
        ["tools"] => println!("{}", tools::folder()?.display()),
        ["tools", "--install"] => tools::install_all(&project)?,
        [] | ["help" | "--help" | "-h"] => println!("{USAGE}"),
        _ => {
            eprintln!("xtask: not understood: {}\n\n{USAGE}", words.join(" "));
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
