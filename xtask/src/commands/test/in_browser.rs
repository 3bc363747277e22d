//! The steps that need a browser, or Node beside the server.

use std::path::{Path, PathBuf};

use super::counts::Counts;
use super::steps::{Effort, amounts, counted};
use crate::commands::build::{program, trunk};
use crate::error::{Result, create_dir, fail, read, write};
use crate::process::command;
use crate::project::Project;
use crate::tools::{self, FOR_BROWSER_TESTS};

pub(super) fn browser(project: &Project) -> Result<Counts> {
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
    let counts = counted(&mut tests, Counts::of_rust_line)?;
    // On a loaded machine the browser may not load the page of the tests at all. It gets a second chance; tests that ran
    // do not.
    if counts.passed == 0 {
        println!("browser: no test has run, once more");
        return counted(&mut tests, Counts::of_rust_line);
    }
    Ok(counts)
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

pub(super) fn e2e(project: &Project, effort: Effort) -> Result<Counts> {
    tools::e2e_packages(project)?;
    let browser = tools::browser()?;
    if !project.dist().join("index.html").is_file() {
        return fail("there is no dist/: run `cargo xtask build` first");
    }
    let server = program(project, "dashboard-server")?;
    let proxy = program(project, "fault-proxy")?;
    let todo_server = program(project, "todo-server")?;
    let todo = project.target().join("todo");
    trunk(project, &project.path("examples/todo"), &[], &todo)?;
    let mut tests = command(tools::node()?);
    tests
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .current_dir(project.path("tests/e2e"))
        .env("DASHBOARD_SERVER", server)
        .env("DASHBOARD_FAULT_PROXY", proxy)
        .env("DASHBOARD_DIST", project.dist())
        .env("TODO_SERVER", todo_server)
        .env("TODO_DIST", todo)
        .env("CHROMIUM", &browser.chromium)
        .env("FORCE_COLOR", "0");
    for (name, value) in amounts(effort) {
        tests.env(name, value);
    }
    counted(&mut tests, Counts::of_playwright_line)
}

pub(super) fn sdk(project: &Project) -> Result<Counts> {
    tools::e2e_packages(project)?;
    let server = program(project, "dashboard-server")?;
    let mut tests = command(tools::node()?);
    tests
        .args(["--test", "--test-reporter", "tap", "sdk/judge.test.mjs"])
        .current_dir(project.path("tests/e2e"))
        .env("DASHBOARD_SERVER", server);
    counted(&mut tests, Counts::of_tap_line)
}
