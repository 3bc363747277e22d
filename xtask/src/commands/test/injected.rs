//! Faults, injected into a copy of the engine one at a time: its tests have to find each of them.
//!
//! A fault is a patch in `crates/sync-engine/tests/faults`; `expected.txt` beside them names the test binaries that have
//! to fail with it.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::counts::Counts;
use crate::check::FAULTS;
use crate::error::{Error, Result, create_dir, fail, read};
use crate::process::{command, follow, show};
use crate::project::Project;

/// Amounts of the random tests. Of the faults that the simulation finds, the rarest shows after 550 seeds.
const AMOUNTS: [(&str, &str); 2] = [("SIM_SEEDS", "3000"), ("PROPTEST_CASES", "64")];

/// Injects each fault and runs the tests that have to find it.
pub(super) fn run(project: &Project) -> Result<Counts> {
    let copy = project.target().join("injected");
    copy_sources(project, &copy)?;
    let expected = read(&project.path(FAULTS).join("expected.txt"))?;
    let mut counts = Counts::default();
    for line in expected.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        if let Some(fault) = words.next() {
            let binaries: Vec<&str> = words.collect();
            counts = counts.and(inject(project, &copy, fault, &binaries)?);
        }
    }
    Ok(counts)
}

/// Copies every file that the repository tracks.
fn copy_sources(project: &Project, copy: &Path) -> Result<()> {
    let listed = command("git")
        .args(["ls-files", "-z"])
        .current_dir(project.root())
        .output();
    let listed = listed.map_err(|error| Error::new(format!("git: {error}")))?;
    if !listed.status.success() {
        return fail("git does not list the files of the repository");
    }
    // A patch that an interrupted run has left would be in the way.
    if copy.exists() {
        fs::remove_dir_all(copy)
            .map_err(|error| Error::new(format!("{}: {error}", copy.display())))?;
    }
    let names = String::from_utf8_lossy(&listed.stdout);
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        let (from, to) = (project.path(name), copy.join(name));
        if let Some(folder) = to.parent() {
            create_dir(folder)?;
        }
        fs::copy(&from, &to).map_err(|error| Error::new(format!("{name}: {error}")))?;
    }
    Ok(())
}

fn inject(project: &Project, copy: &Path, fault: &str, binaries: &[&str]) -> Result<Counts> {
    let patch = project.path(FAULTS).join(format!("{fault}.patch"));
    apply(copy, &patch, &[])?;
    let mut counts = Counts::default();
    for binary in binaries {
        // A patched engine that does not compile would fail its tests for the wrong reason.
        show(tests(project, copy, binary).arg("--no-run"))?;
        let is_missed = follow(&mut tests(project, copy, binary), |_| ())?;
        println!(
            "{fault}: {binary} {}",
            if is_missed { "MISSES it" } else { "finds it" }
        );
        counts = counts.and(Counts::one(!is_missed));
    }
    apply(copy, &patch, &["--reverse"])?;
    Ok(counts)
}

fn tests(project: &Project, copy: &Path, binary: &str) -> Command {
    let mut tests = command("cargo");
    tests
        .args(["test", "--package", "sync-engine", "--test", binary])
        .current_dir(copy)
        .env("CARGO_TARGET_DIR", project.target().join("injected-build"));
    tests.envs(AMOUNTS);
    tests
}

fn apply(copy: &Path, patch: &Path, words: &[&str]) -> Result<()> {
    let folder = copy.parent().unwrap_or(copy);
    show(
        command("git")
            .arg("apply")
            .args(words)
            .arg(patch)
            .current_dir(copy)
            // The copy is not part of the repository around it.
            .env("GIT_CEILING_DIRECTORIES", folder),
    )
}
