//! Where each tool that is written in Rust comes from: its version, its release archive, its crate.

use std::path::PathBuf;

use super::{Program, folder};
use crate::error::Result;
use crate::project::Project;

/// One tool at one version.
#[derive(Debug, Clone)]
pub(super) struct Recipe {
    /// The crate, and the name of the folder.
    pub(super) name: &'static str,
    /// The pinned version.
    pub(super) version: String,
    /// The programs that it brings; the first one tells its version.
    pub(super) programs: Vec<&'static str>,
    /// The release archive for this machine, if there is one.
    pub(super) archive: Option<String>,
}

impl Recipe {
    /// Its folder.
    pub(super) fn home(&self) -> Result<PathBuf> {
        Ok(folder()?.join(format!("{}-{}", self.name, self.version)))
    }

    /// The folder of its programs.
    pub(super) fn bin(&self) -> Result<PathBuf> {
        Ok(self.home()?.join("bin"))
    }
}

/// The recipe of a program.
pub(super) fn of(program: Program, project: &Project) -> Result<Recipe> {
    // The tool must be of exactly the version of the library.
    let of_library = project.locked_version("wasm-bindgen")?;
    // The owner of the repository, the repository, which has the name of the program, and the tag of the release.
    let (owner, name, tag) = match program {
        Program::WasmBindgen => ("wasm-bindgen", "wasm-bindgen", of_library.as_str()),
        Program::WasmPack => ("wasm-bindgen", "wasm-pack", "v0.15.1"),
        Program::CargoDeny => ("EmbarkStudios", "cargo-deny", "0.20.2"),
        Program::CargoMachete => ("bnjbvr", "cargo-machete", "v0.9.2"),
        Program::Typos => ("crate-ci", "typos", "v1.52.0"),
        Program::CargoFuzz => ("rust-fuzz", "cargo-fuzz", "0.13.2"),
        Program::Trunk => ("trunk-rs", "trunk", "v0.21.14"),
        Program::Geckodriver => ("mozilla", "geckodriver", "v0.37.1"),
    };
    let file = match program {
        Program::Geckodriver => gecko_platform().map(|target| format!("{name}-{tag}-{target}")),
        Program::Trunk => platform("gnu").map(|target| format!("trunk-{target}")),
        _ => platform("musl").map(|target| format!("{name}-{tag}-{target}")),
    };
    let release = format!("https://github.com/{owner}/{name}/releases/download/{tag}");
    Ok(Recipe {
        name: match program {
            Program::WasmBindgen => "wasm-bindgen-cli",
            Program::Typos => "typos-cli",
            _ => name,
        },
        version: tag.trim_start_matches('v').to_owned(),
        programs: match program {
            Program::WasmBindgen => vec![name, "wasm-bindgen-test-runner"],
            _ => vec![name],
        },
        archive: file.map(|file| format!("{release}/{file}.tar.gz")),
    })
}

/// The name that releases give this machine; `libc` is the one that a project builds for Linux.
fn platform(libc: &str) -> Option<String> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some(format!("x86_64-unknown-linux-{libc}")),
        ("macos", arch @ ("x86_64" | "aarch64")) => Some(format!("{arch}-apple-darwin")),
        _ => None,
    }
}

/// The name that Mozilla gives this machine.
fn gecko_platform() -> Option<&'static str> {
    match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => Some("linux64"),
        ("macos", "x86_64") => Some("macos"),
        ("macos", "aarch64") => Some("macos-aarch64"),
        _ => None,
    }
}
