//! Whether a connection is wanted: by the settings, by the sign-in and by the user.

use super::state::OffReason;
use crate::settings::Settings;

/// Who wants a connection.
#[derive(Clone, Debug)]
pub(super) struct Intent {
    realtime: bool,
    signed_in: bool,
    switched_off: bool,
}

impl Intent {
    pub(super) const fn new(settings: &Settings) -> Self {
        Self {
            realtime: settings.realtime,
            signed_in: false,
            switched_off: false,
        }
    }

    /// A user signed in. Returns whether nobody was signed in before.
    pub(super) const fn sign_in(&mut self) -> bool {
        !std::mem::replace(&mut self.signed_in, true)
    }

    /// Nobody is signed in any more; the next user has not switched anything off.
    pub(super) const fn sign_out(&mut self) {
        self.signed_in = false;
        self.switched_off = false;
    }

    pub(super) const fn set_switched_off(&mut self, switched_off: bool) {
        self.switched_off = switched_off;
    }

    pub(super) const fn is_signed_in(&self) -> bool {
        self.signed_in
    }

    pub(super) const fn is_switched_off(&self) -> bool {
        self.switched_off
    }

    /// Why no connection is wanted; `None` if one is.
    pub(super) const fn off_reason(&self) -> Option<OffReason> {
        if !self.signed_in {
            Some(OffReason::SignedOut)
        } else if !self.realtime {
            Some(OffReason::Disabled)
        } else if self.switched_off {
            Some(OffReason::SwitchedOff)
        } else {
            None
        }
    }
}
