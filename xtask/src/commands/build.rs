//! `cargo xtask build`: the release application in `dist/`, ready for the server's `--dist` and for
//! any static host.

use std::time::Instant;

use crate::error::Result;
use crate::process::{command, show};
use crate::project::Project;
use crate::tools::{self, FOR_BUILD};

/// Minifies, names by contents and compresses what trunk has built.
const FINISH: &str = include_str!("finish.mjs");

/// Builds, minifies and compresses.
pub(crate) fn run(project: &Project) -> Result<()> {
    let started = Instant::now();
    tools::ready(project, FOR_BUILD)?;
    let path = tools::path_with(project, FOR_BUILD)?;
    show(
        command("trunk")
            .args(["build", "--release", "--offline"])
            .current_dir(project.root())
            .env("PATH", &path)
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("NO_COLOR"),
    )?;
    show(
        command(tools::node()?)
            .args(["--input-type=module", "--eval", FINISH])
            .arg(project.dist())
            .current_dir(project.root())
            .env("PATH", &path),
    )?;
    println!(
        "build: dist/ is complete, after {} s",
        started.elapsed().as_secs()
    );
    Ok(())
}
