//! Limits of connections and requests at a time, in total and for each network.

use std::{
    collections::HashMap,
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};

use super::forwarded::network;
use crate::{
    failure::{Failure, Result},
    limiter::LogThrottle,
};

/// When a rejected caller should come back.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// The permits of one kind.
#[derive(Debug)]
pub struct Permits {
    /// The flag that sets their number, for the log.
    flag: &'static str,
    all_max: usize,
    of_network_max: usize,
    in_use: Mutex<InUse>,
    rejected: AtomicU64,
    log: LogThrottle,
}

#[derive(Debug, Default)]
struct InUse {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

impl Permits {
    /// Creates `all_max` permits, of which one network may hold `of_network_max`. The log names the flag when the server
    /// rejects somebody.
    #[must_use]
    pub fn new(flag: &'static str, all_max: usize, of_network_max: usize) -> Arc<Self> {
        Arc::new(Self {
            flag,
            all_max,
            of_network_max,
            in_use: Mutex::default(),
            rejected: AtomicU64::new(0),
            log: LogThrottle::default(),
        })
    }

    /// Acquires a permit for an address.
    ///
    /// # Errors
    /// `unavailable` if there is none, which is counted and logged.
    pub fn acquire(self: &Arc<Self>, address: IpAddr) -> Result<Permit> {
        let network = network(address);
        let mut in_use = self.in_use();
        let of_network = in_use.by_network.get(&network).copied().unwrap_or_default();
        if in_use.all < self.all_max && of_network < self.of_network_max {
            in_use.all += 1;
            in_use.by_network.insert(network, of_network + 1);
            return Ok(Permit {
                permits: Arc::clone(self),
                network,
            });
        }
        let all = in_use.all;
        drop(in_use);
        self.rejected.fetch_add(1, Ordering::Relaxed);
        if self.log.is_due() {
            let flag = self.flag;
            tracing::warn!(%network, of_network, all, flag, "limit reached: callers get 503");
        }
        Err(limit_reached())
    }

    /// The number of permits in use.
    #[must_use]
    pub fn count(&self) -> usize {
        self.in_use().all
    }

    /// The number of rejected callers since the server started.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.rejected.load(Ordering::Relaxed)
    }

    fn in_use(&self) -> MutexGuard<'_, InUse> {
        self.in_use.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rejection of a caller beyond a limit.
#[must_use]
pub fn limit_reached() -> Failure {
    Failure::unavailable(RETRY_AFTER)
}

/// A permit. Drop releases it.
#[derive(Debug)]
pub struct Permit {
    permits: Arc<Permits>,
    network: IpAddr,
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut in_use = self.permits.in_use();
        in_use.all -= 1;
        if let Some(count) = in_use.by_network.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                in_use.by_network.remove(&self.network);
            }
        }
    }
}

/// The body of a reply, which holds the permit of its request until it is sent.
#[derive(Debug)]
pub struct PermitBody {
    /// The body.
    pub body: Body,
    /// The permit.
    pub permit: Permit,
}

impl hyper::body::Body for PermitBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_may_hold_two_permits_and_not_three() {
        let permits = Permits::new("--flag", 3, 2);
        let take = |address: &str| permits.acquire(address.parse().expect("an address"));
        let first = take("2001:db8::1").expect("a permit");
        let _second = take("2001:db8::ffff:2").expect("a permit");
        assert!(take("2001:db8::3").is_err());
        let _of_another = take("2001:db8:0:1::1").expect("a permit");
        assert!(take("10.0.0.1").is_err(), "all are in use");
        drop(first);
        assert!(take("2001:db8::3").is_ok());
        assert_eq!((permits.count(), permits.rejected()), (2, 2));
        assert_eq!(permits.in_use().by_network.len(), 2);
    }
}
