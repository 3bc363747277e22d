//! The steps that need a browser, or Node beside the server.

use std::path::Path;
use std::process::Command;

use super::counts::Counts;
use super::steps::{Effort, amounts, counted, counted_with_skips};
use crate::commands::build::{program, trunk};
use crate::error::{Result, create_dir, fail, read, write};
use crate::process::{command, show};
use crate::project::Project;
use crate::tools::{self, Browser, FOR_BROWSER_TESTS};

/// The package of the server, and its program.
const SERVER: &str = "dashboard-server";

pub(super) fn browser(project: &Project) -> Result<Counts> {
    let options = "\"goog:chromeOptions\": {";
    let general = read(&project.path("webdriver.json"))?;
    let Some((before, after)) = general.split_once(options) else {
        return fail("webdriver.json has no goog:chromeOptions");
    };
    let browser = tools::chromium()?;
    // Left alone, chromedriver looks for a browser under names of its own.
    let binary = quoted(&browser.program);
    let capabilities = format!("{before}{options}\n    \"binary\": {binary},{after}");
    wasm_pack(project, "chrome", &browser, &capabilities)
}

pub(super) fn browser_firefox(project: &Project) -> Result<Counts> {
    let Some(browser) = tools::firefox(project)? else {
        say_skipped("browser-firefox", "Firefox");
        return Ok(Counts::SKIPPED);
    };
    let binary = quoted(&browser.program);
    let capabilities = format!("{{\"moz:firefoxOptions\": {{\"binary\": {binary}}}}}");
    wasm_pack(project, "firefox", &browser, &capabilities)
}

/// Says that the tests in an engine do not run here, and why.
fn say_skipped(step: &str, engine: &str) {
    println!(
        "{step}: {engine} skipped: not found, and no apt-get with root's rights to install it"
    );
}

/// A path as JSON.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", path.display().to_string().replace('\\', "\\\\"))
}

/// Runs the tests of hooks and components in a browser that wasm-pack knows as `name`.
fn wasm_pack(
    project: &Project,
    name: &str,
    browser: &Browser,
    capabilities: &str,
) -> Result<Counts> {
    tools::ready(project, FOR_BROWSER_TESTS)?;
    let webdriver = project.target().join(format!("webdriver-{name}.json"));
    create_dir(&project.target())?;
    write(&webdriver, capabilities)?;
    let driver = if name == "chrome" {
        "--chromedriver"
    } else {
        "--geckodriver"
    };
    let mut tests = command("wasm-pack");
    tests
        .args(["test", "--headless", "--mode", "no-install"])
        .args([&format!("--{name}"), driver])
        .arg(&browser.driver)
        // All tests but those in documentation, in which the wasm runner would find nothing. Not
        // `--tests`: wasm-pack gives that one by itself, and cargo does not take it twice.
        .args(["--", "--all-targets"])
        .current_dir(project.root())
        .env("PATH", tools::path_with(project, FOR_BROWSER_TESTS)?)
        .env("CARGO_TERM_COLOR", "never")
        // A stale incremental build may lack a function. The linker for WebAssembly then imports it from nowhere, and the page of
        // the tests loads without end.
        .env("CARGO_INCREMENTAL", "0")
        .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", webdriver)
        // Seconds. The defaults are for faster machines than a loaded two-core one.
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60");
    counted(&mut tests, Counts::of_rust_line)
}

pub(super) fn e2e(project: &Project, effort: Effort) -> Result<Counts> {
    let todo_server = program(project, "todo-server")?;
    let todo = project.target().join("todo");
    trunk(project, &project.path("examples/todo"), &[], &todo)?;
    let mut tests = playwright(project, "e2e", &program(project, SERVER)?)?;
    tests.env("TODO_SERVER", todo_server).env("TODO_DIST", todo);
    for (name, value) in amounts(effort) {
        tests.env(name, value);
    }
    counted(&mut tests, Counts::of_playwright_line)
}

pub(super) fn engines(project: &Project) -> Result<Counts> {
    let mut tests = playwright(project, "engines", &program(project, SERVER)?)?;
    let others = [
        (
            "Firefox",
            tools::firefox(project)?,
            ["FIREFOX", "GECKODRIVER"],
        ),
        ("WebKitGTK", tools::webkit()?, ["XVFB", "WEBKIT_DRIVER"]),
    ];
    let mut missing = 0;
    for (engine, browser, [program, driver]) in others {
        match browser {
            Some(browser) => {
                tests
                    .env(program, browser.program)
                    .env(driver, browser.driver);
            }
            None => {
                say_skipped("engines", engine);
                // The runner skips the one test of an engine without a driver, and counts it.
                tests.env_remove(driver);
                missing += 1;
            }
        }
    }
    counted_with_skips(&mut tests, Counts::of_playwright_line, missing)
}

/// `cargo xtask bench`: prints what a visit, a switch of tabs, a click, an event and a stream cost in `dist/`, and writes the
/// same figures to a file, if one is named.
pub(crate) fn bench(project: &Project, words: &[&str]) -> Result<()> {
    let server = format!("release/{SERVER}{}", std::env::consts::EXE_SUFFIX);
    let mut bench = playwright(project, "bench", &project.target().join(server))?;
    match words {
        [] => (),
        ["--json", file] => drop(bench.env("BENCH_JSON", project.path(file))),
        _ => return fail(format!("bench: not understood: {}", words.join(" "))),
    }
    let release = ["build", "--release", "--package", SERVER];
    show(command("cargo").args(release).current_dir(project.root()))?;
    show(&mut bench)
}

/// The end-to-end tests of a project of playwright.config.mjs, against a server, with what all of them need.
fn playwright(project: &Project, tests_of: &str, server: &Path) -> Result<Command> {
    tools::e2e_packages(project)?;
    let browser = tools::chromium()?;
    if !project.dist().join("index.html").is_file() {
        return fail("there is no dist/: run `cargo xtask build` first");
    }
    let mut tests = command(tools::node()?);
    tests
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .arg(format!("--project={tests_of}"))
        .current_dir(project.path("tests/e2e"))
        .env("DASHBOARD_SERVER", server)
        .env("DASHBOARD_FAULT_PROXY", program(project, "fault-proxy")?)
        .env("DASHBOARD_DIST", project.dist())
        .env("CHROMIUM", &browser.program)
        .env("CHROMEDRIVER", &browser.driver)
        .env("FORCE_COLOR", "0");
    Ok(tests)
}

pub(super) fn sdk(project: &Project) -> Result<Counts> {
    tools::e2e_packages(project)?;
    let server = program(project, SERVER)?;
    let mut tests = command(tools::node()?);
    tests
        .args(["--test", "--test-reporter", "tap", "sdk/judge.test.mjs"])
        .current_dir(project.path("tests/e2e"))
        .env("DASHBOARD_SERVER", server);
    counted(&mut tests, Counts::of_tap_line)
}
