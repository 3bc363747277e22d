//! Release archives, where their host can be reached. Whether it can is found out once a run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::error::{Error, Result, create_dir, fail};
use crate::process::{command, on_path, quiet};

/// Seconds to wait for the host before building from source.
const CONNECT_SECONDS: &str = "5";
/// Seconds that one archive may take.
const DOWNLOAD_SECONDS: &str = "300";

/// Puts the `programs` of the archive at `url` into `bin`.
///
/// # Errors
/// The host cannot be reached, or the archive is not what it should be.
pub(super) fn fetch(url: &str, programs: &[&str], bin: &Path) -> Result<()> {
    static REACHED: OnceLock<bool> = OnceLock::new();
    let host = host_of(url);
    let reached = *REACHED.get_or_init(|| {
        let reached = reaches(host);
        if !reached {
            println!("tools: {host} cannot be reached, so tools are built from crates.io");
        }
        reached
    });
    if !reached {
        return fail(format!("{host} cannot be reached"));
    }
    unpack(url, programs, bin)
}

fn unpack(url: &str, programs: &[&str], bin: &Path) -> Result<()> {
    const ARCHIVE: &str = "archive.tar.gz";
    let unpacked = bin.with_file_name("unpacked");
    create_dir(&unpacked)?;
    create_dir(bin)?;
    let archive = unpacked.join(ARCHIVE);
    quiet(
        curl(DOWNLOAD_SECONDS)
            .args(["--fail", "--show-error", "--location", "--output"])
            .args([archive.as_os_str(), url.as_ref()]),
    )?;
    quiet(
        command("tar")
            .args(["-xzf", ARCHIVE])
            .current_dir(&unpacked),
    )?;
    for program in programs {
        let found = find(&unpacked, program)
            .ok_or_else(|| Error::new(format!("{url} holds no {program}")))?;
        std::fs::rename(found, bin.join(program))?;
    }
    std::fs::remove_dir_all(unpacked)?;
    Ok(())
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// Whether a host answers within [`CONNECT_SECONDS`].
pub(crate) fn reaches(host: &str) -> bool {
    on_path("curl").is_some()
        && curl(CONNECT_SECONDS)
            .args(["--head", "--output", "/dev/null"])
            .arg(format!("https://{host}"))
            .status()
            .is_ok_and(|status| status.success())
}

fn curl(seconds: &str) -> Command {
    let mut curl = command("curl");
    curl.args(["--silent", "--connect-timeout", CONNECT_SECONDS])
        .args(["--max-time", seconds]);
    curl
}

fn find(folder: &Path, program: &str) -> Option<PathBuf> {
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if entry.file_name() == *program {
                return Some(path);
            }
        }
    }
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::{host_of, unpack};
    use crate::process::{command, quiet, version};

    #[test]
    fn an_archive_with_a_folder_inside_gives_its_program() {
        let home = std::env::temp_dir().join(format!("xtask-prebuilt-{}", std::process::id()));
        let inside = home.join("tool-1.2.3-somewhere");
        std::fs::create_dir_all(&inside).expect("temporary folder");
        std::fs::write(inside.join("tool"), "#!/bin/sh\necho tool 1.2.3\n").expect("file");
        quiet(command("chmod").arg("+x").arg(inside.join("tool"))).expect("chmod");
        let archive = home.join("tool.tar.gz");
        quiet(
            command("tar")
                .arg("-czf")
                .arg(&archive)
                .arg("-C")
                .args([home.as_os_str(), "tool-1.2.3-somewhere".as_ref()]),
        )
        .expect("tar");

        let bin = home.join("installed").join("bin");
        unpack(&format!("file://{}", archive.display()), &["tool"], &bin).expect("unpack");

        assert_eq!(version(bin.join("tool")).as_deref(), Some("tool 1.2.3"));
        assert!(unpack(&format!("file://{}", archive.display()), &["other"], &bin).is_err());
        std::fs::remove_dir_all(home).expect("clean up");
    }

    #[test]
    fn the_host_is_what_stands_before_the_path() {
        assert_eq!(host_of("https://example.org/a/b"), "example.org");
    }
}
