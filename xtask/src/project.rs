//! Where things are in this repository.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result, read};

/// The repository that is worked on.
#[derive(Debug, Clone)]
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    /// The repository around this crate.
    pub(crate) fn find() -> Result<Self> {
        // Cargo's word at this run first: two clones that share a target folder share this binary too.
        let crate_dir = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = crate_dir
            .parent()
            .ok_or_else(|| Error::new("xtask lies in no repository"))?;
        Ok(Self {
            root: root.to_path_buf(),
        })
    }

    /// The top folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// `relative` below the top folder.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Cargo's target folder: `CARGO_TARGET_DIR` where set, else `target/`.
    pub(crate) fn target(&self) -> PathBuf {
        let folder = std::env::var_os("CARGO_TARGET_DIR");
        self.root.join(folder.unwrap_or_else(|| "target".into()))
    }

    /// The release application.
    pub(crate) fn dist(&self) -> PathBuf {
        self.path("dist")
    }

    /// The version that `Cargo.lock` holds of a package.
    pub(crate) fn locked_version(&self, package: &str) -> Result<String> {
        let lock = read(&self.path("Cargo.lock"))?;
        version_in(&lock, package)
            .ok_or_else(|| Error::new(format!("Cargo.lock does not name {package}")))
    }
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.next()?;
    let version = lines.next()?.strip_prefix("version = \"")?;
    version.strip_suffix('"').map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::version_in;

    #[test]
    fn the_locked_version_is_that_of_the_whole_name() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.50\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(lock, "wasm"), None);
    }
}
