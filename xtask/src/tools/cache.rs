//! The folder of the tools, and how two runs at once share it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::error::{Error, Result, create_dir, fail};

/// Where `cargo install` compiles, below the tool folder; tools share what they have in common.
const BUILD: &str = ".build";
/// How the name of a folder begins while something is put into it.
const UNFINISHED: &str = ".new-";

/// The folder of the tools: `XTASK_TOOLS`, else `xtask-tools` in cargo's home.
pub(crate) fn folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("XTASK_TOOLS") {
        return std::path::absolute(folder)
            .map_err(|error| Error::new(format!("XTASK_TOOLS is not a path: {error}")));
    }
    if let Some(home) = std::env::var_os("CARGO_HOME") {
        return Ok(PathBuf::from(home).join("xtask-tools"));
    }
    match std::env::home_dir() {
        Some(home) => Ok(home.join(".cargo").join("xtask-tools")),
        None => fail("no home folder: set XTASK_TOOLS to a folder for the tools"),
    }
}

/// Where tools are compiled.
pub(super) fn build_folder() -> Result<PathBuf> {
    Ok(folder()?.join(BUILD))
}

/// Frees the disk that compiling took; the tools themselves stay. After a failure the next run goes on with what is there.
pub(super) fn drop_build_folder_after(result: &Result<()>) {
    let Ok(build) = build_folder() else { return };
    if result.is_ok()
        && build.exists()
        && let Ok(lock) = lock_file(false)
    {
        // A failure costs disk space, nothing else.
        let _ = std::fs::remove_dir_all(build);
        drop(lock);
    }
}

/// Puts something into the folder `home` with `fill`, unless it is there; whole or not at all.
pub(super) fn install(
    what: &str,
    home: &Path,
    is_there: impl Fn() -> bool,
    fill: impl FnOnce(&Path) -> Result<()>,
) -> Result<()> {
    once(what, home, is_there, || {
        let staging = staging(home)?;
        let installed = fill(&staging).and_then(|()| publish(&staging, home));
        if installed.is_err() {
            // The reason is worth more than a failure to clean up after it.
            let _ = std::fs::remove_dir_all(&staging);
        }
        installed
    })
}

/// Installs something unless it is there, one run at a time: a second run waits and then finds it there.
pub(super) fn once(
    what: &str,
    home: &Path,
    is_there: impl Fn() -> bool,
    install: impl FnOnce() -> Result<()>,
) -> Result<()> {
    if is_there() {
        return Ok(());
    }
    let _lock = lock()?;
    if is_there() {
        return Ok(());
    }
    println!("tools: installing {what} into {}", home.display());
    let started = Instant::now();
    install()?;
    let seconds = started.elapsed().as_secs();
    println!("tools: installed {what}, after {seconds} s");
    Ok(())
}

/// Held while something is installed. The operating system lets go of it when the process ends, however it ends.
fn lock() -> Result<File> {
    let lock = lock_file(true)?;
    // Nobody else installs now, so what is unfinished was left by a run that was cut off.
    for entry in std::fs::read_dir(folder()?)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(lock)
}

fn lock_file(wait: bool) -> Result<File> {
    let folder = folder()?;
    create_dir(&folder)?;
    let path = folder.join(".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|error| Error::new(format!("cannot open {}: {error}", path.display())))?;
    if file.try_lock().is_ok() {
        return Ok(file);
    }
    if !wait {
        return fail("another run holds the tool folder");
    }
    println!(
        "tools: waiting for another run that installs into {}",
        folder.display()
    );
    file.lock()
        .map_err(|error| Error::new(format!("cannot lock {}: {error}", path.display())))?;
    Ok(file)
}

/// A new empty folder beside `wanted`, to be moved there when it is complete.
fn staging(wanted: &Path) -> Result<PathBuf> {
    let name = wanted.file_name().unwrap_or_default().to_string_lossy();
    let staging = wanted.with_file_name(format!("{UNFINISHED}{name}"));
    create_dir(&staging)?;
    Ok(staging)
}

/// Moves a complete `staging` to `wanted`, in place of a broken one if there is one.
fn publish(staging: &Path, wanted: &Path) -> Result<()> {
    if wanted.exists() {
        std::fs::remove_dir_all(wanted)?;
    }
    std::fs::rename(staging, wanted).map_err(|error| {
        Error::new(format!(
            "cannot move {} to {}: {error}",
            staging.display(),
            wanted.display()
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::{publish, staging};

    #[test]
    fn a_complete_folder_takes_the_place_of_a_broken_one() {
        let home = std::env::temp_dir().join(format!("xtask-cache-{}", std::process::id()));
        let wanted = home.join("tool-1.0.0");
        std::fs::create_dir_all(&wanted).expect("temporary folder");
        std::fs::write(wanted.join("broken"), "").expect("file");

        let new = staging(&wanted).expect("staging");
        std::fs::write(new.join("whole"), "").expect("file");
        publish(&new, &wanted).expect("publish");

        assert!(wanted.join("whole").exists());
        assert!(!wanted.join("broken").exists());
        assert!(!new.exists());
        std::fs::remove_dir_all(home).expect("clean up");
    }
}
