//! Settings of the page.

use realtime_dashboard::settings::{self, PAGE_BLOCK_ID};
use sync_engine::settings::Settings;
use sync_yew::SettingsSource;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::support::page::document;

#[wasm_bindgen_test]
fn the_settings_block_of_the_page_wins() {
    let plain = settings::load();
    assert_ne!(plain.page_size, 20);

    let block = document().create_element("script").unwrap();
    block.set_attribute("type", "application/json").unwrap();
    block.set_id(PAGE_BLOCK_ID);
    block.set_text_content(Some(
        r#"{"VITE_PAGE_SIZE": 20, "VITE_WS_URL": "live.shop.test", "VITE_REALTIME_MAX_RETRIES": "many"}"#,
    ));
    document().body().unwrap().append_child(&block).unwrap();
    let settings = settings::load();
    block.remove();

    assert_eq!(settings.page_size, 20);
    assert_eq!(settings.ws_url, "live.shop.test");
    // An invalid value causes a warning on the console and falls back to the default.
    assert_eq!(settings.max_retries, plain.max_retries);
}

#[wasm_bindgen_test]
fn an_application_reads_its_own_file_under_its_own_names() {
    let source = SettingsSource {
        app_name: "todo",
        prefix: "TODO_",
        file: "# Settings\nTODO_PAGE_SIZE=20\nTODO_WS_URL=ftp://example.com\nVITE_PAGE_SIZE=30\nnonsense",
        page_block: "todo-config",
    };
    let settings = source.load();
    let expected = Settings {
        page_size: 20,
        app_name: "todo".to_owned(),
        ..Settings::default()
    };
    assert_eq!(settings, expected);
}

#[wasm_bindgen_test]
fn a_malformed_block_changes_nothing() {
    let plain = settings::load();
    let block = document().create_element("script").unwrap();
    block.set_id(PAGE_BLOCK_ID);
    block.set_text_content(Some("{"));
    document().body().unwrap().append_child(&block).unwrap();
    let settings = settings::load();
    block.remove();
    assert_eq!(settings, plain);
}
