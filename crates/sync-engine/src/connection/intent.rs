//! Whether a connection is wanted: by the settings, by the sign-in and by the user.

use super::state::OffReason;
use crate::settings::Settings;

/// Who wants a connection.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    realtime: bool,
    pub(super) signed_in: bool,
    /// Whether the user switched live updates off.
    pub(crate) switched_off: bool,
}

impl Intent {
    pub(super) const fn new(settings: &Settings) -> Self {
        Self {
            realtime: settings.realtime,
            signed_in: false,
            switched_off: false,
        }
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
