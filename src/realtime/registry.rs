//! Which cores there are, so that equal providers share one.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use dashboard_engine::settings::Settings;
use dashboard_engine::settings::url::is_same_socket;

use super::backend::Backend;
use super::driver::Driver;
use super::handle::RealtimeHandle;
use crate::platform::Platform;

/// What a provider asks for. Two that name the same places, the same user and the same browser share one core and one
/// socket; the backend and the other settings are then those of the one that came first.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    /// The settings.
    pub(crate) settings: Settings,
    /// How calls are made.
    pub(crate) backend: Rc<dyn Backend>,
    /// The browser.
    pub(crate) platform: Rc<dyn Platform>,
    /// Id of the user, if one is signed in.
    pub(crate) user_id: Option<Rc<str>>,
}

impl Share {
    /// Whether one core serves both.
    fn is_same(&self, other: &Self) -> bool {
        self.settings.api_base_url == other.settings.api_base_url
            && self.user_id == other.user_id
            && Rc::ptr_eq(&self.platform, &other.platform)
            && is_same_socket(&self.settings, &other.settings, &self.platform.origin())
    }
}

impl PartialEq for Share {
    /// Whether a provider that asked for the one may keep it when it asks for the other.
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
            && self.settings == other.settings
            && Rc::ptr_eq(&self.backend, &other.backend)
    }
}

thread_local! {
    static SHARED: RefCell<Vec<(Share, Weak<Driver>)>> = const { RefCell::new(Vec::new()) };
}

/// The core for this request: the one that is there, or a new one at rest.
pub(crate) fn acquire(share: &Share) -> RealtimeHandle {
    let found = SHARED.with_borrow_mut(|shared| {
        shared.retain(|(_, driver)| driver.strong_count() > 0);
        shared
            .iter()
            .find(|(known, _)| known.is_same(share))
            .and_then(|(_, driver)| driver.upgrade())
    });
    let driver = found.unwrap_or_else(|| {
        let driver = Driver::new(
            share.settings.clone(),
            Rc::clone(&share.platform),
            Rc::clone(&share.backend),
        );
        SHARED.with_borrow_mut(|shared| shared.push((share.clone(), Rc::downgrade(&driver))));
        driver
    });
    RealtimeHandle::new(driver, share.user_id.clone())
}
