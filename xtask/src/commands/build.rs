//! `cargo xtask build`: the release application in `dist/`, ready for the server's `--dist` and for
//! any static host.

use std::ffi::OsStr;
use std::process::Command;
use std::time::Instant;

use crate::error::{Error, Result, read, write};
use crate::process::{command, show};
use crate::project::Project;
use crate::tools::{self, FOR_BUILD};

/// What browsers run.
const TARGET: &str = "wasm32-unknown-unknown";

/// The program of the demonstration.
const DEMO: &str = "realtime-demo";

/// What trunk and the page call the program of the dashboard.
const DASHBOARD: &str = "realtime-dashboard";

/// Takes the program apart, minifies, names by contents and compresses what was built.
const FINISH: &str = "xtask/finish/finish.mjs";

/// What makes the smallest code: the standard library is built again for size, and a panic ends the page at once,
/// without a message and the code that would word it (a third of the whole). A function with one caller is joined with it
/// only if it is short, by some fifty instructions: large functions have large stack frames, and the many ways to
/// address them do not compress (2 % of the whole; both costs are sixty times the usual ones, so that all else stays as
/// it is). These flags of the compiler are not stable yet, hence the first line; the compiler's version is pinned by the
/// workspace. `trunk build` without them gives the same application with messages.
const SMALLEST: [(&str, &str); 4] = [
    ("RUSTC_BOOTSTRAP", "1"),
    ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
    ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
    (
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none \
         -Cllvm-args=-inline-instr-cost=300 -Cllvm-args=-inline-call-penalty=1500",
    ),
];

/// Builds, minifies and compresses.
pub(crate) fn run(project: &Project) -> Result<()> {
    built(project, &[])
}

/// The same, with a program that notes which of its functions run (`functions.json` has their names).
pub(crate) fn recording(project: &Project) -> Result<()> {
    built(project, &["--record"])
}

fn built(project: &Project, finish: &[&str]) -> Result<()> {
    let started = Instant::now();
    tools::ready(project, FOR_BUILD)?;
    let path = tools::path_with(project, FOR_BUILD)?;
    compiled(project, DASHBOARD)?;
    // Trunk works offline, so that it never fetches tools of its own; cargo has fetched its packages by now.
    show(smallest(
        command("trunk")
            .args(["build", "--release", "--offline"])
            .current_dir(project.root())
            .env("PATH", &path)
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("NO_COLOR"),
    ))?;
    let page = read(&project.dist().join("index.html"))?;
    let stem = stem_of(&page, &format!("{DASHBOARD}-"))?;
    // Trunk keeps no names of functions, by which the program is taken apart.
    program(project, &path, DASHBOARD, stem, &["-g"])?;
    demonstration(project, &path, page.replace(stem, &demo_stem()).as_str())?;
    show(
        command(tools::node()?)
            .arg(project.path(FINISH))
            .args(finish)
            .arg(project.dist())
            .current_dir(project.root())
            .env("PATH", &path),
    )?;
    println!(
        "build: dist/ is complete, after {} s",
        started.elapsed().as_secs()
    );
    Ok(())
}

/// The demonstration beside the dashboard: the same page with another program, as `demo.html`. Trunk makes one
/// application of one page, so this one is put together here, with the same tools and flags.
fn demonstration(project: &Project, path: &OsStr, page: &str) -> Result<()> {
    compiled(project, DEMO)?;
    program(project, path, DEMO, &demo_stem(), &[])?;
    write(&project.dist().join("demo.html"), page)
}

/// The name of the demonstration's files. The last step gives them the hash of what is in them, in the place of this one.
fn demo_stem() -> String {
    format!("{DEMO}-{:016x}", 0)
}

fn compiled(project: &Project, program: &str) -> Result<()> {
    show(smallest(
        command("cargo")
            .args(["build", "--locked", "--bin", program])
            .args(["--profile", "web", "--target", TARGET])
            .current_dir(project.root()),
    ))
}

/// Puts a compiled program and its script into `dist/` under a name, optimized as the page says and by `flags`.
fn program(
    project: &Project,
    path: &OsStr,
    program: &str,
    name: &str,
    flags: &[&str],
) -> Result<()> {
    let dist = project.dist();
    let built = project.target().join(TARGET).join("web");
    show(
        command("wasm-bindgen")
            .args(["--target", "web", "--no-typescript", "--out-name", name])
            .arg("--out-dir")
            .arg(&dist)
            .arg(built.join(format!("{program}.wasm")))
            .env("PATH", path),
    )?;
    let program = dist.join(format!("{name}_bg.wasm"));
    let page = read(&project.path("index.html"))?;
    show(
        command("wasm-opt")
            .arg(&program)
            .arg("-Oz")
            .args(attribute(&page, "data-wasm-opt-params")?.split_whitespace())
            .args(flags)
            .arg("-o")
            .arg(&program)
            .env("PATH", path),
    )
}

/// The value of an attribute in a page.
fn attribute<'a>(page: &'a str, name: &str) -> Result<&'a str> {
    page.split_once(&format!("{name}=\""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(value, _)| value)
        .ok_or_else(|| Error::new(format!("index.html has no {name}")))
}

/// The name of the program's files in a built page, up to their endings.
fn stem_of<'a>(page: &'a str, beginning: &str) -> Result<&'a str> {
    let from = page.find(beginning);
    from.and_then(|from| page[from..].split(['.', '_']).next())
        .ok_or_else(|| Error::new(format!("the built page names no {beginning}…")))
}

fn smallest(command: &mut Command) -> &mut Command {
    command.env_remove("RUSTFLAGS").envs(SMALLEST)
}
