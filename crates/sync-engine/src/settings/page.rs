//! The settings that stand in a page.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::SettingWarning;

/// Reads the settings that stand in the page: a JSON object whose values are strings, numbers or `true` and `false`.
/// `null` counts as absent.
///
/// # Errors
/// Anything else is [`SettingWarning::MalformedPage`].
pub fn page_pairs(json: &str) -> Result<Vec<(String, String)>, SettingWarning> {
    let object: BTreeMap<String, Box<RawValue>> =
        serde_json::from_str(json).map_err(|_| SettingWarning::MalformedPage)?;
    let mut pairs = Vec::with_capacity(object.len());
    for (name, value) in object {
        let text = value.get();
        match text.as_bytes().first() {
            Some(b'"') => {
                let text = serde_json::from_str(text).map_err(|_| SettingWarning::MalformedPage)?;
                pairs.push((name, text));
            }
            Some(b'{' | b'[') => return Err(SettingWarning::MalformedPage),
            _ if text == "null" => {}
            _ => pairs.push((name, text.to_owned())),
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use super::super::Settings;
    use super::*;

    #[test]
    fn the_page_may_write_values_as_they_are() {
        let json = r#"{"VITE_PAGE_SIZE": 20, "VITE_ANIMATIONS": false, "VITE_WS_URL": "wss://a.example/\u0078",
            "VITE_API_BASE_URL": null}"#;
        let pairs = page_pairs(json).unwrap();
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let (settings, warnings) = Settings::from_pairs("VITE_", pairs);
        assert_eq!(warnings, []);
        assert_eq!((settings.page_size, settings.animations), (20, false));
        assert_eq!(settings.ws_url, "wss://a.example/x");
        assert_eq!(settings.api_base_url, "/api");
    }

    #[test]
    fn a_page_without_plain_values_is_ignored_with_a_warning() {
        for json in ["", "[]", "7", "{", r#"{"VITE_PAGE_SIZE":{"a":1}}"#] {
            assert_eq!(
                page_pairs(json),
                Err(SettingWarning::MalformedPage),
                "{json}"
            );
        }
    }
}
