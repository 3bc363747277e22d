//! The prepared files. One file serves all downloads of a beat in a format. Its name contains a fingerprint of the
//! beat's data, so that a changed beat gets another file.

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use dashboard_model::{Beat, DownloadFormat};
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use crate::{
    app::App,
    db::column_codec::word,
    failure::{Failure, Result},
    random,
};

/// The number of files that are encoded at a time. Each encoder keeps a core busy.
pub const ENCODERS_MAX: usize = 2;

/// Returns the file of a beat, and encodes it if it does not exist. `progress` gets the completed share in percent
/// and returns whether to continue.
///
/// # Errors
/// When the file cannot be written, or `progress` returns false.
pub async fn ensure(
    app: &App,
    beat: Beat,
    format: DownloadFormat,
    progress: impl Fn(u8) -> bool + Send + 'static,
) -> Result<PathBuf> {
    let _permit = app.encoders.acquire().await.map_err(Failure::broken)?;
    let folder = app.config.files();
    Ok(spawn_blocking(move || find_or_encode(&folder, &beat, format, progress)).await??)
}

fn find_or_encode(
    folder: &Path,
    beat: &Beat,
    format: DownloadFormat,
    progress: impl Fn(u8) -> bool,
) -> io::Result<PathBuf> {
    let path = folder.join(name(beat, format));
    if path.is_file() {
        // The cleanup deletes files by age.
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
        // A file that cannot be deleted now goes with the next cleanup.
        let _: io::Result<()> = fs::remove_file(&unfinished);
        return Err(error);
    }
    Ok(path)
}

fn name(beat: &Beat, format: DownloadFormat) -> String {
    let data = format!("{}|{}|{}|{}", beat.id, beat.bpm, beat.key, beat.duration_ms);
    let digest = Sha256::digest(data.as_bytes());
    let fingerprint: String = digest[..8].iter().map(|b| format!("{b:02x}")).collect();
    format!("{fingerprint}.{}", word(&format))
}

/// Deletes files that nobody has used for `age`.
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
    fn j6_a_stopped_encoder_leaves_no_file() {
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
        let stopped = find_or_encode(&folder, &beat, DownloadFormat::Wav, progress);
        assert_eq!(stopped.unwrap_err().kind(), io::ErrorKind::Interrupted);
        assert!(last.get() < 20, "stopped at {} percent", last.get());
        let left = fs::read_dir(&folder).expect("a folder").count();
        fs::remove_dir_all(&folder).expect("removed");
        assert_eq!(left, 0);
    }
}
