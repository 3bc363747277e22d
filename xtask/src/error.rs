//! One kind of error: a sentence for the person at the terminal.

use std::fmt;
use std::path::Path;

/// What every step returns.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// A sentence that says what went wrong and, where known, what to do.
#[derive(Debug, Clone)]
pub(crate) struct Error(String);

impl Error {
    /// An error that says `sentence`.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

/// `Err` with a sentence.
pub(crate) fn fail<T>(sentence: impl Into<String>) -> Result<T> {
    Err(Error::new(sentence))
}

/// Reads a text file; the error names it.
pub(crate) fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| Error::new(format!("cannot read {}: {error}", path.display())))
}

/// Writes a file; the error names it.
pub(crate) fn write(path: &Path, contents: impl AsRef<[u8]>) -> Result<()> {
    std::fs::write(path, contents)
        .map_err(|error| Error::new(format!("cannot write {}: {error}", path.display())))
}

/// Makes a folder and its parents; the error names it.
pub(crate) fn create_dir(path: &Path) -> Result<()> {
    std::fs::create_dir_all(path).map_err(|error| {
        Error::new(format!(
            "cannot make the folder {}: {error}",
            path.display()
        ))
    })
}
