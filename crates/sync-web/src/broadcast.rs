//! Messages between the tabs of one origin.

use std::fmt;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use super::counts::{Counted, Kind};
use super::socket::refused;
use super::{Broadcast, PlatformError};

/// Longest message that is read, in UTF-16 units: ours are a word and an id.
const MESSAGE_UNITS_MAX: u32 = 200;

/// A joined channel; left when dropped.
pub struct Channel {
    channel: BroadcastChannel,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _counted: [Counted; 2],
}

impl Channel {
    /// Joins the channel `name`. Messages that are no text or too long are left out.
    ///
    /// # Errors
    /// The browser has no such channels.
    pub fn join(name: &str, on_message: Rc<dyn Fn(String)>) -> Result<Self, PlatformError> {
        let channel = BroadcastChannel::new(name)
            .map_err(|error| refused("open a broadcast channel", &error))?;
        let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            if let Some(text) = data
                .dyn_ref::<js_sys::JsString>()
                .filter(|text| text.length() <= MESSAGE_UNITS_MAX)
            {
                on_message(String::from(text));
            }
        });
        channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Ok(Self {
            channel,
            _on_message: on_message,
            _counted: [Counted::new(Kind::Broadcast), Counted::new(Kind::Closure)],
        })
    }
}

impl Broadcast for Channel {
    fn post(&self, message: &str) {
        // Fails only on a channel that was closed, which ends with this value.
        let _ = self.channel.post_message(&message.into());
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Channel").finish_non_exhaustive()
    }
}
