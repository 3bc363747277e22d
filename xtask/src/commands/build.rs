//! `cargo xtask build`: the release application in `dist/`, ready for the server's `--dist` and for
//! any static host.

use std::process::Command;
use std::time::Instant;

use crate::error::Result;
use crate::process::{command, show};
use crate::project::Project;
use crate::tools::{self, FOR_BUILD};

/// Minifies, names by contents and compresses what trunk has built.
const FINISH: &str = include_str!("finish.mjs");

/// What makes the smallest code: the standard library is built again for size, and a panic ends the page at once,
/// without a message and the code that would word it (a third of the whole). These flags of the compiler are not
/// stable yet, hence the first line; the compiler's version is pinned by the workspace. `trunk build` without them gives
/// the same application with messages.
const SMALLEST: [(&str, &str); 4] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none",
    ),
];

/// Builds, minifies and compresses.
pub(crate) fn run(project: &Project) -> Result<()> {
    let started = Instant::now();
    tools::ready(project, FOR_BUILD)?;
    let path = tools::path_with(project, FOR_BUILD)?;
    // Trunk works offline, so that it never fetches tools of its own; cargo may have packages to fetch.
    show(smallest(
        command("cargo")
            .args(["build", "--locked", "--bin", "realtime-dashboard"])
            .args(["--profile", "web", "--target", "wasm32-unknown-unknown"])
            .current_dir(project.root()),
    ))?;
    show(smallest(
        command("trunk")
            .args(["build", "--release", "--offline"])
            .current_dir(project.root())
            .env("PATH", &path)
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("NO_COLOR"),
    ))?;
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

fn smallest(command: &mut Command) -> &mut Command {
    command.env_remove("RUSTFLAGS").envs(SMALLEST)
}
