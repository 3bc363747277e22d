//! Password hashes: argon2id with the parameters of OWASP's password storage guide (19 MiB, two passes, one lane). A
//! hash takes a core tens of milliseconds, so hashing runs on blocking threads, a few at a time.
//!
//! A password is hashed in Unicode NFC, because systems type the same characters as different bytes.

use std::{
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
    time::Duration,
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        PasswordHasher,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};
use dashboard_model::limits::PASSWORD_BYTES_MAX;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};
use unicode_normalization::UnicodeNormalization;

use crate::{
    failure::{Failure, Result},
    random,
};

/// The minimum length of a password, in characters (NIST SP 800-63B asks for at least eight).
const PASSWORD_CHARS_MIN: usize = 8;

/// The number of hashes at a time, if there are more cores. Each takes a core, and 19 MiB for as long as the server
/// runs.
const HASHES_MAX: usize = 4;

/// The number of callers that may wait for a hash: about two seconds of work for one core.
const WAITING_MAX: usize = 64;

/// When a caller should come back after a full queue.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Verifies passwords.
#[derive(Debug)]
pub struct Passwords {
    /// A permit belongs to the work and not to the caller, whose leaving does not end the work.
    hashes: Arc<Semaphore>,
    waiting: Semaphore,
    /// The memory of the hashes that do not run now. It is used again, because an allocator keeps blocks of this size
    /// once for each thread.
    memory: Arc<Mutex<Vec<Vec<Block>>>>,
    /// A hash that no password has. An unknown account is checked against it, so that the response time reveals
    /// nothing.
    decoy: String,
}

impl Passwords {
    /// Creates the verifier and its decoy.
    ///
    /// # Errors
    /// When the decoy cannot be written.
    pub fn new() -> Result<Self> {
        let cores = available_parallelism().map_or(1, usize::from);
        Ok(Self {
            hashes: Arc::new(Semaphore::new(cores.min(HASHES_MAX))),
            waiting: Semaphore::new(WAITING_MAX),
            memory: Arc::default(),
            decoy: decoy()?.to_string(),
        })
    }

    /// The number of callers that wait for a hash.
    #[must_use]
    pub fn waiting(&self) -> usize {
        WAITING_MAX - self.waiting.available_permits()
    }

    /// Whether a password matches a hash. Takes the same time if there is no hash.
    ///
    /// # Errors
    /// `unavailable` when too many callers wait already, or when the stored hash is malformed.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let permit = self.permit().await?;
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        let memory = Arc::clone(&self.memory);
        spawn_blocking(move || {
            let _permit = permit;
            let unused = || memory.lock().unwrap_or_else(PoisonError::into_inner);
            let mut blocks = unused().pop().unwrap_or_default();
            let normal: String = password.nfc().collect();
            let mut verified = matches(&normal, &hash, &mut blocks);
            // Older servers hashed the bytes as they were typed.
            if matches!(verified, Ok(false)) && normal != password {
                verified = matches(&password, &hash, &mut blocks);
            }
            unused().push(blocks);
            Ok(known && verified?)
        })
        .await?
    }

    /// The hash of a password, after its turn.
    ///
    /// # Errors
    /// `unavailable` when too many callers wait already.
    pub async fn hash(&self, password: String) -> Result<String> {
        let permit = self.permit().await?;
        spawn_blocking(move || {
            let _permit = permit;
            hash_now(&password)
        })
        .await?
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        let waiting = self.waiting.try_acquire();
        let _waiting = waiting.map_err(|_full| Failure::unavailable(RETRY_AFTER))?;
        let permit = Arc::clone(&self.hashes).acquire_owned().await;
        permit.map_err(Failure::broken)
    }
}

/// Checks the length of a new password.
///
/// # Errors
/// What a password must be.
pub fn check_new(password: &str) -> Result<(), &'static str> {
    if password.nfc().count() < PASSWORD_CHARS_MIN || password.len() > PASSWORD_BYTES_MAX {
        return Err("a password must have at least 8 characters and at most 1024 bytes");
    }
    Ok(())
}

/// Whether a password has this hash.
fn matches(password: &str, hash: &str, blocks: &mut Vec<Block>) -> Result<bool> {
    let hash = PasswordHash::new(hash).map_err(Failure::broken)?;
    let params = Params::try_from(&hash).map_err(Failure::broken)?;
    let algorithm = Algorithm::try_from(hash.algorithm.as_str()).map_err(Failure::broken)?;
    let version = hash.version.map(Version::try_from).transpose();
    let version = version.map_err(Failure::broken)?.unwrap_or_default();
    let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else {
        return Err(Failure::broken("a hash without salt or output"));
    };
    if blocks.len() < params.block_count() {
        blocks.resize(params.block_count(), Block::new());
    }
    let mut output = vec![0; expected.len()];
    Argon2::new(algorithm, version, params)
        .hash_password_into_with_memory(password.as_bytes(), &salt, &mut output, blocks)
        .map_err(Failure::broken)?;
    // `Output` compares in constant time.
    Ok(Output::new(&output).map_err(Failure::broken)? == expected)
}

