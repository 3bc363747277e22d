//! A small clean repository in a temporary folder, for planting violations.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::violations;

/// Paths and texts of a repository in which all rules hold.
const CLEAN: &[(&str, &str)] = &[
    (
        "Cargo.toml",
        "[workspace]\nmembers = []\n\n[package]\nname = \"realtime-dashboard\"\n\n[dependencies]\n\
         gloo-net = \"1\"\ngloo-timers = \"1\"\nserde.workspace = true\nserde_json.workspace = true\n\
         stylist = \"1\"\nwasm-bindgen = \"1\"\nweb-sys = \"1\"\nyew = \"1\"\nyew-router = \"1\"\n\n\
         [dev-dependencies]\nwasm-bindgen-test = \"1\"\n\n[lints]\nworkspace = true\n",
    ),
    (
        "protocol/Cargo.toml",
        "[package]\nname = \"protocol\"\n[dependencies]\nserde.workspace = true\n[lints]\nworkspace = true\n",
    ),
    (
        "engine/Cargo.toml",
        "[package]\nname = \"engine\"\n[dependencies]\nserde.workspace = true\n[lints]\nworkspace = true\n",
    ),
    (
        "server/Cargo.toml",
        "[package]\nname = \"server\"\n[dependencies]\nserde.workspace = true\n[lints]\nworkspace = true\n",
    ),
    ("server/src/lib.rs", "//! The server.\n"),
    ("engine/src/lib.rs", "//! The engine.\n"),
    ("protocol/src/lib.rs", "//! The protocol.\n"),
    ("src/main.rs", "//! Mounts.\n"),
    (
        "src/app.rs",
        "//! The application.\nuse serde::Serialize;\nuse serde_json::to_string;\nuse stylist::css;\n\
         use yew::html;\nuse yew_router::Routable;\n",
    ),
    (
        "src/platform/mod.rs",
        "//! The browser.\nuse gloo_net::http;\nuse gloo_timers::callback;\nuse wasm_bindgen::JsCast;\n\
         use web_sys::Window;\n",
    ),
    (
        "src/settings.rs",
        "//! Settings.\nconst NAMES: [&str; 12] = [\"VITE_WS_URL\", \"VITE_API_BASE_URL\",\n\
         \"VITE_REALTIME_RECONNECT_INTERVAL\", \"VITE_REALTIME_MAX_RETRIES\",\n\
         \"VITE_REALTIME_HEARTBEAT_INTERVAL\", \"VITE_REALTIME_CONNECTION_TIMEOUT\",\n\
         \"VITE_FEATURE_REALTIME_UPDATES\", \"VITE_REALTIME_POLL_INTERVAL\",\n\
         \"VITE_REALTIME_DEBOUNCE_MS\", \"VITE_REALTIME_BATCH_SIZE\", \"VITE_PAGE_SIZE\", \"VITE_ANIMATIONS\"];\n",
    ),
    (
        ".env.dashboard.example",
        "VITE_WS_URL=\nVITE_API_BASE_URL=\nVITE_REALTIME_RECONNECT_INTERVAL=\nVITE_REALTIME_MAX_RETRIES=\n\
         VITE_REALTIME_HEARTBEAT_INTERVAL=\nVITE_REALTIME_CONNECTION_TIMEOUT=\nVITE_FEATURE_REALTIME_UPDATES=\n\
         VITE_REALTIME_POLL_INTERVAL=\nVITE_REALTIME_DEBOUNCE_MS=\nVITE_REALTIME_BATCH_SIZE=\nVITE_PAGE_SIZE=\n\
         VITE_ANIMATIONS=\n",
    ),
    (
        "tests/browser/main.rs",
        "//! Browser tests.\nuse wasm_bindgen_test::wasm_bindgen_test;\nfn a_fact_holds() {}\n",
    ),
    (
        "ARCHITECTURE.md",
        "# Architecture\n## Invariants\n| What | Held by |\n|---|---|\n| A fact | `a_fact_holds` |\n",
    ),
    (
        "README.md",
        "# Product\n## Features\n| What | Where | Shown by |\n|---|---|---|\n| A fact | `src/` | `a_fact_holds` |\n",
    ),
    ("budgets.toml", "code_lines_per_file = 300\n"),
];

/// The clean repository with something changed. It is removed when dropped.
#[derive(Debug)]
pub(super) struct Planted {
    root: PathBuf,
}

impl Planted {
    /// With a file added or replaced.
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self::clean().and(path, text)
    }

    /// With a file changed.
    pub(super) fn changed(path: &str, change: impl FnOnce(&str) -> String) -> Self {
        let (_, before) = CLEAN
            .iter()
            .find(|(name, _)| *name == path)
            .expect("a file of the clean tree");
        Self::new(path, &change(before))
    }

    /// And another file added or replaced.
    pub(super) fn and(self, path: &str, text: &str) -> Self {
        let path = self.root.join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder"))
            .expect("temporary folder");
        std::fs::write(path, text).expect("temporary file");
        self
    }

    fn clean() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let root =
            std::env::temp_dir().join(format!("xtask-check-{}-{number}", std::process::id()));
        CLEAN
            .iter()
            .fold(Self { root }, |tree, (path, text)| tree.and(path, text))
    }

    /// Whether no rule finds anything.
    pub(super) fn is_clean(&self) -> bool {
        self.found().is_empty()
    }

    /// Whether a rule finds something at this place, a path with or without a line, that says this.
    pub(super) fn is_found_at(&self, place: &str, words: &str) -> bool {
        self.found().iter().any(|found| {
            let (at, sentence) = found.split_once(": ").unwrap_or_default();
            let path = at.split(':').next().unwrap_or_default();
            (at.ends_with(place) || path.ends_with(place)) && sentence.contains(words)
        })
    }

    fn found(&self) -> Vec<String> {
        let found = violations(&self.root).expect("a readable tree");
        found.iter().map(ToString::to_string).collect()
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        // A failure leaves a few small files in a temporary folder.
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

#[test]
fn the_clean_repository_is_clean() {
    assert_eq!(Planted::clean().found(), Vec::<String>::new());
}
