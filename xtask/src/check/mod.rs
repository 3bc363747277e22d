//! The rule of this repository that neither cargo nor clippy checks: documents name what exists.

mod documents;
#[cfg(test)]
mod fixture;
mod tree;

use crate::error::{Result, fail};
use crate::project::Project;
use tree::Tree;

/// `cargo xtask check`: prints every violation; fails if there is one.
pub(crate) fn run(project: &Project) -> Result<()> {
    let violations = documents::name_what_exists(&Tree::read(project.root())?);
    for violation in &violations {
        println!("{violation}");
    }
    if !violations.is_empty() {
        return fail(format!("{} violations", violations.len()));
    }
    println!("check: all rules hold");
    Ok(())
}
