//! Plain objects of JavaScript.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// An object with these properties.
pub(crate) fn object<V: Clone + Into<JsValue>>(properties: &[(&str, V)]) -> Object {
    let object = Object::new();
    for (name, value) in properties {
        // Setting fails only on a frozen object.
        let _ = Reflect::set(&object, &(*name).into(), &value.clone().into());
    }
    object
}

/// A property of an object; `undefined` if it has none of this name.
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}
