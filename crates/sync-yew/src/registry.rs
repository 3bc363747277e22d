//! Clients that equal providers share.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use sync_engine::schema::Schema;
use sync_engine::settings::Settings;
use sync_web::address::is_same_socket;
use sync_web::{Platform, console};

use crate::backend::Backend;
use crate::client::SyncClient;
use crate::driver::Driver;

/// A provider's request for a client. Requests with the same addresses, the same user and the same browser share one
/// client and one socket; the first request sets the backend and the other settings.
#[derive(Clone, Debug)]
pub struct SharedClient {
    /// The application's schema.
    pub schema: Rc<Schema>,
    /// The settings.
    pub settings: Settings,
    /// How calls are made.
    pub backend: Rc<dyn Backend>,
    /// The browser.
    pub platform: Rc<dyn Platform>,
    /// Id of the user, if one is signed in.
    pub user_id: Option<Rc<str>>,
}

impl SharedClient {
    /// Whether one client serves both requests.
    fn is_same(&self, other: &Self) -> bool {
        self.settings.api_base_url == other.settings.api_base_url
            && self.user_id == other.user_id
            && Rc::ptr_eq(&self.platform, &other.platform)
            && is_same_socket(&self.settings, &other.settings, &self.platform.origin())
    }
}

impl PartialEq for SharedClient {
    /// Whether a provider may keep the client of the first request for the second one.
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
            && self.settings == other.settings
            && Rc::ptr_eq(&self.backend, &other.backend)
    }
}

thread_local! {
    static SHARED: RefCell<Vec<(SharedClient, Weak<Driver>)>> = const { RefCell::new(Vec::new()) };
}

/// The existing client for this request, or a new one that does not run yet.
///
/// Warns, once per page, if it replaces the backend of a client in use: a backend that is created during a render is a
/// new one each time.
#[must_use]
pub fn acquire(share: &SharedClient) -> SyncClient {
    let found = SHARED.with_borrow_mut(|shared| {
        shared.retain(|(_, driver)| driver.strong_count() > 0);
        shared
            .iter()
            .find(|(known, _)| known.is_same(share))
            .and_then(|(known, driver)| {
                warn_of_another_backend(known, share);
                driver.upgrade()
            })
    });
    let driver = found.unwrap_or_else(|| {
        let driver = Driver::new(
            &share.schema,
            share.settings.clone(),
            Rc::clone(&share.platform),
            Rc::clone(&share.backend),
        );
        SHARED.with_borrow_mut(|shared| shared.push((share.clone(), Rc::downgrade(&driver))));
        driver
    });
    SyncClient::of(driver)
}

fn warn_of_another_backend(known: &SharedClient, requested: &SharedClient) {
    thread_local! {
        static WARNED: Cell<bool> = const { Cell::new(false) };
    }
    if !Rc::ptr_eq(&known.backend, &requested.backend) && !WARNED.replace(true) {
        console::warn(
            "A provider was given another backend for the server of a client that is in use; the first backend stays. \
             Make a backend once, with use_memo, not in every render.",
        );
    }
}
