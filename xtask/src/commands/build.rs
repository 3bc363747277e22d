//! `cargo xtask build`: the release application in `dist/`, as `trunk build --release` makes it, with a compressed copy
//! beside every file.

use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::error::Result;
use crate::process::{command, show};
use crate::project::Project;
use crate::tools::{self, FOR_BUILD};

/// Compresses a folder.
const COMPRESS: &str = "xtask/compress.mjs";

/// Builds and compresses; `trunk_options` go to trunk as they are.
pub(crate) fn run(project: &Project, trunk_options: &[&str]) -> Result<()> {
    let started = Instant::now();
    trunk(project, project.root(), trunk_options, &project.dist())?;
    show(
        command(tools::node()?)
            .arg(project.path(COMPRESS))
            .arg(project.dist())
            .current_dir(project.root()),
    )?;
    println!(
        "build: dist/ is complete, after {} s",
        started.elapsed().as_secs()
    );
    Ok(())
}

/// Builds an application of the repository: the one whose `Trunk.toml` is in `folder`.
pub(crate) fn trunk(project: &Project, folder: &Path, options: &[&str], dist: &Path) -> Result<()> {
    tools::ready(project, FOR_BUILD)?;
    let path = tools::path_with(project, FOR_BUILD)?;
    // Trunk works offline, so that it never fetches tools of its own; cargo does then, and needs its packages before.
    show(
        command("cargo")
            .args(["fetch", "--locked", "--quiet"])
            .current_dir(project.root()),
    )?;
    show(
        command("trunk")
            .args(["build", "--release", "--offline", "--locked"])
            .args(options)
            .arg("--dist")
            .arg(dist)
            .current_dir(folder)
            .env("PATH", &path)
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("NO_COLOR"),
    )
}

/// Builds a program of the workspace for this machine and says where it is.
pub(crate) fn program(project: &Project, name: &str) -> Result<PathBuf> {
    show(
        command("cargo")
            .args(["build", "--workspace", "--bin", name])
            .current_dir(project.root())
            .env("CARGO_TERM_COLOR", "never"),
    )?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(project.target().join("debug").join(file))
}