/// A hash with the parameters of [`hash`] and a random output.
fn decoy() -> Result<PasswordHash> {
    let params = Params::default();
    Ok(PasswordHash {
        algorithm: Algorithm::default().ident(),
        version: Some(Version::default().into()),
        params: ParamsString::try_from(&params).map_err(Failure::broken)?,
        salt: Some(Salt::new(&random::bytes::<16>()).map_err(Failure::broken)?),
        hash: Some(Output::new(&random::bytes::<32>()).map_err(Failure::broken)?),
    })
}

/// The hash of a password, with its salt and parameters.
///
/// # Errors
/// When hashing fails.
pub async fn hash(password: String) -> Result<String> {
    spawn_blocking(move || hash_now(&password)).await?
}

fn hash_now(password: &str) -> Result<String> {
    let normal: String = password.nfc().collect();
    let hash = Argon2::default().hash_password(normal.as_bytes());
    Ok(hash.map_err(Failure::broken)?.to_string())
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn verifier() -> Passwords {
        Passwords::new().expect("a decoy")
    }

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_is_verified() {
        let passwords = verifier();
        let hash = hash("right".to_owned()).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(
            passwords
                .decoy
                .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
        );
        let verify =
            |password: &str, hash: Option<String>| passwords.verify(password.to_owned(), hash);
        assert!(verify("right", Some(hash.clone())).await.expect("checked"));
        assert!(!verify("wrong", Some(hash.clone())).await.expect("checked"));
        assert!(!verify("right", None).await.expect("checked"));
        // In memory that other hashes have used.
        assert!(verify("right", Some(hash)).await.expect("checked"));
        assert_eq!(passwords.memory.lock().expect("no panic").len(), 1);
        assert!(
            verify("right", Some("$argon2id$v=19".to_owned()))
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn a_password_is_the_same_however_a_system_composes_its_characters() {
        let passwords = verifier();
        let verify = async |password: &str, hash: &str| {
            let verified = passwords.verify(password.to_owned(), Some(hash.to_owned()));
            verified.await.expect("checked")
        };
        let (composed, decomposed) = ("p\u{e4}ssword", "pa\u{308}ssword");
        for password in [composed, decomposed] {
            let hash = hash(password.to_owned()).await.expect("a hash");
            assert!(verify(composed, &hash).await && verify(decomposed, &hash).await);
            assert!(!verify("passwo\u{308}rd", &hash).await);
        }
        // The hash of an older server is that of the bytes.
        let old = Argon2::default().hash_password(decomposed.as_bytes());
        let old = old.expect("a hash").to_string();
        assert!(verify(decomposed, &old).await && !verify(composed, &old).await);
    }

    #[test]
    fn a_new_password_is_measured_in_composed_characters() {
        assert!(check_new("pa\u{308}sswor").is_err());
        assert!(check_new("pa\u{308}ssword").is_ok());
        assert!(check_new(&"a".repeat(PASSWORD_BYTES_MAX)).is_ok());
        assert!(check_new(&"a".repeat(PASSWORD_BYTES_MAX + 1)).is_err());
    }

    #[tokio::test]
    async fn a_hash_keeps_its_permit_when_its_caller_leaves() {
        let passwords = verifier();
        let hashes = passwords.hashes.available_permits();
        let memory = Arc::clone(&passwords.memory);
        {
            // The work waits for the memory.
            let _held = memory.lock().expect("no panic");
            for _ in 0..hashes {
                let mut caller = Box::pin(passwords.verify("right".to_owned(), None));
                assert!(caller.as_mut().now_or_never().is_none());
            }
            assert_eq!(passwords.hashes.available_permits(), 0);
            let mut next = Box::pin(passwords.verify("right".to_owned(), None));
            assert!(next.as_mut().now_or_never().is_none());
        }
        let all = u32::try_from(hashes).expect("a few");
        assert!(passwords.hashes.acquire_many(all).await.is_ok());
        assert!(memory.lock().expect("no panic").len() <= hashes);
    }

    #[tokio::test]
    async fn sixty_four_callers_may_wait_and_not_one_more() {
        let passwords = verifier();
        let all = u32::try_from(passwords.hashes.available_permits()).expect("a few");
        let _busy = passwords.hashes.acquire_many(all).await.expect("open");
        let caller = || Box::pin(passwords.verify("right".to_owned(), None));
        let mut waiting = Vec::new();
        for _ in 0..WAITING_MAX {
            let mut caller = caller();
            assert!(caller.as_mut().now_or_never().is_none());
            waiting.push(caller);
        }
        let Some(Err(Failure::Rejected(problem))) = caller().now_or_never() else {
            panic!("the queue is full");
        };
        assert_eq!((problem.status, problem.retry_after_ms), (503, Some(2000)));
        waiting.pop();
        assert!(caller().now_or_never().is_none());
    }
}
