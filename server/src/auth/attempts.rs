//! How often signing in may be tried. Only failed tries count.
//!
//! A browser in which the account has signed in before has a budget of its own, so that strangers cannot use it up. All
//! others share one for each address, one for each account from one address, and one for the account from everywhere.
//! When the last is used up, tries take turns, so that somebody who knows the password gets in a little later.

use std::{net::IpAddr, time::Duration};

use tokio::time::sleep;

use crate::{
    failure::{Failure, Result},
    limiter::Buckets,
};

/// Failed tries from one address with any account, and how many more per second.
const NETWORK_BURST: f64 = 50.0;
const NETWORK_RATE: f64 = 1.0 / 6.0;

/// Failed tries with one account from one address, or from one known device.
const ONE_BURST: f64 = 10.0;
const ONE_RATE: f64 = 1.0 / 30.0;

/// Failed tries with one account from everywhere. Past them, they take turns.
const ACCOUNT_BURST: f64 = 20.0;
const ACCOUNT_RATE: f64 = 1.0 / 3.0;

/// How long a try may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(9);

/// The budgets.
#[derive(Debug)]
pub struct Attempts {
    devices: Buckets<String>,
    networks: Buckets<IpAddr>,
    pairs: Buckets<(String, IpAddr)>,
    accounts: Buckets<String>,
}

/// A try to sign in.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The email address in lower case.
    pub account: String,
    /// The network of the caller.
    pub network: IpAddr,
    /// The mark of the browser, if the account has signed in there before.
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
    /// Starts an attempt, after its turn has come.
    ///
    /// # Errors
    /// `rate_limited` when a budget is used up.
    pub async fn begin(&self, attempt: &Attempt) -> Result<()> {
        let turn = match &attempt.device {
            Some(device) => self
                .devices
                .take(device.clone(), 1.0)
                .map(|()| Duration::ZERO),
            None => self.turn_of_stranger(attempt),
        };
        sleep(turn.map_err(Failure::rate_limited)?).await;
        Ok(())
    }

    fn turn_of_stranger(&self, attempt: &Attempt) -> Result<Duration, Duration> {
        let account = attempt.account.clone();
        self.networks.take(attempt.network, 1.0)?;
        self.pairs.take((account.clone(), attempt.network), 1.0)?;
        self.accounts.take_within(account, 1.0, PATIENCE)
    }

    /// Gives back what an attempt has taken, because the password was right or was not checked.
    pub fn forgive(&self, attempt: &Attempt) {
        let account = &attempt.account;
        if let Some(device) = &attempt.device {
            self.devices.give_back(device, 1.0);
            return;
        }
        self.networks.give_back(&attempt.network, 1.0);
        self.pairs
            .give_back(&(account.clone(), attempt.network), 1.0);
        self.accounts.give_back(account, 1.0);
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
    async fn many_strangers_delay_the_owner_and_lock_no_known_device_out() {
        let attempts = Attempts::default();
        let started = Instant::now();
        for host in 0..20 {
            let stranger = attempt("ada@demo.test", host);
            assert!(attempts.begin(&stranger).await.is_ok());
        }
        assert_eq!(started.elapsed(), Duration::ZERO);
        // Three may wait for their turn.
        let turns = [21, 22, 23].map(|host| attempt("ada@demo.test", host));
        let turns = turns.each_ref().map(|attempt| attempts.begin(attempt));
        let owner = Attempt {
            device: Some("known".to_owned()),
            ..attempt("ada@demo.test", 24)
        };
        let others = async {
            assert!(attempts.begin(&attempt("ada@demo.test", 24)).await.is_err());
            assert!(attempts.begin(&owner).await.is_ok());
            assert_eq!(started.elapsed(), Duration::ZERO);
        };
        let [first, second, third] = turns;
        let (first, second, third, ()) = tokio::join!(first, second, third, others);
        assert!(first.is_ok() && second.is_ok() && third.is_ok());
        assert_eq!(started.elapsed().as_secs(), 9);
        for _ in 0..9 {
            assert!(attempts.begin(&owner).await.is_ok());
        }
        assert!(attempts.begin(&owner).await.is_err());
    }
}
