//! What somebody on the screen needs, held as long as it is shown.

use std::fmt;
use std::rc::Rc;

use dashboard_engine::interest::Interest;
use dashboard_protocol::Resource;

use super::driver::Driver;

/// What a query or a subscription needs to be kept current.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Need {
    /// Resources and streams.
    Interest(Interest),
    /// The catalog under a search text.
    Catalog(Rc<str>),
}

impl Need {
    /// One resource.
    #[must_use]
    pub fn resource(resource: Resource) -> Self {
        Self::Interest(Interest {
            resources: [resource].into_iter().collect(),
            ..Interest::default()
        })
    }
}

/// Keeps what is needed current until it is dropped; the engine lets go of it some seconds later.
#[must_use = "what is needed is let go as soon as this is dropped"]
pub struct Hold {
    driver: Rc<Driver>,
    need: Need,
}

impl Hold {
    pub(super) fn new(driver: Rc<Driver>, need: Need) -> Self {
        driver.input(|core, now| match &need {
            Need::Interest(interest) => core.hold(now, interest),
            Need::Catalog(query) => core.hold_catalog(now, query),
        });
        Self { driver, need }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let need = &self.need;
        self.driver.input(|core, now| match need {
            Need::Interest(interest) => core.release(now, interest),
            Need::Catalog(query) => core.release_catalog(now, query),
        });
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hold")
            .field("need", &self.need)
            .finish_non_exhaustive()
    }
}
