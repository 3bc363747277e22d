//! What comes from npm: the build's tools, and the packages of the end-to-end tests.

use std::path::{Path, PathBuf};

use super::cache;
use crate::error::{Result, create_dir, fail, read, write};
use crate::process::{command, on_path, quiet, version};
use crate::project::Project;

/// The oldest Node that the scripts are written for.
const OLDEST_NODE: u32 = 20;

/// The path of Node.
///
/// # Errors
/// It is not there or too old; the sentence says what to install.
pub(crate) fn node() -> Result<PathBuf> {
    let Some(node) = on_path("node").filter(|_| on_path("npm").is_some()) else {
        return fail(format!(
            "Node {OLDEST_NODE} or later with npm is needed and is not on PATH: install it"
        ));
    };
    let found = version(&node).unwrap_or_default();
    let major = found.trim_start_matches('v').split('.').next();
    let major: u32 = major.and_then(|digits| digits.parse().ok()).unwrap_or(0);
    if major < OLDEST_NODE {
        return fail(format!(
            "Node {OLDEST_NODE} or later is needed, {} is {found}",
            node.display()
        ));
    }
    Ok(node)
}

/// Makes sure that `wasm-opt` is in the tool folder, as the lock file pins it.
pub(super) fn tools(project: &Project) -> Result<()> {
    node()?;
    let home = tools_home(project)?;
    let is_there = || version(home.join("node_modules/.bin/wasm-opt")).is_some();
    cache::install("wasm-opt", &home, is_there, |staging| {
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(tools_manifest(project).join(file), staging.join(file))?;
        }
        npm_ci(staging)
    })
}

/// The folder of `wasm-opt`.
pub(super) fn tools_bin(project: &Project) -> Result<PathBuf> {
    Ok(tools_home(project)?.join("node_modules").join(".bin"))
}

/// Keyed by what the lock file pins, as every folder of tools is keyed by its version.
fn tools_home(project: &Project) -> Result<PathBuf> {
    let lock = read(&tools_manifest(project).join("package-lock.json"))?;
    Ok(cache::folder()?.join(format!("node-tools-{:016x}", fnv1a(lock.as_bytes()))))
}

fn tools_manifest(project: &Project) -> PathBuf {
    project.path("xtask/node-tools")
}

/// Makes sure that the packages of the end-to-end tests are those of their lock file.
pub(crate) fn e2e_packages(project: &Project) -> Result<()> {
    node()?;
    let folder = project.path("tests/e2e");
    let lock = read(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-package-lock.json");
    let is_there = || std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock);
    let what = "the packages of the end-to-end tests";
    cache::once(what, &folder, is_there, || {
        npm_ci(&folder)?;
        create_dir(&folder.join("node_modules"))?;
        write(&stamp, &lock)
    })
}

fn npm_ci(folder: &Path) -> Result<()> {
    quiet(
        command("npm")
            .args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .current_dir(folder)
            // The installed browser is used; one of Playwright's own would be hundreds of megabytes.
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    )
}

/// The FNV-1a hash: names a folder by contents; nothing depends on its strength.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
