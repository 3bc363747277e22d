//! Messages between the tabs of one origin.

use std::rc::Rc;

use js_sys::JsString;
use wasm_bindgen::JsCast;
use web_sys::{BroadcastChannel, MessageEvent};

use super::counts::{Counted, Kind};
use super::listener::Listener;
use super::socket::rejected;
use super::{Broadcast, PlatformError};

/// Longest message that is read, in UTF-16 units: our messages are a word and an id.
const MESSAGE_UNITS_MAX: u32 = 200;

/// An open channel; closed when dropped.
#[derive(Debug)]
pub struct Channel {
    channel: BroadcastChannel,
    _listener: Listener,
    _counted: Counted,
}

impl Channel {
    /// Opens the channel `name`. Messages that are not text or too long are ignored.
    ///
    /// # Errors
    /// The browser does not support such channels.
    pub fn open(name: &str, on_message: Rc<dyn Fn(String)>) -> Result<Self, PlatformError> {
        let channel = BroadcastChannel::new(name)
            .map_err(|error| rejected("open a broadcast channel", &error))?;
        let listener = Listener::new(&channel, "message", move |event| {
            let data = event.dyn_ref().map(MessageEvent::data);
            let text = data.as_ref().and_then(|data| data.dyn_ref::<JsString>());
            if let Some(text) = text.filter(|text| text.length() <= MESSAGE_UNITS_MAX) {
                on_message(String::from(text));
            }
        });
        Ok(Self {
            channel,
            _listener: listener,
            _counted: Counted::new(Kind::Broadcast),
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
        self.channel.close();
    }
}
