//! What the packages may depend on, and what the root package must.

use super::Violation;
use super::lexer::{Token, closing};
use super::tree::Tree;

/// A package that may depend on these and nothing else.
const ONLY: &[(&str, &[&str])] = &[
    ("protocol/Cargo.toml", &["serde", "serde_json"]),
    (
        "engine/Cargo.toml",
        &["dashboard-protocol", "serde", "serde_json"],
    ),
    // It knows nothing of what goes through it.
    ("tests/fault-proxy/Cargo.toml", &["tokio"]),
];

/// A package that must not depend on these: its own users.
const NEVER: &[(&str, &[&str])] = &[
    (
        "server/Cargo.toml",
        &["dashboard-engine", "realtime-dashboard", "yew"],
    ),
    (
        "xtask/Cargo.toml",
        &[
            "dashboard-engine",
            "dashboard-protocol",
            "dashboard-server",
            "realtime-dashboard",
        ],
    ),
    ("Cargo.toml", &["dashboard-server", "fault-proxy", "xtask"]),
];

/// What the engine and the protocol must not name in code: time, chance and the outside come in with
/// the call.
const IMPURE: &[(&str, &str)] = &[
    ("Instant", "a clock"),
    ("SystemTime", "a clock"),
    ("thread", "a thread"),
    ("TcpListener", "a socket"),
    ("TcpStream", "a socket"),
    ("UdpSocket", "a socket"),
    ("fs", "a file"),
    ("env", "the environment"),
    ("process", "a process"),
];

/// The packages that the application is made of.
const THE_TEN: &[&str] = &[
    "yew",
    "yew-router",
    "gloo-net",
    "gloo-timers",
    "wasm-bindgen",
    "web-sys",
    "serde",
    "serde_json",
    "stylist",
    "wasm-bindgen-test",
];

/// One dependency in a manifest.
#[derive(Debug, PartialEq, Eq)]
struct Dependency {
    line: usize,
    name: String,
    /// Whether it comes with tests only.
    dev: bool,
}

/// Dependencies and imports of the pure packages, and those that go round in a circle.
pub(super) fn directions(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (path, allowed) in ONLY {
        for dependency in dependencies(tree.text(path).unwrap_or_default()) {
            if !dependency.dev && !allowed.contains(&dependency.name.as_str()) {
                let sentence = format!(
                    "may depend on {} only, not on {}",
                    allowed.join(", "),
                    dependency.name
                );
                violations.push(Violation::new(path, dependency.line, sentence));
            }
        }
    }
    for (path, never) in NEVER {
        for dependency in dependencies(tree.text(path).unwrap_or_default()) {
            if never.contains(&dependency.name.as_str()) {
                let sentence = format!("must not depend on {}", dependency.name);
                violations.push(Violation::new(path, dependency.line, sentence));
            }
        }
    }
    for folder in ["protocol/src/", "engine/src/"] {
        violations.extend(impure(tree, folder));
    }
    violations
}

fn impure(tree: &Tree, folder: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, rust) in tree.rust_below(folder) {
        let text = |at: usize| rust.tokens.get(at).map_or("", |token| token.text.as_str());
        for at in 0..rust.tokens.len() {
            if text(at) != "std" || text(at + 1) != "::" {
                continue;
            }
            let end = match text(at + 2) {
                "{" => closing(&rust.tokens, at + 2),
                _ => path_end(&rust.tokens, at),
            };
            for token in &rust.tokens[at..end] {
                let reason = IMPURE.iter().find(|(banned, _)| *banned == token.text);
                if let Some((_, reason)) = reason.filter(|_| !rust.is_test(token.line)) {
                    let sentence = format!(
                        "uses {reason} (`{}`): it comes in with the call instead",
                        token.text
                    );
                    violations.push(Violation::new(&file.path, token.line, sentence));
                }
            }
        }
    }
    violations
}

/// Where a path of words and `::` that begins at `at` ends, a list at its end included.
fn path_end(tokens: &[Token], at: usize) -> usize {
    let mut end = at + 1;
    while tokens.get(end).is_some_and(|token| token.text == "::") {
        end = match tokens.get(end + 1) {
            Some(token) if token.text == "{" => return closing(tokens, end + 1),
            Some(_) => end + 2,
            None => return tokens.len(),
        };
    }
    end
}

/// Each of the ten packages is a direct dependency of the root package and used in its sources.
pub(super) fn the_ten_packages(tree: &Tree) -> Vec<Violation> {
    let manifest = tree.text("Cargo.toml").unwrap_or_default();
    let direct = dependencies(manifest);
    let mut violations = Vec::new();
    for name in THE_TEN {
        if !direct.iter().any(|dependency| dependency.name == *name) {
            let sentence = format!("{name} is not a direct dependency of the root package");
            violations.push(Violation::new("Cargo.toml", 0, sentence));
        }
        let word = name.replace('-', "_");
        let used = tree
            .rust()
            .filter(|(file, _)| file.path.starts_with("src/") || file.path.starts_with("tests/"))
            .any(|(_, rust)| rust.tokens.iter().any(|token| token.text == word));
        if !used {
            let sentence = format!("{name} is not used in src/ or tests/");
            violations.push(Violation::new("Cargo.toml", 0, sentence));
        }
    }
    violations
}

