//! The tools that this repository needs, at pinned versions, in a folder of the person's own that
//! outlives any clone.

mod browser;
mod cache;
mod install;
mod node;
mod prebuilt;
mod recipe;
mod source;
mod wasm_target;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::project::Project;

pub(crate) use browser::{Browser, chromium, firefox, webkit};
pub(crate) use cache::folder;
pub(crate) use node::{e2e_packages, node};
pub(crate) use prebuilt::reaches;

/// What a step may need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// The standard library of `wasm32-unknown-unknown`.
    WasmTarget,
    /// `wasm-opt`, from npm.
    NodeTools,
    /// A program written in Rust.
    Program(Program),
}

/// A program written in Rust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// Builds the page.
    Trunk,
    /// Makes the JavaScript side of the wasm module, and runs its tests.
    WasmBindgen,
    /// Runs the browser tests.
    WasmPack,
    /// Judges licences, bans, sources and advisories of the dependencies.
    CargoDeny,
    /// Finds dependencies that nothing uses.
    CargoMachete,
    /// Checks the spelling.
    Typos,
    /// Builds and runs the fuzz targets.
    CargoFuzz,
    /// Drives Firefox.
    Geckodriver,
}

/// What building the page needs.
pub(crate) const FOR_BUILD: &[Tool] = &[
    Tool::WasmTarget,
    Tool::Program(Program::WasmBindgen),
    Tool::Program(Program::Trunk),
    Tool::NodeTools,
];

/// What the browser tests need, beside a browser.
pub(crate) const FOR_BROWSER_TESTS: &[Tool] = &[
    Tool::WasmTarget,
    Tool::Program(Program::WasmBindgen),
    Tool::Program(Program::WasmPack),
];

/// What the quick checks of the sources need.
pub(crate) const FOR_SOURCES: &[Tool] = &[
    Tool::Program(Program::CargoMachete),
    Tool::Program(Program::Typos),
];

/// What the long test run needs beside the others.
pub(crate) const FOR_LONG_TESTS: &[Tool] = &[
    Tool::Program(Program::CargoDeny),
    Tool::Program(Program::CargoFuzz),
];

/// Makes sure that each of `tools` is there; says what it installs, where and how long that took.
pub(crate) fn ready(project: &Project, tools: &[Tool]) -> Result<()> {
    let result = each(project, tools);
    cache::drop_build_folder_after(&result);
    result
}

fn each(project: &Project, tools: &[Tool]) -> Result<()> {
    for tool in tools {
        match tool {
            Tool::WasmTarget => wasm_target::ready()?,
            Tool::NodeTools => node::tools(project)?,
            Tool::Program(program) => install::ready(&recipe::of(*program, project)?)?,
        }
    }
    Ok(())
}

/// Everything that `serve`, `build` and `test` need. What is missing does not keep the others from being
/// installed; the first installation that failed is the error.
pub(crate) fn install_all(project: &Project) -> Result<()> {
    let (firefox, webkit) = (firefox(project), webkit());
    for (engine, browser) in [("Firefox", &firefox), ("WebKitGTK", &webkit)] {
        if let Ok(None) = browser {
            println!("tools: {engine} is not available here: its tests are skipped");
        }
    }
    let results = [
        each(project, FOR_BROWSER_TESTS),
        each(project, FOR_BUILD),
        each(project, FOR_SOURCES),
        e2e_packages(project),
        chromium().map(drop),
        firefox.map(drop),
        webkit.map(drop),
    ];
    let result = results.into_iter().collect();
    cache::drop_build_folder_after(&result);
    result
}

/// `PATH` with the folders of `tools` first, so that each program finds the pinned others.
pub(crate) fn path_with(project: &Project, tools: &[Tool]) -> Result<OsString> {
    let mut folders: Vec<PathBuf> = Vec::new();
    for tool in tools {
        match tool {
            Tool::WasmTarget => {}
            Tool::NodeTools => folders.push(node::tools_bin(project)?),
            Tool::Program(program) => folders.push(recipe::of(*program, project)?.bin()?),
        }
    }
    let before = std::env::var_os("PATH").unwrap_or_default();
    folders.extend(std::env::split_paths(&before));
    std::env::join_paths(folders)
        .map_err(|error| Error::new(format!("a tool's folder cannot be put on PATH: {error}")))
}
