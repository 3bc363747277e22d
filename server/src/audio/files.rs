//! The prepared files. One file serves all downloads of a beat in a format. Its name contains a fingerprint of the
//! beat's data, so that a changed beat gets another file.

use std::{
    fs::{self, File},
    io::{self, BufWriter},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use dashboard_model::{Beat, DownloadFormat};
use sha2::{Digest, Sha256};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{
    app::App,
    db::column_codec::word,
    failure::{Failure, Result},
    random,
};

/// The number of files that are encoded at a time. Each encoder keeps a core busy.
const RUNNING_MAX: usize = 2;

/// The maximum number of callers that wait for their file. The server answers `unavailable` to more.
const CALLERS_MAX: usize = 32;

/// Limits the encoders and the callers that wait for one.
#[derive(Debug)]
pub struct Encoders {
    running: Arc<Semaphore>,
    callers: Semaphore,
}

impl Default for Encoders {
    fn default() -> Self {
        Self {
            running: Arc::new(Semaphore::new(RUNNING_MAX)),
            callers: Semaphore::new(CALLERS_MAX),
        }
    }
}

impl Encoders {
    /// Runs an encoder on a thread of its own. It counts until it ends, even if its caller leaves before.
    ///
    /// # Errors
    /// `unavailable` if too many callers wait.
    async fn run<T: Send + 'static>(
        &self,
        encode: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let caller = self.callers.try_acquire();
        let _caller = caller.map_err(|_| Failure::busy())?;
        let running = Arc::clone(&self.running).acquire_owned().await;
        let running = running.map_err(Failure::broken)?;
        let encode = move || {
            let _running = running;
            encode()
        };
        Ok(spawn_blocking(encode).await?)
    }
}

/// Returns the file of a beat, and encodes it if it does not exist. `progress` gets the completed share in percent
/// and returns whether to continue.
///
/// # Errors
/// `unavailable` if too many callers wait or the server stops. A failure when the file cannot be written, or
/// `progress` returns false.
pub async fn ensure(
    app: &App,
    beat: Beat,
    format: DownloadFormat,
    progress: impl Fn(u8) -> bool + Send + 'static,
) -> Result<PathBuf> {
    let folder = app.config.files();
    let path = folder.join(name(&beat, format));
    let ready = path.clone();
    if spawn_blocking(move || find(&ready)).await?? {
        return Ok(path);
    }
    let shutdown = app.shutdown.clone();
    let progress = move |percent| !shutdown.is_cancelled() && progress(percent);
    let encode = move || find_or_encode(&folder, &beat, format, progress);
    match app.encoders.run(encode).await? {
        Err(_) if app.shutdown.is_cancelled() => Err(Failure::busy()),
        encoded => Ok(encoded?),
    }
}

/// Whether a file exists. Marks it as used, because the cleanup deletes files by age.
fn find(path: &Path) -> io::Result<bool> {
    let found = path.is_file();
    if found {
        let file = File::options().append(true).open(path)?;
        file.set_modified(SystemTime::now())?;
    }
    Ok(found)
}

fn find_or_encode(
    folder: &Path,
    beat: &Beat,
    format: DownloadFormat,
    progress: impl Fn(u8) -> bool,
) -> io::Result<PathBuf> {
    let path = folder.join(name(beat, format));
    // Another encoder may have been faster.
    if find(&path)? {
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

/// The name of a file. Files of one name have the same bytes.
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
    use std::{cell::Cell, future::poll_fn, pin::pin, sync::mpsc, task::Poll};

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn an_encoder_counts_until_it_ends_even_if_its_caller_leaves() {
        let encoders = Encoders::default();
        let (started, starts) = mpsc::channel();
        let mut ends = Vec::new();
        for number in 0..=RUNNING_MAX {
            let (end, ended) = mpsc::channel::<()>();
            let started = started.clone();
            let encode = move || {
                started.send(number).expect("the test runs");
                // Ends when the test drops the other side.
                ended.recv().is_ok()
            };
            let mut encoding = pin!(encoders.run(encode));
            // The caller leaves after its encoder has begun, or has begun to wait.
            let begun = poll_fn(|context| Poll::Ready(encoding.poll_unpin(context))).await;
            assert!(begun.is_pending());
            ends.push(end);
        }
        let mut running: Vec<usize> = (0..RUNNING_MAX)
            .map(|_| starts.recv().expect("started"))
            .collect();
        running.sort_unstable();
        assert_eq!(running, [0, 1]);
        assert_eq!(encoders.running.available_permits(), 0);
        drop(ends);
        encoders.run(|| ()).await.expect("a free encoder");
    }

    #[tokio::test]
    async fn one_caller_more_than_the_limit_is_rejected() {
        let encoders = Encoders::default();
        let callers = u32::try_from(CALLERS_MAX).expect("few");
        let others = encoders
            .callers
            .try_acquire_many(callers - 1)
            .expect("free");
        encoders.run(|| ()).await.expect("the last place");
        let last = encoders.callers.try_acquire().expect("free");
        assert!(matches!(
            encoders.run(|| ()).await,
            Err(Failure::Rejected(_))
        ));
        drop((others, last));
    }

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
