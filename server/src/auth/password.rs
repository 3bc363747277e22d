//! Password hashes: argon2id with the parameters of OWASP's password storage guide (19 MiB, two passes, one lane). A
//! hash takes a core tens of milliseconds, so hashing runs on blocking threads, a few at a time.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{
    failure::{Failure, Result},
    random,
};

/// The number of hashes at a time. Each takes 19 MiB and a core.
const HASHES_MAX: usize = 4;

/// Verifies passwords.
#[derive(Debug)]
pub struct Passwords {
    permits: Semaphore,
    /// The hash of a random password. An unknown account is checked against it, so that the response time reveals
    /// nothing.
    decoy: String,
}

impl Passwords {
    /// Creates the verifier and its decoy.
    ///
    /// # Errors
    /// When hashing fails.
    pub async fn new() -> Result<Self> {
        Ok(Self {
            permits: Semaphore::new(HASHES_MAX),
            decoy: hash(random::secret()).await?,
        })
    }

    /// Whether a password matches a hash. Takes the same time if there is no hash.
    ///
    /// # Errors
    /// When the stored hash is malformed.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let _permit = self.permits.acquire().await.map_err(Failure::broken)?;
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        spawn_blocking(move || {
            let hash = PasswordHash::new(&hash).map_err(Failure::broken)?;
            let verified = Argon2::default().verify_password(password.as_bytes(), &hash);
            Ok(known && verified.is_ok())
        })
        .await?
    }
}

/// The hash of a password, with its salt and parameters.
///
/// # Errors
/// When hashing fails.
pub async fn hash(password: String) -> Result<String> {
    spawn_blocking(move || {
        let hash = Argon2::default()
            .hash_password(password.as_bytes())
            .map_err(Failure::broken)?;
        Ok(hash.to_string())
    })
    .await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_a_known_account_is_verified() {
        let passwords = Passwords::new().await.expect("a decoy");
        let hash = hash("right".to_owned()).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let verify =
            |password: &str, hash: Option<String>| passwords.verify(password.to_owned(), hash);
        assert!(verify("right", Some(hash.clone())).await.expect("checked"));
        assert!(!verify("wrong", Some(hash)).await.expect("checked"));
        assert!(!verify("right", None).await.expect("checked"));
    }
}
