//! Passwords: argon2id with the parameters that OWASP's password storage guide names (19 MiB, two passes, one lane).
//! Hashing takes tens of milliseconds of a core, so it happens beside the async threads, a few at a time.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{failure::Failure, random};

/// Hashes at a time. Each takes 19 MiB and a core.
const AT_A_TIME: usize = 4;

/// Makes and checks password hashes.
#[derive(Debug)]
pub struct Passwords {
    turns: Semaphore,
    /// The hash of a password that nobody has: checked when an account is unknown, so that the time tells nothing.
    decoy: String,
}

impl Passwords {
    /// Prepares for checking.
    ///
    /// # Errors
    /// When hashing fails.
    pub async fn new() -> Result<Self, Failure> {
        Ok(Self {
            turns: Semaphore::new(AT_A_TIME),
            decoy: hash(random::secret()).await?,
        })
    }

    /// Whether a password fits a hash; takes as long when there is no hash.
    ///
    /// # Errors
    /// When the stored hash cannot be read.
    pub async fn fits(&self, password: String, hash: Option<String>) -> Result<bool, Failure> {
        let _turn = self
            .turns
            .acquire()
            .await
            .map_err(|error| Failure::Broken(error.into()))?;
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.clone());
        spawn_blocking(move || {
            let hash = PasswordHash::new(&hash).map_err(|error| Failure::Broken(error.into()))?;
            let fits = Argon2::default().verify_password(password.as_bytes(), &hash);
            Ok(known && fits.is_ok())
        })
        .await?
    }
}

/// The hash of a password, with its salt and parameters.
///
/// # Errors
/// When hashing fails.
pub async fn hash(password: String) -> Result<String, Failure> {
    spawn_blocking(move || {
        let hash = Argon2::default()
            .hash_password(password.as_bytes())
            .map_err(|error| Failure::Broken(error.into()))?;
        Ok(hash.to_string())
    })
    .await?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits_and_an_unknown_account_never_does() {
        let passwords = Passwords::new().await.expect("a decoy");
        let hash = hash("right".to_owned()).await.expect("a hash");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let fits = |password: &str, hash: Option<String>| passwords.fits(password.to_owned(), hash);
        assert!(fits("right", Some(hash.clone())).await.expect("checked"));
        assert!(!fits("wrong", Some(hash)).await.expect("checked"));
        assert!(!fits("right", None).await.expect("checked"));
    }
}