/// Every package takes the lints of the workspace.
pub(super) fn one_table_of_lints(tree: &Tree) -> Vec<Violation> {
    tree.files
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml") && file.text.contains("[package]"))
        .filter(|file| !file.text.contains("[lints]\nworkspace = true"))
        .map(|file| Violation::new(&file.path, 0, "does not take the lints of the workspace"))
        .collect()
}

/// The dependencies that a manifest names, those of the workspace table left out.
fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut table: Option<bool> = None;
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            let (kind, name) = header.rsplit_once("dependencies.").unwrap_or((header, ""));
            let whole = header.ends_with("dependencies");
            let dev = header.contains("dev-dependencies");
            table = (whole && !header.starts_with("workspace")).then_some(dev);
            if !name.is_empty() && !kind.starts_with("workspace") {
                found.push(Dependency {
                    line: index + 1,
                    name: name.to_owned(),
                    dev,
                });
            }
            continue;
        }
        let name = line
            .split(['=', '.'])
            .next()
            .unwrap_or_default()
            .trim()
            .trim_matches('"');
        let is_entry = line.contains('=') && !line.starts_with('#');
        if let Some(dev) = table.filter(|_| is_entry && !name.is_empty()) {
            found.push(Dependency {
                line: index + 1,
                name: name.to_owned(),
                dev,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Planted;
    use super::dependencies;

    #[test]
    fn every_way_to_name_a_dependency_is_read() {
        let manifest = "[workspace.dependencies]\nskipped = \"1\"\n[dependencies]\na.workspace = true\n\
                        # b = \"1\"\nc = { version = \"1\" }\n[target.'cfg(unix)'.dev-dependencies]\nd = \"1\"\n\
                        [dependencies.e]\nversion = \"1\"\n[features]\nf = []\n";
        let read = dependencies(manifest);
        let names: Vec<_> = read
            .iter()
            .map(|dependency| dependency.name.as_str())
            .collect();
        assert_eq!(names, ["a", "c", "d", "e"]);
        assert!(read[2].dev && !read[3].dev);
    }

    #[test]
    fn a_pure_package_with_another_dependency_is_found() {
        let planted = Planted::changed("engine/Cargo.toml", |text| {
            format!("{text}\n[dependencies.rand]\n")
        });
        assert!(planted.is_found_at("engine/Cargo.toml", "not on rand"));
        let planted = Planted::changed("protocol/Cargo.toml", |text| {
            text.replace(
                "[dependencies]",
                "[dependencies]\ndashboard-engine.workspace = true",
            )
        });
        assert!(planted.is_found_at("protocol/Cargo.toml", "not on dashboard-engine"));
    }

    #[test]
    fn a_clock_in_the_engine_is_found() {
        let planted = Planted::new(
            "engine/src/clock.rs",
            "//! Time.\nuse std::time::Instant;\n",
        );
        assert!(planted.is_found_at("engine/src/clock.rs:2", "a clock"));
        let planted = Planted::new(
            "engine/src/clock.rs",
            "//! Time.\nuse std::{fmt, time::{Duration, SystemTime}};\n",
        );
        assert!(planted.is_found_at("engine/src/clock.rs:2", "a clock"));
        let source = "//! Time.\nuse std::time::Duration;\nuse crate::time::Instant;\n";
        let planted = Planted::new("engine/src/clock.rs", source);
        assert!(planted.is_clean());
    }

    #[test]
    fn a_server_that_uses_the_engine_is_found() {
        let planted = Planted::changed("server/Cargo.toml", |text| {
            text.replace(
                "[dependencies]",
                "[dependencies]\ndashboard-engine = { path = \"../engine\" }",
            )
        });
        assert!(planted.is_found_at("server/Cargo.toml", "must not depend on dashboard-engine"));
    }

    #[test]
    fn one_of_the_ten_missing_or_unused_is_found() {
        let planted =
            Planted::changed("Cargo.toml", |text| text.replace("stylist = ", "styler = "));
        assert!(planted.is_found_at("Cargo.toml", "stylist is not a direct dependency"));
        let planted = Planted::changed("src/app.rs", |text| text.replace("stylist", "styler"));
        assert!(planted.is_found_at("Cargo.toml", "stylist is not used"));
    }

    #[test]
    fn a_package_with_lints_of_its_own_is_found() {
        let planted = Planted::changed("server/Cargo.toml", |text| {
            text.replace("[lints]\nworkspace = true", "")
        });
        assert!(planted.is_found_at("server/Cargo.toml", "lints"));
    }
}
