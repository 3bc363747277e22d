//! Building a tool from crates.io.

use std::path::Path;
use std::time::{Duration, Instant};

use super::cache::build_folder;
use super::recipe::Recipe;
use crate::error::{Result, fail};
use crate::process::{command, follow};

/// How often a build says how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(20);
/// How much of a failed build's output is shown.
const LINES_OF_FAILURE: usize = 40;

/// Builds the tool and puts its programs into `root/bin`.
///
/// First with the versions that its author locked; where one of those is not available any more, once
/// more with the newest versions that this compiler takes.
pub(super) fn install(recipe: &Recipe, root: &Path) -> Result<()> {
    if cargo_install(recipe, root, true)? {
        return Ok(());
    }
    println!(
        "tools: {} does not build with its locked versions; newer ones are tried",
        recipe.name
    );
    if cargo_install(recipe, root, false)? {
        return Ok(());
    }
    fail(format!(
        "{} {} could not be built from crates.io",
        recipe.name, recipe.version
    ))
}

fn cargo_install(recipe: &Recipe, root: &Path, locked: bool) -> Result<bool> {
    let mut cargo = command("cargo");
    cargo
        .args(["install", "--root"])
        .arg(root)
        .arg(format!("{}@{}", recipe.name, recipe.version))
        .env("CARGO_TARGET_DIR", build_folder()?)
        .env("CARGO_TERM_COLOR", "never")
        // Tools run for seconds and are built in minutes: fast to build is what counts.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env("CARGO_PROFILE_RELEASE_STRIP", "true")
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_BUILD_TARGET");
    if locked {
        cargo.arg("--locked");
    } else {
        cargo.env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback");
    }

    let started = Instant::now();
    let mut told = started;
    let mut compiled = 0;
    let mut last_lines: Vec<String> = Vec::new();
    let done = follow(&mut cargo, |line| {
        compiled += usize::from(line.trim_start().starts_with("Compiling"));
        if last_lines.len() == LINES_OF_FAILURE {
            last_lines.remove(0);
        }
        last_lines.push(line.to_owned());
        if told.elapsed() >= PROGRESS_EVERY {
            told = Instant::now();
            let seconds = started.elapsed().as_secs();
            println!(
                "tools: {}: {compiled} crates so far, {seconds} s",
                recipe.name
            );
        }
    })?;
    if !done && !locked {
        println!("{}", last_lines.join("\n"));
    }
    Ok(done)
}
