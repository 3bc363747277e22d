//! The sessions of the last second, so that the calls of a page do not read the same session again and again.
//!
//! A session that ends in this process is rejected as soon as [`SessionCache::clear`] returns. One that another process ends
//! is rejected when its entry has reached [`LIFE`].

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lru::LruCache;
use tokio::time::Instant;

use super::session::SignedIn;

/// How long an entry counts.
const LIFE: Duration = Duration::from_secs(1);

/// The maximum number of sessions. With more, the one that was used the longest ago goes.
const SESSIONS_MAX: usize = 4096;

/// The hash of the secret of a session.
pub type SecretHash = [u8; 32];

/// Sessions that were valid within the last second.
#[derive(Debug)]
pub struct SessionCache(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The number of times that the cache was cleared.
    cleared: u64,
    sessions: LruCache<SecretHash, (Instant, SignedIn)>,
}

/// What [`SessionCache::get`] knows of a session.
#[derive(Debug)]
pub enum Cached {
    /// It is valid.
    Valid(SignedIn),
    /// The database has to be asked, and the answer to be put in with this ticket.
    Unknown(Ticket),
}

/// Says when the database was asked: an answer from before the last clearing does not count.
#[derive(Debug)]
pub struct Ticket {
    cleared: u64,
    asked_at: Instant,
}

impl Default for SessionCache {
    fn default() -> Self {
        Self(Mutex::new(State {
            cleared: 0,
            sessions: LruCache::unbounded(),
        }))
    }
}

impl SessionCache {
    /// The session of a secret. `now_ms` is the time in milliseconds since 1970.
    #[must_use]
    pub fn get(&self, secret: &SecretHash, now_ms: i64) -> Cached {
        let now = Instant::now();
        let mut state = self.state();
        match state.sessions.get(secret) {
            Some((at, session))
                if now.duration_since(*at) < LIFE && session.expires_ms > now_ms =>
            {
                Cached::Valid(session.clone())
            }
            _ => Cached::Unknown(Ticket {
                cleared: state.cleared,
                asked_at: now,
            }),
        }
    }

    /// Puts in a session that the database has, unless the cache was cleared while the database was asked.
    pub fn put(&self, ticket: &Ticket, secret: SecretHash, session: SignedIn) {
        let mut state = self.state();
        if state.cleared != ticket.cleared {
            return;
        }
        state.sessions.put(secret, (ticket.asked_at, session));
        if state.sessions.len() > SESSIONS_MAX {
            state.sessions.pop_lru();
        }
    }

    /// Forgets all sessions. Whoever ends one calls this after the commit and before the answer.
    pub fn clear(&self) {
        let mut state = self.state();
        state.cleared += 1;
        state.sessions.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        db::users::Account,
        ids::{SessionId, UserId},
    };

    fn session() -> SignedIn {
        SignedIn {
            account: Account {
                id: UserId::from("ada"),
                email: String::new(),
                name: String::new(),
                demo: false,
                disabled: false,
            },
            session_id: SessionId::from("s"),
            expires_ms: 1000,
        }
    }

    fn secret(number: usize) -> SecretHash {
        let mut secret = [0; 32];
        secret[..8].copy_from_slice(&number.to_le_bytes());
        secret
    }

    /// The ticket of a secret that is not in the cache.
    fn ticket(cache: &SessionCache, secret: &SecretHash) -> Ticket {
        match cache.get(secret, 0) {
            Cached::Unknown(ticket) => ticket,
            Cached::Valid(session) => panic!("{session:?}"),
        }
    }

    fn put(cache: &SessionCache, number: usize) {
        let secret = secret(number);
        cache.put(&ticket(cache, &secret), secret, session());
    }

    fn is_valid(cache: &SessionCache, number: usize, now_ms: i64) -> bool {
        matches!(cache.get(&secret(number), now_ms), Cached::Valid(_))
    }

    #[tokio::test(start_paused = true)]
    async fn a_session_is_known_for_a_second_and_not_after_it_expires() {
        let cache = SessionCache::default();
        put(&cache, 1);
        tokio::time::advance(LIFE - Duration::from_millis(1)).await;
        assert!(is_valid(&cache, 1, 999));
        assert!(!is_valid(&cache, 1, 1000), "it has expired");
        assert!(!is_valid(&cache, 2, 0), "another secret");
        tokio::time::advance(Duration::from_millis(1)).await;
        assert!(!is_valid(&cache, 1, 999));
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_begins_when_the_database_is_asked() {
        let cache = SessionCache::default();
        let ticket = ticket(&cache, &secret(1));
        tokio::time::advance(LIFE).await;
        cache.put(&ticket, secret(1), session());
        assert!(!is_valid(&cache, 1, 0));
    }

    #[test]
    fn an_answer_from_before_a_sign_out_does_not_count() {
        let cache = SessionCache::default();
        put(&cache, 1);
        let late = ticket(&cache, &secret(2));
        cache.clear();
        assert!(!is_valid(&cache, 1, 0));
        cache.put(&late, secret(2), session());
        assert!(!is_valid(&cache, 2, 0));
        put(&cache, 2);
        assert!(is_valid(&cache, 2, 0));
    }

    #[test]
    fn the_session_of_the_longest_ago_goes_when_there_are_too_many() {
        let cache = SessionCache::default();
        for number in 0..SESSIONS_MAX {
            put(&cache, number);
        }
        assert!(is_valid(&cache, 0, 0), "all are kept");
        put(&cache, SESSIONS_MAX);
        assert!(is_valid(&cache, 0, 0) && !is_valid(&cache, 1, 0));
        assert_eq!(cache.state().sessions.len(), SESSIONS_MAX);
    }
}
