//! Takes the settings of this build into the application: those of the file `.env.dashboard`, and those of the
//! environment. What they mean, and which place wins, the engine decides when the application starts.
//!
//! The file is watched once it exists. Cargo cannot watch for a file that is missing without building everything anew each
//! time, so the first one is noticed with the next change of this script or of the example.

use std::fmt::Write as _;
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
/// What it is copied from.
const EXAMPLE: &str = ".env.dashboard.example";
/// What the names of settings begin with. Nothing else gets into the application, whatever stands in the file.
const PREFIX: &str = "VITE_";

/// The settings that the environment may give. A test of the application holds this list to the engine's.
const NAMES: &[&str] = &[
    "VITE_ANIMATIONS",
    "VITE_API_BASE_URL",
    "VITE_FEATURE_REALTIME_UPDATES",
    "VITE_PAGE_SIZE",
    "VITE_REALTIME_BATCH_SIZE",
    "VITE_REALTIME_CONNECTION_TIMEOUT",
    "VITE_REALTIME_DEBOUNCE_MS",
    "VITE_REALTIME_HEARTBEAT_INTERVAL",
    "VITE_REALTIME_MAX_RETRIES",
    "VITE_REALTIME_POLL_INTERVAL",
    "VITE_REALTIME_RECONNECT_INTERVAL",
    "VITE_WS_URL",
];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=crates/sync-engine/src/settings/env_file.rs");
    let file = pairs_of_file();
    let environment = NAMES.iter().filter_map(|name| {
        println!("cargo:rerun-if-env-changed={name}");
        Some(((*name).to_owned(), env::var(name).ok()?))
    });
    let mut code = String::new();
    push(&mut code, "FILE", "the file", file);
    push(&mut code, "ENVIRONMENT", "the environment", environment);
    let names = NAMES.iter().map(|name| ((*name).to_owned(), String::new()));
    push(&mut code, "NAMES", "what the environment may give", names);
    let out = env::var_os("OUT_DIR").expect("cargo names the folder for what a build script makes");
    fs::write(Path::new(&out).join("build_settings.rs"), code)
        .expect("cargo lets a build script write there");
}

fn pairs_of_file() -> Vec<(String, String)> {
    let Ok(text) = fs::read_to_string(FILE) else {
        println!("cargo:rerun-if-changed={EXAMPLE}");
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

fn push(
    code: &mut String,
    name: &str,
    doc: &str,
    pairs: impl IntoIterator<Item = (String, String)>,
) {
    let pairs: Vec<_> = pairs.into_iter().collect();
    // Writing to a string cannot fail.
    let _ = writeln!(
        code,
        "/// Settings of the build: {doc}.\npub(super) const {name}: &[(&str, &str)] = &{pairs:?};"
    );
}
