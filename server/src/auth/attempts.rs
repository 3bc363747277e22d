//! Rate limits of sign-ins. An attempt is charged when it begins, and only a failed one stays charged.
//!
//! A browser in which the account has signed in before is a known device. It has a budget of its own, which nobody else can
//! use up. All other callers share a budget for each address, one for each account from one address, and one for each
//! account. When the budget of an account is used up, attempts are delayed, so that its owner can still sign in on a new
//! device, unless too many wait.

use std::{net::IpAddr, time::Duration};

use tokio::time::sleep;

use crate::{
    failure::{Failure, Result},
    limiter::Buckets,
};

/// The failed attempts from one address with any account, and how many more per second.
const NETWORK_BURST: f64 = 50.0;
const NETWORK_RATE: f64 = 1.0 / 6.0;

/// The failed attempts with one account from one address, or from one known device.
const ONE_BURST: f64 = 10.0;
const ONE_RATE: f64 = 1.0 / 30.0;

/// The failed attempts with one account before the next one is delayed.
const ACCOUNT_BURST: f64 = 20.0;
const ACCOUNT_RATE: f64 = 1.0 / 3.0;

/// The maximum delay. The server rejects an attempt that would have to wait longer.
const DELAY_MAX: Duration = Duration::from_secs(9);

/// The budgets.
#[derive(Debug)]
pub struct Attempts {
    devices: Buckets<String>,
    networks: Buckets<IpAddr>,
    pairs: Buckets<(String, IpAddr)>,
    accounts: Buckets<String>,
}

/// An attempt to sign in.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The email address in lower case.
    pub account: String,
    /// The network of the caller.
    pub network: IpAddr,
    /// The device token of the browser, if the account has signed in there before.
    pub device: Option<String>,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            devices: Buckets::new(ONE_RATE, ONE_BURST),
            networks: Buckets::new(NETWORK_RATE, NETWORK_BURST),
            pairs: Buckets::new(ONE_RATE, ONE_BURST),
            accounts: Buckets::new(ACCOUNT_RATE, ACCOUNT_BURST),
        }
    }
}

impl Attempts {
    /// Starts an attempt, after its delay. It is refunded when the charge is dropped: because the password was right or was
    /// not checked.
    ///
    /// # Errors
    /// `rate_limited` when a budget is used up.
    pub async fn begin<'a>(&'a self, attempt: &'a Attempt) -> Result<Charge<'a>> {
        let delay = match &attempt.device {
            Some(device) => self
                .devices
                .take(device.clone(), 1.0)
                .map(|()| Duration::ZERO),
            None => self.delay_of_unknown(attempt),
        };
        let delay = delay.map_err(Failure::rate_limited)?;
        let charge = Charge {
            attempts: self,
            attempt,
            is_kept: false,
        };
        sleep(delay).await;
        Ok(charge)
    }

    fn delay_of_unknown(&self, attempt: &Attempt) -> Result<Duration, Duration> {
        let account = attempt.account.clone();
        let pair = (account.clone(), attempt.network);
        self.networks.take(attempt.network, 1.0)?;
        let taken = self.pairs.take(pair.clone(), 1.0);
        let reserved = taken.and_then(|()| {
            let reserved = self.accounts.reserve(account, 1.0, DELAY_MAX);
            reserved.inspect_err(|_| self.pairs.refund(&pair, 1.0))
        });
        // An attempt that may not begin costs nothing.
        reserved.inspect_err(|_| self.networks.refund(&attempt.network, 1.0))
    }

    fn forgive(&self, attempt: &Attempt) {
        let account = &attempt.account;
        if let Some(device) = &attempt.device {
            self.devices.refund(device, 1.0);
            return;
        }
        self.networks.refund(&attempt.network, 1.0);
        self.pairs.refund(&(account.clone(), attempt.network), 1.0);
        self.accounts.refund(account, 1.0);
    }
}

