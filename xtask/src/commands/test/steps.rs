//! The steps of the test command, in their order.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::counts::Counts;
use crate::check;
use crate::commands::{build, size};
use crate::error::{Result, create_dir, fail, read, write};
use crate::process::{command, follow, show};
use crate::project::Project;
use crate::tools::{self, FOR_BROWSER_TESTS, Program, Tool};

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    /// Its name for `--only`.
    pub(super) name: &'static str,
    /// What it does, in a line.
    pub(super) does: &'static str,
    /// Whether it waits for `--long`.
    pub(super) long: bool,
    /// Runs it; the flag is `--long`.
    pub(super) run: fn(&Project, bool) -> Result<Counts>,
}

/// All steps, cheapest first. A later one needs what an earlier one has built (`e2e` needs `build`),
/// but none hides another: each is judged alone.
pub(super) const STEPS: &[Step] = &[
    step("fmt", "the form of the sources", |project, _| {
        one(project, &["fmt", "--all", "--check"])
    }),
    step("check", "the rules of this repository", |project, _| {
        rules(project)
    }),
    step("clippy", "lints, for the machine", |project, _| {
        one(
            project,
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--",
                "-D",
                "warnings",
            ],
        )
    }),
    step("clippy-wasm", "lints, for the browser", |project, _| {
        clippy_wasm(project)
    }),
    step(
        "native",
        "unit, integration, property and documentation tests",
        native,
    ),
    step(
        "planted",
        "mistakes planted in the engine, each of which the simulation has to find",
        |project, _| planted(project),
    ),
    step(
        "browser",
        "component tests in headless Chromium",
        |project, _| browser(project),
    ),
    step(
        "example",
        "the example application, for the browser",
        |project, _| example(project),
    ),
    step("build", "the release application", |project, _| {
        build::run(project).map(|()| Counts::PASSED)
    }),
    step("size", "the first load and its budget", |project, _| {
        size::run(project).map(|()| Counts::PASSED)
    }),
    step(
        "sdk",
        "the official client SDK against the server",
        |project, _| sdk(project),
    ),
    step("e2e", "the whole system in headless Chromium", e2e),
    Step {
        name: "fuzz",
        does: "whatever a server could say, for a minute each",
        long: true,
        run: |project, _| fuzz(project),
    },
    Step {
        name: "deny",
        does: "licences, bans, sources and advisories of the dependencies",
        long: true,
        run: |project, _| deny(project),
    },
];

const fn step(
    name: &'static str,
    does: &'static str,
    run: fn(&Project, bool) -> Result<Counts>,
) -> Step {
    Step {
        name,
        does,
        long: false,
        run,
    }
}

fn cargo(project: &Project) -> Command {
    let mut cargo = command("cargo");
    cargo
        .current_dir(project.root())
        .env("CARGO_TERM_COLOR", "never");
    cargo
}

fn one(project: &Project, words: &[&str]) -> Result<Counts> {
    show(cargo(project).args(words))?;
    Ok(Counts::PASSED)
}

fn rules(project: &Project) -> Result<Counts> {
    let violations = check::violations(project.root())?;
    for violation in &violations {
        println!("{violation}");
    }
    if violations.is_empty() {
        Ok(Counts::PASSED)
    } else {
        Ok(Counts::FAILED)
    }
}

fn clippy_wasm(project: &Project) -> Result<Counts> {
    tools::ready(project, &[Tool::WasmTarget])?;
    one(
        project,
        &[
            "clippy",
            "--package",
            "realtime-dashboard",
            "--package",
            EXAMPLE,
            "--all-targets",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ],
    )
}

/// The application in examples/ that uses a part of the kit alone.
const EXAMPLE: &str = "indicator-example";

fn example(project: &Project) -> Result<Counts> {
    tools::ready(project, &[Tool::WasmTarget])?;
    let target = ["--target", "wasm32-unknown-unknown"];
    one(
        project,
        &[&["build", "--package", EXAMPLE], &target[..]].concat(),
    )
}

fn native(project: &Project, long: bool) -> Result<Counts> {
    let mut tests = cargo(project);
    tests.args(["test", "--workspace", "--no-fail-fast"]);
    for (name, value) in effort(long) {
        tests.env(name, value);
    }
    counted(&mut tests, Counts::of_rust_line)
}

/// A build of its own, and by name only: with the feature on, the engine can be told to be wrong.
fn planted(project: &Project) -> Result<Counts> {
    let mut tests = cargo(project);
    tests.args([
        "test",
        "--package",
        "dashboard-engine",
        "--features",
        "planted-faults",
        "--test",
        "sim",
        "planted",
    ]);
    counted(&mut tests, Counts::of_rust_line)
}

fn browser(project: &Project) -> Result<Counts> {
    tools::ready(project, FOR_BROWSER_TESTS)?;
    let browser = tools::browser()?;
    let mut tests = command("wasm-pack");
    tests
        .args([
            "test",
            "--headless",
            "--chrome",
            "--mode",
            "no-install",
            "--chromedriver",
        ])
        .arg(&browser.driver)
        // All tests but those in documentation, in which the wasm runner would find nothing. Not
        // `--tests`: wasm-pack gives that one by itself, and cargo does not take it twice.
        .args(["--", "--all-targets"])
        .current_dir(project.root())
        .env("PATH", tools::path_with(project, FOR_BROWSER_TESTS)?)
        .env("CARGO_TERM_COLOR", "never")
        .env(
            "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
            capabilities(project, &browser.chromium)?,
        )
        // Seconds. The defaults are for faster machines than a loaded two-core one.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    counted(&mut tests, Counts::of_rust_line)
}

