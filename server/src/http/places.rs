//! Places: how many connections or requests there may be at a time, in all and of one network.

use std::{
    collections::HashMap,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};

use super::forwarded::network;
use crate::{
    failure::{Failure, Result},
    limiter::Seldom,
    metrics::Counter,
};

/// When a caller should come back for whom there is no place.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Places of one kind.
#[derive(Debug)]
pub struct Places {
    /// The flag that sets their number, for the log.
    flag: &'static str,
    all_max: usize,
    of_network_max: usize,
    taken: Mutex<Taken>,
    refused: Counter,
    log: Seldom,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

impl Places {
    /// Creates `all_max` places, of which one network may take `of_network_max`. The log names the flag when somebody
    /// is refused.
    #[must_use]
    pub fn new(flag: &'static str, all_max: usize, of_network_max: usize) -> Arc<Self> {
        Arc::new(Self {
            flag,
            all_max,
            of_network_max,
            taken: Mutex::default(),
            refused: Counter::default(),
            log: Seldom::default(),
        })
    }

    /// Takes a place for an address.
    ///
    /// # Errors
    /// `unavailable` if there is none, which is counted and logged.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Result<Place> {
        let network = network(address);
        let mut taken = self.taken();
        let of_network = taken.by_network.get(&network).copied().unwrap_or_default();
        if taken.all < self.all_max && of_network < self.of_network_max {
            taken.all += 1;
            taken.by_network.insert(network, of_network + 1);
            return Ok(Place {
                places: Arc::clone(self),
                network,
            });
        }
        let all = taken.all;
        drop(taken);
        self.refused.add(1);
        if self.log.is_due() {
            let flag = self.flag;
            tracing::warn!(%network, of_network, all, flag, "no place left: callers get 503");
        }
        Err(no_place())
    }

    /// How many places are taken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.taken().all
    }

    /// How many callers were refused since the server started.
    #[must_use]
    pub const fn refused(&self) -> &Counter {
        &self.refused
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a caller hears for whom there is no place.
#[must_use]
pub fn no_place() -> Failure {
    Failure::unavailable(RETRY_AFTER)
}

/// A taken place. Drop gives it back.
#[derive(Debug)]
pub struct Place {
    places: Arc<Places>,
    network: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(count) = taken.by_network.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.by_network.remove(&self.network);
            }
        }
    }
}

/// The body of a reply, which keeps the place of its request until it is sent.
#[derive(Debug)]
pub struct PlacedBody {
    /// The body.
    pub body: Body,
    /// The place.
    pub place: Place,
}

impl hyper::body::Body for PlacedBody {
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
    fn a_network_takes_as_many_places_as_it_may_and_not_one_more() {
        let places = Places::new("--flag", 3, 2);
        let take = |address: &str| places.take(address.parse().expect("an address"));
        let first = take("2001:db8::1").expect("a place");
        let _second = take("2001:db8::ffff:2").expect("a place");
        assert!(take("2001:db8::3").is_err());
        let _of_another = take("2001:db8:0:1::1").expect("a place");
        assert!(take("10.0.0.1").is_err(), "all are taken");
        drop(first);
        assert!(take("2001:db8::3").is_ok());
        assert_eq!((places.count(), places.refused().get()), (2, 2));
        assert_eq!(places.taken().by_network.len(), 2);
    }
}