/// An attempt that was charged. Refunds it when it is dropped.
#[must_use = "the attempt is refunded as soon as this is dropped"]
#[derive(Debug)]
pub struct Charge<'a> {
    attempts: &'a Attempts,
    attempt: &'a Attempt,
    is_kept: bool,
}

impl Charge<'_> {
    /// Keeps the charge, because the password was wrong.
    pub fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for Charge<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            self.attempts.forgive(self.attempt);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::time::Instant;

    use super::*;

    fn attempt(account: &str, host: u32) -> Attempt {
        Attempt {
            account: account.to_owned(),
            network: Ipv4Addr::from_bits(host).into(),
            device: None,
        }
    }

    /// Whether an attempt may begin, which then fails.
    async fn fails(attempts: &Attempts, attempt: &Attempt) -> bool {
        attempts.begin(attempt).await.map(Charge::keep).is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn an_attempt_that_does_not_fail_costs_nothing() {
        let attempts = Attempts::default();
        let ada = attempt("ada@demo.test", 1);
        for _ in 0..100 {
            drop(attempts.begin(&ada).await.expect("it may begin"));
        }
        // Three of others wait, and no more may: that costs the fourth nothing either.
        for host in 2..22 {
            assert!(fails(&attempts, &attempt("ada@demo.test", host)).await);
        }
        let waiting = [22, 23, 24].map(|host| attempt("ada@demo.test", host));
        let waiting = waiting.each_ref().map(|attempt| attempts.begin(attempt));
        let others = async {
            for _ in 0..100 {
                assert!(attempts.begin(&ada).await.is_err());
            }
        };
        let [first, second, third] = waiting;
        let (_first, _second, _third, ()) = tokio::join!(first, second, third, others);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert!(fails(&attempts, &ada).await);
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_tries_fifty_accounts_and_not_one_more() {
        let attempts = Attempts::default();
        for index in 0..50 {
            let attempt = attempt(&format!("{index}@demo.test"), 1);
            assert!(fails(&attempts, &attempt).await);
        }
        assert!(attempts.begin(&attempt("50@demo.test", 1)).await.is_err());
        assert!(fails(&attempts, &attempt("50@demo.test", 2)).await);
        attempts.forgive(&attempt("1@demo.test", 1));
        assert!(fails(&attempts, &attempt("50@demo.test", 1)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_tries_an_account_ten_times_and_then_twice_a_minute() {
        let attempts = Attempts::default();
        let ada = attempt("ada@demo.test", 1);
        for _ in 0..10 {
            assert!(fails(&attempts, &ada).await);
        }
        assert!(attempts.begin(&ada).await.is_err());
        tokio::time::advance(Duration::from_secs(30)).await;
        assert!(fails(&attempts, &ada).await);
        assert!(attempts.begin(&ada).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn failed_attempts_delay_unknown_devices_and_not_the_known_one() {
        let attempts = Attempts::default();
        let started = Instant::now();
        for host in 0..20 {
            let unknown = attempt("ada@demo.test", host);
            assert!(fails(&attempts, &unknown).await);
        }
        assert_eq!(started.elapsed(), Duration::ZERO);
        // Three may wait at a time.
        let waiting = [21, 22, 23].map(|host| attempt("ada@demo.test", host));
        let waiting = waiting.each_ref().map(|attempt| attempts.begin(attempt));
        let owner = Attempt {
            device: Some("known".to_owned()),
            ..attempt("ada@demo.test", 24)
        };
        let others = async {
            assert!(attempts.begin(&attempt("ada@demo.test", 24)).await.is_err());
            assert!(fails(&attempts, &owner).await);
            assert_eq!(started.elapsed(), Duration::ZERO);
        };
        let [first, second, third] = waiting;
        let (first, second, third, ()) = tokio::join!(first, second, third, others);
        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        assert_eq!(started.elapsed().as_secs(), 9);
        for _ in 0..9 {
            assert!(fails(&attempts, &owner).await);
        }
        assert!(attempts.begin(&owner).await.is_err());
    }
}
