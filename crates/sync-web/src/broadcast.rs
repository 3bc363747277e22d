//! Messages between the tabs of one origin.

use std::fmt;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use super::counts::{Counted, Kind};
use super::socket::rejected;
use super::{Broadcast, PlatformError};

/// Longest message that is read, in UTF-16 units: our messages are a word and an id.
const MESSAGE_UNITS_MAX: u32 = 200;

/// An open channel; closed when dropped.
pub struct Channel {
    channel: BroadcastChannel,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _counted: [Counted; 2],
}

impl Channel {
    /// Opens the channel `name`. Messages that are not text or too long are ignored.
    ///
    /// # Errors
    /// The browser does not support such channels.
    pub fn open(name: &str, on_message: Rc<dyn Fn(String)>) -> Result<Self, PlatformError> {
        let channel = BroadcastChannel::new(name)
            .map_err(|error| rejected("open a broadcast channel", &error))?;
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
        // Fails only on a closed channel, and dropping this value is what closes it.
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
