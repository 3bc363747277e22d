//! Takes the settings of this build into the application: those of the file `.env.dashboard`, and those of the
//! environment, which win. Their meaning and their ranges are decided when the application starts.
//!
//! The file is watched once it exists. Cargo cannot watch for a file that is missing without building everything anew each
//! time, so the first one is noticed with the next change of this script or of the example.

use std::path::Path;
use std::{env, fs};

#[path = "crates/sync-engine/src/settings/env_file.rs"]
#[expect(
    unreachable_pub,
    reason = "the file is the engine's; this script needs its reader alone"
)]
mod env_file;

/// The file of settings, beside this script.
const FILE: &str = ".env.dashboard";
/// It is copied from this one, which lists every setting. A test of the engine holds it to the engine's table.
const EXAMPLE: &str = ".env.dashboard.example";
/// What the names of settings begin with. Nothing else gets into the application, whatever stands in the file.
const PREFIX: &str = "VITE_";

fn main() {
    for file in [
        "build.rs",
        EXAMPLE,
        "crates/sync-engine/src/settings/env_file.rs",
    ] {
        println!("cargo:rerun-if-changed={file}");
    }
    let mut pairs = pairs_of_file();
    let example = fs::read_to_string(EXAMPLE).expect("the example is part of the sources");
    for (name, _) in env_file::parse(&example).pairs {
        println!("cargo:rerun-if-env-changed={name}");
        pairs.extend(env::var(&name).ok().map(|value| (name, value)));
    }
    let line = |(name, value): &(String, String)| format!("{name}={value:?}\n");
    let text: String = pairs.iter().map(line).collect();
    let out = env::var_os("OUT_DIR").expect("cargo names the folder for what a build script makes");
    fs::write(Path::new(&out).join("settings.env"), text)
        .expect("cargo lets a build script write there");
}

fn pairs_of_file() -> Vec<(String, String)> {
    let Ok(text) = fs::read_to_string(FILE) else {
        return Vec::new();
    };
    println!("cargo:rerun-if-changed={FILE}");
    let file = env_file::parse(&text);
    for line in &file.bad_lines {
        println!("cargo:warning={FILE}: line {line} is not `NAME=value`; ignoring it");
    }
    let (ours, others): (Vec<_>, Vec<_>) = file
        .pairs
        .into_iter()
        .partition(|(name, _)| name.starts_with(PREFIX));
    for (name, _) in others {
        println!("cargo:warning={FILE}: {name} is not a setting of the dashboard; ignoring it");
    }
    ours
}
