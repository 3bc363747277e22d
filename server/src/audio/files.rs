//! The prepared files. One file serves all downloads of the same beat in the same format; its name holds a
//! fingerprint of the beat's data, so that a changed beat gets another file.

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use dashboard_protocol::{Beat, DownloadFormat};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use crate::{app::App, db::column_codec::word, failure::Failure, random};

/// Files that are made at a time: each keeps a core busy.
pub const MADE_AT_A_TIME: usize = 2;

/// The file of a beat, made if it is missing. `progress` is told the share that is done, in percent, and says whether
/// to go on.
///
/// # Errors
/// When the file cannot be written, or `progress` has said to stop.
pub async fn ensure(
    app: &App,
    beat: Beat,
    format: DownloadFormat,
    progress: impl Fn(u8) -> bool + Send + 'static,
) -> Result<PathBuf, Failure> {
    let _turn = app
        .encoders
        .acquire()
        .await
        .map_err(|error| Failure::Broken(error.into()))?;
    let folder = app.config.files();
    Ok(spawn_blocking(move || make(&folder, &beat, format, progress)).await??)
}

fn make(
    folder: &Path,
    beat: &Beat,
    format: DownloadFormat,
    progress: impl Fn(u8) -> bool,
) -> io::Result<PathBuf> {
    let path = folder.join(name(beat, format));
    if path.is_file() {
        // Young again: cleaning goes by the age.
        File::options()
            .append(true)
            .open(&path)?
            .set_modified(SystemTime::now())?;
        return Ok(path);
    }
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!("{}.part", random::id()));
    let written = File::create_new(&unfinished)
        .and_then(|file| super::write(beat, format, BufWriter::new(file), progress))
        .and_then(|()| fs::rename(&unfinished, &path));
    if let Err(error) = written {
        // What cannot be removed now goes with the next cleaning.
        let _: io::Result<()> = fs::remove_file(&unfinished);
        return Err(error);
    }
    Ok(path)
}

fn name(beat: &Beat, format: DownloadFormat) -> String {
    let data = format!("{}|{}|{}|{}", beat.id, beat.bpm, beat.key, beat.duration_ms);
    let digest = Sha256::digest(data.as_bytes());
    let mark: String = digest[..8].iter().map(|b| format!("{b:02x}")).collect();
    format!("{mark}.{}", word(&format))
}

/// Deletes files that nobody has wanted for `age`.
///
/// # Errors
/// When the folder cannot be read.
pub fn clean(folder: &Path, age: Duration) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let modified = entry.metadata()?.modified()?;
        if modified.elapsed().is_ok_and(|old| old > age) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn j6_a_maker_that_is_told_to_stop_does_so_at_once_and_leaves_nothing() {
        let folder = std::env::temp_dir().join(random::id());
        let beat = Beat {
            duration_ms: 60_000,
            ..Beat::default()
        };
        let last = Cell::new(0);
        let progress = |percent| {
            last.set(percent);
            percent < 10
        };
        let stopped = make(&folder, &beat, DownloadFormat::Wav, progress);
        assert_eq!(stopped.unwrap_err().kind(), io::ErrorKind::Interrupted);
        assert!(last.get() < 20, "stopped at {} percent", last.get());
        let left = fs::read_dir(&folder).expect("a folder").count();
        fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(left, 0);
    }
}
