//! The built application inside the program, with the feature `embed`.

use std::io;

use tempfile::TempDir;

#[cfg(feature = "embed")]
static APPLICATION: include_dir::Dir<'_> = include_dir::include_dir!("$CARGO_MANIFEST_DIR/../dist");

/// Unpacks the application into a new folder, which goes with the value. Returns `None` if the program has none.
///
/// # Errors
/// When the folder cannot be written.
#[cfg(feature = "embed")]
pub fn unpack() -> io::Result<Option<TempDir>> {
    let folder = TempDir::with_prefix("dashboard-")?;
    APPLICATION.extract(folder.path())?;
    Ok(Some(folder))
}

/// Returns `None`: the program has no application.
///
/// # Errors
/// Never.
#[cfg(not(feature = "embed"))]
pub const fn unpack() -> io::Result<Option<TempDir>> {
    Ok(None)
}

#[cfg(all(test, feature = "embed"))]
mod tests {
    use super::*;

    #[test]
    fn the_application_is_unpacked_until_the_value_goes() {
        let folder = unpack().expect("a folder").expect("an application");
        let page = folder.path().join("index.html");
        let text = std::fs::read_to_string(&page).expect("a page");
        assert!(text.contains("<html"));
        drop(folder);
        assert!(!page.exists());
    }
}
