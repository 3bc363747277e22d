//! The rule of this repository that neither cargo nor clippy checks: documents name what exists.

mod documents;
#[cfg(test)]
mod fixture;
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
    /// At a line of a file; line 0 means the whole file.
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

/// All violations in the repository at `root`.
///
/// # Errors
/// A folder cannot be read.
pub(crate) fn violations(root: &Path) -> Result<Vec<Violation>> {
    Ok(documents::name_what_exists(&Tree::read(root)?))
}
