//! Every process that we start leads a process group of its own, and none outlives us: a signal that
//! ends us ends the groups first.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// Leaders of the groups that run now.
static LIVE: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Whether a signal is ending us.
static ENDING: AtomicBool = AtomicBool::new(false);

/// How long a group may take to end itself before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// A running process and all that it started. Dropping it ends the group.
#[derive(Debug)]
pub(crate) struct Group {
    child: Child,
    ended: bool,
}

impl Group {
    /// Starts `command` as the leader of a group, without standard input.
    ///
    /// # Errors
    /// The program could not be started.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let program = command.get_program().to_string_lossy().into_owned();
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let child = command
            .stdin(Stdio::null())
            .spawn()
            .map_err(|error| Error::new(format!("cannot start {program}: {error}")))?;
        lock().push(child.id());
        Ok(Self {
            child,
            ended: false,
        })
    }

    /// The process that leads.
    pub(crate) fn leader(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits until the leader has ended; true if it ended well.
    pub(crate) fn wait(&mut self) -> Result<bool> {
        let status = self.child.wait()?;
        self.leave_the_end_to_the_signal();
        self.forget_group();
        Ok(status.success())
    }

    /// How the leader ended, or nothing while it runs.
    pub(crate) fn poll(&mut self) -> Result<Option<bool>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.forget_group();
        }
        // Reaped, but not told: see below.
        let status = status.filter(|_| !ENDING.load(Ordering::SeqCst));
        Ok(status.map(|status| status.success()))
    }

    /// Ends the group: asked first, killed after [`GRACE`].
    pub(crate) fn end(&mut self) {
        if self.ended {
            return;
        }
        // The group is what the leader left behind, and the leader itself if it did not listen.
        end_groups(&[self.child.id()], || {
            !matches!(self.child.try_wait(), Ok(None))
        });
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        self.forget_group();
    }

    /// A process that ended because we are being ended has not failed: nothing more is to be said, and
    /// the thread that took the signal ends us.
    fn leave_the_end_to_the_signal(&mut self) {
        if ENDING.load(Ordering::SeqCst) {
            self.forget_group();
            loop {
                std::thread::park();
            }
        }
    }

    fn forget_group(&mut self) {
        self.ended = true;
        let id = self.child.id();
        lock().retain(|live| *live != id);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// Ends all groups, and then us, when a signal says so.
#[cfg(unix)]
pub(crate) fn end_them_with_us() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]) else {
        return;
    };
    std::thread::spawn(move || {
        let Some(signal) = signals.forever().next() else {
            return;
        };
        ENDING.store(true, Ordering::SeqCst);
        let live = lock().clone();
        end_groups(&live, || {
            lock().is_empty() || !live.iter().any(|id| signal_group(*id, "0"))
        });
        std::process::exit(128 + signal);
    });
}

/// Elsewhere the console ends the whole tree by itself.
#[cfg(not(unix))]
pub(crate) fn end_them_with_us() {}

/// Asks groups to end themselves, and kills them after [`GRACE`].
fn end_groups(leaders: &[u32], mut have_ended: impl FnMut() -> bool) {
    for leader in leaders {
        signal_group(*leader, "TERM");
    }
    let asked = Instant::now();
    while asked.elapsed() < GRACE && !have_ended() {
        std::thread::sleep(Duration::from_millis(50));
    }
    for leader in leaders {
        signal_group(*leader, "KILL");
    }
}

/// Sends a signal to a group. Returns whether there is one.
fn signal_group(leader: u32, signal: &str) -> bool {
    cfg!(unix)
        && Command::new("kill")
            .args([&format!("-{signal}"), "--", &format!("-{leader}")])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
}

fn lock() -> std::sync::MutexGuard<'static, Vec<u32>> {
    LIVE.lock().unwrap_or_else(PoisonError::into_inner)
}
