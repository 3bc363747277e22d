//! How each tool that is written in Rust is had: its version, its release archive, its crate.

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
    pub(super) programs: &'static [&'static str],
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
#[expect(clippy::too_many_lines, reason = "one entry for each tool")]
pub(super) fn of(program: Program, project: &Project) -> Result<Recipe> {
    Ok(match program {
        Program::WasmBindgen => {
            // The tool must be of exactly the version of the library.
            let version = project.locked_version("wasm-bindgen")?;
            let archive = platform("musl").map(|target| {
                format!(
                    "https://github.com/wasm-bindgen/wasm-bindgen/releases/download/\
                     {version}/wasm-bindgen-{version}-{target}.tar.gz"
                )
            });
            Recipe {
                name: "wasm-bindgen-cli",
                version,
                programs: &["wasm-bindgen", "wasm-bindgen-test-runner"],
                archive,
            }
        }
        Program::WasmPack => Recipe {
            name: "wasm-pack",
            version: "0.15.1".to_owned(),
            programs: &["wasm-pack"],
            archive: platform("musl").map(|target| {
                format!(
                    "https://github.com/wasm-bindgen/wasm-pack/releases/download/\
                     v0.15.1/wasm-pack-v0.15.1-{target}.tar.gz"
                )
            }),
        },
        Program::CargoDeny => Recipe {
            name: "cargo-deny",
            version: "0.20.2".to_owned(),
            programs: &["cargo-deny"],
            archive: platform("musl").map(|target| {
                format!(
                    "https://github.com/EmbarkStudios/cargo-deny/releases/download/\
                     0.20.2/cargo-deny-0.20.2-{target}.tar.gz"
                )
            }),
        },
        Program::CargoMachete => Recipe {
            name: "cargo-machete",
            version: "0.9.2".to_owned(),
            programs: &["cargo-machete"],
            archive: platform("musl").map(|target| {
                format!(
                    "https://github.com/bnjbvr/cargo-machete/releases/download/\
                     v0.9.2/cargo-machete-v0.9.2-{target}.tar.gz"
                )
            }),
        },
        Program::Typos => Recipe {
            name: "typos-cli",
            version: "1.52.0".to_owned(),
            programs: &["typos"],
            archive: platform("musl").map(|target| {
                format!(
                    "https://github.com/crate-ci/typos/releases/download/\
                     v1.52.0/typos-v1.52.0-{target}.tar.gz"
                )
            }),
        },
        Program::CargoFuzz => Recipe {
            name: "cargo-fuzz",
            version: "0.13.2".to_owned(),
            programs: &["cargo-fuzz"],
            archive: platform("musl").map(|target| {
                format!(
                    "https://github.com/rust-fuzz/cargo-fuzz/releases/download/\
                     0.13.2/cargo-fuzz-0.13.2-{target}.tar.gz"
                )
            }),
        },
        Program::Trunk => Recipe {
            name: "trunk",
            version: "0.21.14".to_owned(),
            programs: &["trunk"],
            archive: platform("gnu").map(|target| {
                format!(
                    "https://github.com/trunk-rs/trunk/releases/download/\
                     v0.21.14/trunk-{target}.tar.gz"
                )
            }),
        },
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
