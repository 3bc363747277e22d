//! Running programs: quietly, or with their output followed line by line, and never without end.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use crate::children::Group;
use crate::error::{Result, fail};

/// The longest that one program may run. A tool that is built from source on two busy cores takes most of an hour.
const LONGEST_RUN: Duration = Duration::from_secs(120 * 60);

/// A command that sees the environment as it was before `cargo run` added to it, so that the same
/// cargo call is fresh whether it is made by us or by hand.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs a program, giving each line of its output to `on_line`; true if it ended well.
pub(crate) fn follow(command: &mut Command, mut on_line: impl FnMut(&str)) -> Result<bool> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut group = Group::start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let (lines, received) = channel();
    if let Some(stdout) = group.leader().stdout.take() {
        read_lines(stdout, lines.clone());
    }
    if let Some(stderr) = group.leader().stderr.take() {
        read_lines(stderr, lines);
    }
    let started = Instant::now();
    loop {
        match received.recv_timeout(LONGEST_RUN.saturating_sub(started.elapsed())) {
            Ok(line) => on_line(&line),
            Err(RecvTimeoutError::Disconnected) => return group.wait(),
            Err(RecvTimeoutError::Timeout) => {
                group.end();
                return fail(format!(
                    "{program} was ended: it ran for more than {} minutes",
                    LONGEST_RUN.as_secs() / 60
                ));
            }
        }
    }
}

fn read_lines(source: impl Read + Send + 'static, lines: Sender<String>) {
    std::thread::spawn(move || {
        let mut source = BufReader::new(source);
        let mut bytes = Vec::new();
        while source
            .read_until(b'\n', &mut bytes)
            .is_ok_and(|count| count > 0)
        {
            let line = String::from_utf8_lossy(&bytes);
            if lines.send(line.trim_end().to_owned()).is_err() {
                break;
            }
            bytes.clear();
        }
    });
}

/// Runs a program and shows its output as it comes; an error unless it ended well.
pub(crate) fn show(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    if follow(command, |line| println!("{line}"))? {
        Ok(())
    } else {
        fail(format!("{program} failed"))
    }
}

/// Runs a program that says little; its output is shown only in the error.
pub(crate) fn quiet(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut output = Vec::new();
    if follow(command, |line| output.push(line.to_owned()))? {
        Ok(())
    } else {
        fail(format!("{program} failed:\n{}", output.join("\n")))
    }
}

/// The first line that a program writes for `--version`, if it runs at all.
pub(crate) fn version(program: impl AsRef<OsStr>) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().next().map(|line| line.trim().to_owned())
}

/// The path of a program on `PATH`.
pub(crate) fn on_path(program: &str) -> Option<std::path::PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths)
        .map(|folder| folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
        .find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::{command, follow};

    #[cfg(unix)]
    #[test]
    fn both_streams_are_followed_and_the_end_is_told() {
        let mut lines = Vec::new();
        let ended_well = follow(
            command("sh").args(["-c", "echo out; echo err >&2; exit 3"]),
            |line| lines.push(line.to_owned()),
        )
        .expect("sh runs");
        lines.sort();
        assert!(!ended_well);
        assert_eq!(lines, ["err", "out"]);
    }
}
