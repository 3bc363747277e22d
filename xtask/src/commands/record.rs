//! `cargo xtask record`: which functions a first load runs, found out in a browser, for the build to take the program
//! apart by.

use super::{build, test::program};
use crate::error::Result;
use crate::process::{command, show};
use crate::project::Project;
use crate::tools;

/// Builds a program that notes what it runs, and lets first loads run.
pub(crate) fn run(project: &Project) -> Result<()> {
    build::recording(project)?;
    tools::e2e_packages(project)?;
    show(
        command(tools::node()?)
            .args(["node_modules/@playwright/test/cli.js", "test"])
            .args(["--config", "record.config.mjs"])
            .current_dir(project.path("tests/e2e"))
            .env("CHROMIUM", &tools::browser()?.chromium)
            .env("DASHBOARD_DIST", project.dist())
            .env("DASHBOARD_SERVER", program(project, "dashboard-server")?),
    )?;
    println!(
        "record: run `cargo xtask build` now; until then dist/ holds the program that notes what it runs"
    );
    Ok(())
}
