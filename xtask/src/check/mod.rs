//! The rules of this repository that a machine can check. Each rule is a table and a scan over it.

mod banned;
mod crates;
#[cfg(test)]
mod fixture;
mod invariants;
mod layers;
mod lexer;
mod settings;
mod shape;
mod tree;

use std::fmt;
use std::path::Path;

use crate::error::Result;
use tree::Tree;

/// A place where a rule does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    path: String,
    line: usize,
    sentence: String,
}

impl Violation {
    /// At a line of a file; line 0 speaks of the whole file.
    fn new(path: &str, line: usize, sentence: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            sentence: sentence.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.sentence),
            line => write!(f, "{}:{line}: {}", self.path, self.sentence),
        }
    }
}

/// The rules. Each one is shown to find a planted violation by the tests beside it.
const RULES: &[fn(&Tree) -> Vec<Violation>] = &[
    layers::modules,
    layers::packages,
    crates::directions,
    crates::the_ten_packages,
    crates::one_table_of_lints,
    banned::words,
    banned::machine_paths,
    shape::module_documentation,
    shape::file_lengths,
    shape::one_hook_a_file,
    settings::documented_and_read,
    invariants::held_by_tests,
];

/// All violations in the repository at `root`.
///
/// # Errors
/// A file cannot be read.
pub(crate) fn violations(root: &Path) -> Result<Vec<Violation>> {
    let tree = Tree::read(root)?;
    Ok(RULES.iter().flat_map(|rule| rule(&tree)).collect())
}
