//! Answers that the page's loader asked for while the program was still downloading.
//!
//! A loader may put two things into the page's globals:
//! - `earlyAnswers`, a `Map` from addresses to promises of `{ status, contentType, retryAfter, body }`, where `body` is an
//!   `ArrayBuffer`. A promise whose answer has arrived has it as its property `there`, so that it can be used at once.
//! - `earlyReady`, a promise that is resolved when all of them have arrived, or when it is not worth waiting any longer.
//!
//! A call takes the answer of its address, once; what nobody has taken after a few seconds the loader throws away, since it
//! grows old.

use js_sys::{Map, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::http::{CallError, Method, Request, Response};
use crate::object::property;

/// The loader's map.
const EARLY_ANSWERS: &str = "earlyAnswers";
/// The loader's promise.
const EARLY_READY: &str = "earlyReady";
/// A promise's answer, once it has arrived.
const THERE: &str = "there";

/// Waits until the loader's answers have arrived, or until it says that waiting is not worth it.
pub async fn ready() {
    if let Ok(ready) = global(EARLY_READY).dyn_into::<Promise>() {
        // It is never rejected, and there would be nothing else to do.
        drop(JsFuture::from(ready).await);
    }
}

/// Takes the answer to this call, if the loader asked for it; it knows no headers of the application. Anything that is
/// sent throws all answers away, since it may change them, such as a sign-in after answers for nobody.
pub(crate) fn take(request: &Request) -> Option<EarlyAnswer> {
    let answers = global(EARLY_ANSWERS).dyn_into::<Map>().ok()?;
    if request.method != Method::Get {
        answers.clear();
        return None;
    }
    if !request.headers.is_empty() {
        return None;
    }
    let url = JsValue::from_str(&request.url);
    let answer = answers.get(&url).dyn_into::<Promise>().ok()?;
    answers.delete(&url);
    Some(EarlyAnswer(answer))
}

/// An answer that the loader asked for.
pub(crate) struct EarlyAnswer(Promise);

impl EarlyAnswer {
    /// The answer: at once, if it has arrived.
    ///
    /// # Errors
    /// The loader got none.
    pub(crate) async fn response(self) -> Result<Response, CallError> {
        let mut answer = property(&self.0, THERE);
        if answer.is_undefined() {
            let arrived = JsFuture::from(self.0).await;
            answer = arrived.map_err(|_| CallError::Network)?;
        }
        let body = Uint8Array::new(&property(&answer, "body"));
        Ok(Response::new(
            property(&answer, "status").as_f64().unwrap_or_default() as u16,
            property(&answer, "contentType").as_string(),
            property(&answer, "retryAfter").as_string().as_deref(),
            body.to_vec(),
        ))
    }
}

fn global(name: &str) -> JsValue {
    property(&js_sys::global(), name)
}
