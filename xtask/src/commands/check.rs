//! `cargo xtask check`: the rules of this repository that a machine can check.

use std::process::ExitCode;

use crate::check;
use crate::error::Result;
use crate::project::Project;

/// Prints every violation; succeeds if there is none.
pub(crate) fn run(project: &Project) -> Result<ExitCode> {
    let violations = check::violations(project.root())?;
    for violation in &violations {
        println!("{violation}");
    }
    if violations.is_empty() {
        println!("check: all rules hold");
        return Ok(ExitCode::SUCCESS);
    }
    println!("check: {} violations", violations.len());
    Ok(ExitCode::FAILURE)
}
