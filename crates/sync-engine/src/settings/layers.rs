//! The sources of settings, and which one wins.

use serde_json::value::RawValue;
use std::collections::BTreeMap;

use super::{SETTINGS, SettingWarning, Settings};

/// Joins the three sources of settings: the file read at build time, the environment of the build, which wins over it,
/// and the page, which wins over both. Variables of the environment that name no setting are ignored.
pub fn layered<'a>(
    file: impl IntoIterator<Item = (&'a str, &'a str)>,
    environment: impl IntoIterator<Item = (&'a str, &'a str)>,
    page: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> (Settings, Vec<SettingWarning>) {
    let known = |name: &str| SETTINGS.iter().any(|spec| spec.name == name);
    let environment = environment.into_iter().filter(|(name, _)| known(name));
    Settings::from_pairs(file.into_iter().chain(environment).chain(page))
}

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
    use super::*;

    const NAME: &str = "VITE_PAGE_SIZE";

    #[test]
    fn the_page_wins_over_the_environment_and_that_over_the_file() {
        let none = || std::iter::empty();
        let size = |layers: (Settings, Vec<SettingWarning>)| layers.0.page_size;
        assert_eq!(size(layered(none(), none(), none())), 50);
        assert_eq!(size(layered([(NAME, "10")], none(), none())), 10);
        assert_eq!(size(layered([(NAME, "10")], [(NAME, "20")], none())), 20);
        assert_eq!(
            size(layered([(NAME, "10")], [(NAME, "20")], [(NAME, "30")])),
            30
        );
    }

    #[test]
    fn an_empty_value_of_a_winning_source_is_the_default() {
        let (settings, warnings) = layered([("VITE_WS_URL", "ws://a")], [("VITE_WS_URL", "")], []);
        assert_eq!((settings.ws_url.as_str(), warnings.len()), ("", 0));
    }

    #[test]
    fn other_variables_of_the_environment_are_ignored() {
        let (_, warnings) = layered([], [("PATH", "/bin"), ("VITE_OTHER", "1")], []);
        assert_eq!(warnings, []);
    }

    #[test]
    fn the_page_may_write_values_as_they_are() {
        let json = r#"{"VITE_PAGE_SIZE": 20, "VITE_ANIMATIONS": false, "VITE_WS_URL": "wss://a.example/\u0078",
            "VITE_API_BASE_URL": null}"#;
        let pairs = page_pairs(json).unwrap();
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let (settings, warnings) = layered([], [], pairs);
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
