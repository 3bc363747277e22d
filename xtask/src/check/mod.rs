//! The rules of this repository that neither cargo nor clippy checks: documents name what exists, and the patches with
//! injected faults fit the sources.

mod documents;
#[cfg(test)]
mod fixture;
mod tree;

use crate::error::{Error, Result, fail};
use crate::process::{command, follow};
use crate::project::Project;
use tree::Tree;

/// The folder of the patches that each put one mistake into the engine.
pub(crate) const FAULTS: &str = "crates/sync-engine/tests/faults";

/// `cargo xtask check`: prints every violation; fails if there is one.
pub(crate) fn run(project: &Project) -> Result<()> {
    let mut violations = documents::name_what_exists(&Tree::read(project.root())?);
    violations.extend(patches_that_do_not_fit(project)?);
    for violation in &violations {
        println!("{violation}");
    }
    if !violations.is_empty() {
        return fail(format!("{} violations", violations.len()));
    }
    println!("check: all rules hold");
    Ok(())
}

/// The step that applies the patches is a long one, so nobody else would notice.
fn patches_that_do_not_fit(project: &Project) -> Result<Vec<String>> {
    let folder = std::fs::read_dir(project.path(FAULTS));
    let folder = folder.map_err(|error| Error::new(format!("{FAULTS}: {error}")))?;
    let mut violations = Vec::new();
    for path in folder.filter_map(|entry| Some(entry.ok()?.path())) {
        if path
            .extension()
            .is_none_or(|extension| extension != "patch")
        {
            continue;
        }
        let mut apply = command("git");
        apply.args(["apply", "--check"]).arg(&path);
        if !follow(apply.current_dir(project.root()), |_| ())? {
            violations.push(format!("{}: does not fit the sources", path.display()));
        }
    }
    Ok(violations)
}
