//! The steps of the test command, in their order.

use std::process::Command;

use super::counts::Counts;
use super::{in_browser, injected};
use crate::check;
use crate::commands::{build, size};
use crate::error::{Result, create_dir};
use crate::process::{command, follow, show};
use crate::project::Project;
use crate::tools::{self, Program, Tool};

/// How much a run does.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effort {
    /// The inner loop.
    Quick,
    /// What decides whether a change lands.
    #[default]
    Normal,
    /// What looks for rare things.
    Long,
}

/// One step.
#[derive(Debug)]
pub(super) struct Step {
    /// Its name for `--only`.
    pub(super) name: &'static str,
    /// What it does, in a line.
    pub(super) does: &'static str,
    /// The least effort that it is part of.
    pub(super) from: Effort,
    /// Runs it.
    pub(super) run: fn(&Project, Effort) -> Result<Counts>,
}

/// All steps, cheapest first. A later one needs what an earlier one has built (`e2e` needs `build`),
/// but none hides another: each is judged alone.
pub(super) const STEPS: &[Step] = &[
    quick("fmt", "the format of the sources", |project, _| {
        one(project, &["fmt", "--all", "--check"])
    }),
    quick("check", "the rules of this repository", |project, _| {
        check::run(project).map(|()| Counts::PASSED)
    }),
    quick("machete", "dependencies that nothing uses", |project, _| {
        of_tool(project, Program::CargoMachete, "cargo", &["machete"])
    }),
    quick("typos", "the spelling", |project, _| {
        of_tool(project, Program::Typos, "typos", &[])
    }),
    quick("clippy", "lints, for the machine", |project, _| {
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
    quick(
        "clippy-features",
        "lints, for the server without what can be left out",
        |project, _| {
            one(
                project,
                &[
                    "clippy",
                    "--package",
                    "dashboard-server",
                    "--no-default-features",
                    "--all-targets",
                    "--",
                    "-D",
                    "warnings",
                ],
            )
        },
    ),
    quick("clippy-wasm", "lints, for the browser", |project, _| {
        clippy_wasm(project)
    }),
    quick(
        "native",
        "unit, integration, property and documentation tests",
        native,
    ),
    step(
        "browser",
        "component tests in headless Chromium",
        |project, _| in_browser::browser(project),
    ),
    step(
        "browser-firefox",
        "component tests in headless Firefox",
        |project, _| in_browser::browser_firefox(project),
    ),
    step(
        "example",
        "the example applications, for the browser",
        |project, _| example(project),
    ),
    step("build", "the release application", |project, _| {
        build::run(project, &[]).map(|()| Counts::PASSED)
    }),
    step("size", "the first load and its budget", |project, _| {
        size::run(project).map(|()| Counts::PASSED)
    }),
    step(
        "sdk",
        "the official client SDK against the server",
        |project, _| in_browser::sdk(project),
    ),
    step(
        "e2e",
        "the whole system in headless Chromium",
        in_browser::e2e,
    ),
    step(
        "engines",
        "a smoke test of the whole system in Chromium, Firefox and WebKitGTK",
        |project, _| in_browser::engines(project),
    ),
    Step {
        name: "injected",
        does: "faults injected into the engine, each of which its tests have to find",
        from: Effort::Long,
        run: |project, _| injected::run(project),
    },
    Step {
        name: "fuzz",
        does: "whatever a server could say, for a minute each",
        from: Effort::Long,
        run: |project, _| fuzz(project),
    },
    Step {
        name: "deny",
        does: "licences, bans, sources and advisories of the dependencies",
        from: Effort::Long,
        run: |project, _| deny(project),
    },
];

const fn step(
    name: &'static str,
    does: &'static str,
    run: fn(&Project, Effort) -> Result<Counts>,
) -> Step {
    Step {
        name,
        does,
        from: Effort::Normal,
        run,
    }
}

const fn quick(
    name: &'static str,
    does: &'static str,
    run: fn(&Project, Effort) -> Result<Counts>,
) -> Step {
    Step {
        from: Effort::Quick,
        ..step(name, does, run)
    }
}

/// Runs a tool that prints what it finds.
fn of_tool(project: &Project, tool: Program, program: &str, words: &[&str]) -> Result<Counts> {
    let tools = [Tool::Program(tool)];
    tools::ready(project, &tools)?;
    show(
        command(program)
            .args(words)
            .current_dir(project.root())
            .env("PATH", tools::path_with(project, &tools)?),
    )?;
    Ok(Counts::PASSED)
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

fn clippy_wasm(project: &Project) -> Result<Counts> {
    tools::ready(project, &[Tool::WasmTarget])?;
    one(
        project,
        &[
            "clippy",
            "--package",
            "realtime-dashboard",
            "--package",
            EXAMPLES[0],
            "--package",
            EXAMPLES[1],
            "--all-targets",
            "--target",
            "wasm32-unknown-unknown",
            "--",
            "-D",
            "warnings",
        ],
    )
}

/// The applications in examples/.
const EXAMPLES: [&str; 2] = ["indicator-example", "todo-example"];

fn example(project: &Project) -> Result<Counts> {
    tools::ready(project, &[Tool::WasmTarget])?;
    let [indicator, todo] = EXAMPLES;
    let packages = ["build", "--package", indicator, "--package", todo];
    let target = ["--target", "wasm32-unknown-unknown"];
    // As the tests in browsers, so that nothing is compiled twice.
    show(
        cargo(project)
            .args(packages)
            .args(target)
            .env("CARGO_INCREMENTAL", "0"),
    )?;
    Ok(Counts::PASSED)
}

fn native(project: &Project, effort: Effort) -> Result<Counts> {
    let mut tests = cargo(project);
    tests.args(["test", "--workspace", "--no-fail-fast"]);
    if effort == Effort::Quick {
        // All but those in documentation, each of which is compiled by itself.
        tests.args(["--lib", "--bins", "--tests"]);
    }
    for (name, value) in amounts(effort) {
        tests.env(name, value);
    }
    counted(&mut tests, Counts::of_rust_line)
}

/// The fuzz targets, and the folder of honest examples that each begins with.
const FUZZ_TARGETS: [(&str, &str); 11] = [
    ("frames", "crates/dashboard-model/tests/golden/centrifugo"),
    ("events", "crates/dashboard-model/tests/golden/events"),
    (
        "decode_frame",
        "crates/dashboard-model/tests/golden/centrifugo",
    ),
    ("decode_event", "crates/dashboard-model/tests/golden/events"),
    (
        "decode_snapshot",
        "crates/dashboard-model/tests/golden/http",
    ),
    (
        "decode_mutations",
        "crates/dashboard-model/tests/golden/http",
    ),
    ("decode_page", "crates/dashboard-model/tests/golden/http"),
    ("decode_items", "crates/dashboard-model/tests/golden/http"),
    ("decode_updates", "crates/dashboard-model/tests/golden"),
    ("decode_session", "crates/sync-protocol/tests/golden/http"),
    ("settings", "fuzz/seeds/settings"),
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
        counts = counts.and(Counts::one(ran.is_ok()));
    }
    Ok(counts)
}

fn deny(project: &Project) -> Result<Counts> {
    const DENY: &[Tool] = &[Tool::Program(Program::CargoDeny)];
    tools::ready(project, DENY)?;
    let path = tools::path_with(project, DENY)?;
    let mut subjects = vec!["licenses", "bans", "sources"];
    if tools::reaches("github.com") {
        subjects.push("advisories");
    } else {
        println!("deny: the advisory database cannot be reached from here, so it was not asked");
    }
    let mut counts = Counts::default();
    for what in subjects {
        let mut deny = cargo(project);
        let judged = show(deny.env("PATH", &path).args(["deny", "check", what]));
        if let Err(error) = &judged {
            println!("deny {what}: {error}");
        }
        counts = counts.and(Counts::one(judged.is_ok()));
    }
    Ok(counts)
}

/// How much simulations and property tests do: a run that decides about a change stays short, and a
/// long one looks for what is rare.
pub(super) const fn amounts(effort: Effort) -> [(&'static str, &'static str); 2] {
    match effort {
        Effort::Quick => [("SIM_SEEDS", "300"), ("PROPTEST_CASES", "64")],
        Effort::Normal => [("SIM_SEEDS", "20000"), ("PROPTEST_CASES", "256")],
        Effort::Long => [("SIM_SEEDS", "200000"), ("PROPTEST_CASES", "4096")],
    }
}

/// Runs a test runner that may skip nothing, shows what it says and adds up its closing lines.
pub(super) fn counted(runner: &mut Command, of_line: fn(&str) -> Option<Counts>) -> Result<Counts> {
    counted_with_skips(runner, of_line, 0)
}

/// As `counted`, for a runner that may skip so many tests.
pub(super) fn counted_with_skips(
    runner: &mut Command,
    of_line: fn(&str) -> Option<Counts>,
    may_skip: u32,
) -> Result<Counts> {
    let mut counts = Counts::default();
    let ended_well = follow(runner, |line| {
        println!("{line}");
        counts = counts.and(of_line(line).unwrap_or_default());
    })?;
    Ok(counts.judged(ended_well, may_skip))
}