/// The capabilities of webdriver.json with the browser that was found: left alone, chromedriver looks
/// for one under names of its own.
fn capabilities(project: &Project, chromium: &Path) -> Result<PathBuf> {
    let options = "\"goog:chromeOptions\": {";
    let general = read(&project.path("webdriver.json"))?;
    let Some((before, after)) = general.split_once(options) else {
        return fail("webdriver.json has no goog:chromeOptions");
    };
    let binary = chromium.display().to_string().replace('\\', "\\\\");
    let path = project.target().join("webdriver.json");
    create_dir(&project.target())?;
    write(
        &path,
        format!("{before}{options}\n    \"binary\": \"{binary}\",{after}"),
    )?;
    Ok(path)
}

fn e2e(project: &Project, long: bool) -> Result<Counts> {
    tools::e2e_packages(project)?;
    let browser = tools::browser()?;
    if !project.dist().join("index.html").is_file() {
        return fail("there is no dist/: run `cargo xtask build` first");
    }
    let server = program(project, "dashboard-server")?;
    let proxy = program(project, "fault-proxy")?;
    let mut tests = command(tools::node()?);
    tests
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .current_dir(project.path("tests/e2e"))
        .env("DASHBOARD_SERVER", server)
        .env("DASHBOARD_FAULT_PROXY", proxy)
        .env("DASHBOARD_DIST", project.dist())
        .env("CHROMIUM", &browser.chromium)
        .env("FORCE_COLOR", "0");
    for (name, value) in effort(long) {
        tests.env(name, value);
    }
    counted(&mut tests, Counts::of_playwright_line)
}

fn sdk(project: &Project) -> Result<Counts> {
    tools::e2e_packages(project)?;
    let server = program(project, "dashboard-server")?;
    let mut tests = command(tools::node()?);
    tests
        .args(["--test", "--test-reporter", "tap", "sdk/judge.test.mjs"])
        .current_dir(project.path("tests/e2e"))
        .env("DASHBOARD_SERVER", server);
    counted(&mut tests, Counts::of_tap_line)
}

/// Builds a program of the workspace and says where it is.
fn program(project: &Project, name: &str) -> Result<PathBuf> {
    show(cargo(project).args(["build", "--workspace", "--bin", name]))?;
    Ok(project
        .target()
        .join("debug")
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// What is fuzzed, and the folder of honest examples that it begins with.
const FUZZ_TARGETS: [(&str, &str); 2] = [
    ("frames", "protocol/tests/golden/centrifugo"),
    ("events", "protocol/tests/golden/events"),
];

fn fuzz(project: &Project) -> Result<Counts> {
    const FUZZ: &[Tool] = &[Tool::Program(Program::CargoFuzz)];
    tools::ready(project, FUZZ)?;
    let path = tools::path_with(project, FUZZ)?;
    let folder = project.target().join("fuzz");
    let mut counts = Counts::default();
    for (target, examples) in FUZZ_TARGETS {
        let corpus = folder.join("corpus").join(target);
        create_dir(&corpus)?;
        let ran = show(
            cargo(project)
                .env("PATH", &path)
                // libFuzzer's counters of edges are not stable flags; the compiler's version is pinned.
                .env("RUSTC_BOOTSTRAP", "1")
                // There is no unsafe code that a sanitizer could judge.
                .args(["fuzz", "run", "--sanitizer", "none", "--target-dir"])
                .arg(&folder)
                .arg(target)
                .arg(&corpus)
                .arg(project.path(examples))
                .args(["--", "-max_total_time=60", "-max_len=4096", "-timeout=10"]),
        );
        if let Err(error) = &ran {
            println!("fuzz {target}: {error}");
        }
        counts = counts.and(if ran.is_ok() {
            Counts::PASSED
        } else {
            Counts::FAILED
        });
    }
    Ok(counts)
}

fn deny(project: &Project) -> Result<Counts> {
    const DENY: &[Tool] = &[Tool::Program(Program::CargoDeny)];
    tools::ready(project, DENY)?;
    let path = tools::path_with(project, DENY)?;
    let mut counts = Counts::default();
    for what in ["licenses", "bans", "sources"] {
        let judged = show(
            cargo(project)
                .env("PATH", &path)
                .args(["deny", "check", what]),
        );
        if let Err(error) = &judged {
            println!("deny {what}: {error}");
        }
        counts = counts.and(if judged.is_ok() {
            Counts::PASSED
        } else {
            Counts::FAILED
        });
    }
    if tools::reaches("github.com") {
        let judged = show(
            cargo(project)
                .env("PATH", &path)
                .args(["deny", "check", "advisories"]),
        );
        counts = counts.and(if judged.is_ok() {
            Counts::PASSED
        } else {
            Counts::FAILED
        });
    } else {
        println!("deny: the advisory database cannot be reached from here, so it was not asked");
    }
    Ok(counts)
}

/// How much simulations and property tests do: a run that decides about a change stays short, and a
/// long one looks for what is rare.
fn effort(long: bool) -> [(&'static str, &'static str); 2] {
    if long {
        [("SIM_SEEDS", "200000"), ("PROPTEST_CASES", "4096")]
    } else {
        [("SIM_SEEDS", "20000"), ("PROPTEST_CASES", "256")]
    }
}

/// Runs a test runner, shows what it says and adds up its closing lines.
fn counted(runner: &mut Command, of_line: fn(&str) -> Option<Counts>) -> Result<Counts> {
    let mut counts = Counts::default();
    let ended_well = follow(runner, |line| {
        println!("{line}");
        counts = counts.and(of_line(line).unwrap_or_default());
    })?;
    Ok(counts.judged(ended_well))
}
