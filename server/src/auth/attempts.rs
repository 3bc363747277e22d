//! Rate limits of sign-ins. Only failed attempts count.
//!
//! A browser in which the account has signed in before is a known device. It has a budget of its own, which nobody else can
//! use up. All other callers share a budget for each address, one for each account from one address, and one for each
//! account. When the budget of an account is used up, attempts are delayed and not rejected, so that its owner can still
//! sign in on a new device.

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
    /// Starts an attempt, after its delay.
    ///
    /// # Errors
    /// `rate_limited` when a budget is used up.
    pub async fn begin(&self, attempt: &Attempt) -> Result<()> {
        let delay = match &attempt.device {
            Some(device) => self
                .devices
                .take(device.clone(), 1.0)
                .map(|()| Duration::ZERO),
            None => self.delay_of_unknown(attempt),
        };
        sleep(delay.map_err(Failure::rate_limited)?).await;
        Ok(())
    }

    fn delay_of_unknown(&self, attempt: &Attempt) -> Result<Duration, Duration> {
        let account = attempt.account.clone();
        self.networks.take(attempt.network, 1.0)?;
        self.pairs.take((account.clone(), attempt.network), 1.0)?;
        self.accounts.reserve(account, 1.0, DELAY_MAX)
    }

    /// Refunds an attempt, because the password was right or was not checked.
    pub fn forgive(&self, attempt: &Attempt) {
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

    #[tokio::test(start_paused = true)]
    async fn one_address_tries_fifty_accounts_and_not_one_more() {
        let attempts = Attempts::default();
        for index in 0..50 {
            let attempt = attempt(&format!("{index}@demo.test"), 1);
            assert!(attempts.begin(&attempt).await.is_ok());
        }
        assert!(attempts.begin(&attempt("50@demo.test", 1)).await.is_err());
        assert!(attempts.begin(&attempt("50@demo.test", 2)).await.is_ok());
        attempts.forgive(&attempt("1@demo.test", 1));
        assert!(attempts.begin(&attempt("50@demo.test", 1)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn one_address_tries_an_account_ten_times_and_then_twice_a_minute() {
        let attempts = Attempts::default();
        let ada = attempt("ada@demo.test", 1);
        for _ in 0..10 {
            assert!(attempts.begin(&ada).await.is_ok());
        }
        assert!(attempts.begin(&ada).await.is_err());
        tokio::time::advance(Duration::from_secs(30)).await;
        assert!(attempts.begin(&ada).await.is_ok());
        assert!(attempts.begin(&ada).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn failed_attempts_delay_unknown_devices_and_not_the_known_one() {
        let attempts = Attempts::default();
        let started = Instant::now();
        for host in 0..20 {
            let unknown = attempt("ada@demo.test", host);
            assert!(attempts.begin(&unknown).await.is_ok());
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
            assert!(attempts.begin(&owner).await.is_ok());
            assert_eq!(started.elapsed(), Duration::ZERO);
        };
        let [first, second, third] = waiting;
        let (first, second, third, ()) = tokio::join!(first, second, third, others);
        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        assert_eq!(started.elapsed().as_secs(), 9);
        for _ in 0..9 {
            assert!(attempts.begin(&owner).await.is_ok());
        }
        assert!(attempts.begin(&owner).await.is_err());
    }
}
