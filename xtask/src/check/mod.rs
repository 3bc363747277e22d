//! The rules of this repository that neither cargo nor clippy checks: documents name what exists, and every setting is
//! explained.

mod documents;
#[cfg(test)]
mod fixture;
mod settings;
mod tree;

use std::path::Path;

use crate::error::{Result, fail};
use crate::project::Project;
use tree::Tree;

/// The rules. Each tells the places where it does not hold, as `path: sentence` or `path:line: sentence`.
const RULES: &[fn(&Tree) -> Vec<String>] = &[documents::name_what_exists, settings::explained];

/// `cargo xtask check`: prints every violation; fails if there is one.
pub(crate) fn run(project: &Project) -> Result<()> {
    let violations = violations(project.root())?;
    for violation in &violations {
        println!("{violation}");
    }
    if !violations.is_empty() {
        return fail(format!("{} violations", violations.len()));
    }
    println!("check: all rules hold");
    Ok(())
}

/// All violations in the repository at `root`.
///
/// # Errors
/// A folder cannot be read.
fn violations(root: &Path) -> Result<Vec<String>> {
    let tree = Tree::read(root)?;
    Ok(RULES.iter().flat_map(|rule| rule(&tree)).collect())
}
