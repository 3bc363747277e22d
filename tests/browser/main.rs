//! The application in a real browser: providers, hooks and the browser behind them.
//!
//! Run by `wasm-pack test --headless --chrome`. Time, sockets and calls come from `support`, so no test waits for a
//! clock; a test of the real browser itself waits for the browser's own response.

#![cfg(target_arch = "wasm32")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod address;
mod bench;
mod changes;
mod demo;
mod document;
mod events;
mod hooks;
mod indicator;
mod intl;
mod keep_alive;
mod platform;
mod provider;
mod session;
mod settings;
mod statements;
mod support;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
