//! Answers that the page's loader asked for while the program was still downloading.
//!
//! A loader may put a `Map` from addresses to promises of `fetch` into the global `earlyAnswers`. A call takes the answer
//! of its address, once; what nobody has taken after a few seconds the loader throws away, since it grows old.

use gloo_net::http::Response;
use js_sys::{Map, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The loader's map.
const EARLY_ANSWERS: &str = "earlyAnswers";

/// Takes the promise of an answer from this address, if the loader asked for it.
pub(crate) fn take(url: &str) -> Option<Promise> {
    let answers = Reflect::get(&js_sys::global(), &JsValue::from_str(EARLY_ANSWERS)).ok()?;
    let answers = answers.dyn_into::<Map>().ok()?;
    let url = JsValue::from_str(url);
    let answer = answers.get(&url).dyn_into::<Promise>().ok()?;
    answers.delete(&url);
    Some(answer)
}

/// Throws all answers away: something was sent that may change them, such as a sign-in after answers for nobody.
pub(crate) fn clear() {
    let answers = Reflect::get(&js_sys::global(), &JsValue::from_str(EARLY_ANSWERS));
    if let Ok(answers) = answers.and_then(JsCast::dyn_into::<Map>) {
        answers.clear();
    }
}

/// The answer, when it is there.
///
/// # Errors
/// The call of the loader failed.
pub(crate) async fn answer(promise: Promise) -> Result<Response, gloo_net::Error> {
    let answer = JsFuture::from(promise).await;
    let answer = answer.and_then(JsCast::dyn_into::<web_sys::Response>);
    answer
        .map(Response::from)
        .map_err(|_| gloo_net::Error::GlooError("an early call failed".to_owned()))
}
