//! Who may use whom inside the application: imports go from the outer folders to the inner ones.

use super::Violation;
use super::lexer::{Token, closing};
use super::tree::{File, Rust, Tree};

/// One folder or file of `src/`.
struct Layer {
    name: &'static str,
    /// The other layers that it may use.
    may_use: &'static [&'static str],
}

const fn layer(name: &'static str, may_use: &'static [&'static str]) -> Layer {
    Layer { name, may_use }
}

const LAYERS: &[Layer] = &[
    layer("platform", &[]),
    layer("text", &[]),
    layer("format", &["platform", "text"]),
    layer("settings", &["platform", "text"]),
    layer("realtime", &["platform", "settings"]),
    layer("contexts", &["platform", "realtime", "settings", "text"]),
    layer(
        "hooks",
        &[
            "contexts", "format", "platform", "realtime", "settings", "text",
        ],
    ),
    // They draw: what they show comes in as properties, what a person wants goes out as callbacks.
    layer("components", &["format", "text"]),
    layer(
        "connected",
        &[
            "components",
            "contexts",
            "format",
            "hooks",
            "platform",
            "realtime",
            "settings",
            "text",
        ],
    ),
    layer(
        "pages",
        &[
            "components",
            "connected",
            "contexts",
            "format",
            "hooks",
            "platform",
            "realtime",
            "settings",
            "text",
        ],
    ),
    layer(
        "app",
        &[
            "components",
            "connected",
            "contexts",
            "format",
            "hooks",
            "pages",
            "platform",
            "realtime",
            "settings",
            "text",
        ],
    ),
];

/// Packages of the browser, which only `platform` may name.
const BROWSER: &[&str] = &[
    "gloo",
    "gloo_events",
    "gloo_net",
    "gloo_timers",
    "gloo_utils",
    "js_sys",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "web_sys",
];

/// What a drawing may name of the engine: plain values to be shown, and nothing that decides.
const SHOWN: &[&str] = &["status", "view"];

/// Imports of one part of the application by another.
pub(super) fn modules(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, rust) in tree.rust_below("src/") {
        let Some(here) = layer_of(&file.path) else {
            continue;
        };
        let Some(rules) = LAYERS.iter().find(|layer| layer.name == here) else {
            let sentence = format!("`{here}` has no place in the order of layers: give it one");
            violations.push(Violation::new(&file.path, 0, sentence));
            continue;
        };
        for (line, used) in uses(file, rust) {
            if used == here || rules.may_use.contains(&used.as_str()) {
                continue;
            }
            let sentence = if LAYERS.iter().any(|layer| layer.name == used) {
                format!(
                    "`{here}` may not use `{used}`: imports go from the outer layers to the inner ones"
                )
            } else {
                format!("`crate::{used}` is no layer: name what is meant by the module it is in")
            };
            violations.push(Violation::new(&file.path, line, sentence));
        }
    }
    violations
}

/// Packages named where they may not be.
pub(super) fn packages(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, rust) in tree.rust_below("src/") {
        let Some(here) = layer_of(&file.path) else {
            continue;
        };
        for (index, token) in rust.tokens.iter().enumerate() {
            let after_path = index > 0 && rust.tokens[index - 1].text == "::";
            if after_path || rust.is_test(token.line) {
                continue;
            }
            let name = token.text.as_str();
            let sentence = if here != "platform" && BROWSER.contains(&name) {
                format!(
                    "`{here}` may not use `{name}`: the browser is touched in src/platform only"
                )
            } else if here == "components"
                && name == "dashboard_engine"
                && !is_shown(&rust.tokens, index)
            {
                format!(
                    "`{here}` may not use `{name}` but for {}: a drawing decides nothing",
                    SHOWN.join(", ")
                )
            } else {
                continue;
            };
            violations.push(Violation::new(&file.path, token.line, sentence));
        }
    }
    violations
}

/// Whether the path that begins at `at` leads only to what a drawing may show.
fn is_shown(tokens: &[Token], at: usize) -> bool {
    let segments = path_after(tokens, at + 1).map(|after| first_segments(tokens, after));
    segments.is_some_and(|all| all.iter().all(|(_, name)| SHOWN.contains(&name.as_str())))
}

/// The layer of a file of `src/`; none for `lib.rs` and the programs with what starts them, which join everything.
fn layer_of(path: &str) -> Option<String> {
    let inside = path.strip_prefix("src/")?;
    let first = inside.split('/').next()?.trim_end_matches(".rs");
    (!matches!(first, "bin" | "lib" | "main" | "start")).then(|| first.to_owned())
}

/// The layers that a file names, with the line: through `crate::`, through the library's own name and
/// through as many `super::` as lead to the top.
fn uses(file: &File, rust: &Rust) -> Vec<(usize, String)> {
    let tokens = &rust.tokens;
    let mut found = Vec::new();
    let mut modules: Vec<usize> = Vec::new();
    for at in 0..tokens.len() {
        if modules.last().is_some_and(|end| at > *end) {
            modules.pop();
        }
        if tokens[at].text == "mod" && tokens.get(at + 2).is_some_and(|token| token.text == "{") {
            modules.push(closing(tokens, at + 2));
        }
        let starts = at == 0 || tokens[at - 1].text != "::";
        let after = match tokens[at].text.as_str() {
            "crate" | "realtime_dashboard" => path_after(tokens, at + 1),
            "super" if starts => {
                let mut last = at;
                let mut up = 1;
                while text(tokens, last + 1) == "::" && text(tokens, last + 2) == "super" {
                    (last, up) = (last + 2, up + 1);
                }
                (up == depth(&file.path) + modules.len())
                    .then(|| path_after(tokens, last + 1))
                    .flatten()
            }
            _ => None,
        };
        if let Some(after) = after {
            found.extend(first_segments(tokens, after));
        }
    }
    found
}

/// Where a path goes on behind `::`.
fn path_after(tokens: &[Token], at: usize) -> Option<usize> {
    (text(tokens, at) == "::").then_some(at + 1)
}

/// How many `super::` lead from a file's own module to the top: 1 for `src/a.rs` and `src/a/mod.rs`,
/// 2 for `src/a/b.rs`.
fn depth(path: &str) -> usize {
    let parts = path.split('/').count() - 1;
    if path.ends_with("/mod.rs") {
        parts - 1
    } else {
        parts
    }
}

/// The first name of a path, or of each path in a `{…}` list.
fn first_segments(tokens: &[Token], at: usize) -> Vec<(usize, String)> {
    if text(tokens, at) != "{" {
        return tokens
            .get(at)
            .map(|token| (token.line, token.text.clone()))
            .into_iter()
            .collect();
    }
    let end = closing(tokens, at);
    let mut found = Vec::new();
    let mut index = at;
    while index < end {
        if index == at || text(tokens, index) == "," {
            if let Some(token) = tokens.get(index + 1).filter(|_| index + 1 < end) {
                found.push((token.line, token.text.clone()));
            }
            index += 1;
        } else if text(tokens, index) == "{" {
            index = closing(tokens, index) + 1;
        } else {
            index += 1;
        }
    }
    found
}

fn text(tokens: &[Token], at: usize) -> &str {
    tokens.get(at).map_or("", |token| token.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Planted;

    #[test]
    fn an_import_against_the_direction_is_found() {
        let planted = Planted::new(
            "src/hooks/use_thing.rs",
            "//! A hook.\nuse crate::pages::Page;\n",
        );
        assert!(planted.is_found_at("src/hooks/use_thing.rs:2", "`hooks` may not use `pages`"));
    }

    #[test]
    fn an_import_in_a_list_or_through_super_is_found() {
        let list = "//! A hook.\nuse crate::{\n    contexts::{a, b},\n    pages::Page,\n};\n";
        let planted = Planted::new("src/hooks/use_thing.rs", list);
        assert!(planted.is_found_at("src/hooks/use_thing.rs:4", "`pages`"));
        let upward = "//! A hook.\nuse super::super::pages::Page;\n";
        assert!(
            Planted::new("src/hooks/use_thing.rs", upward).is_found_at("use_thing.rs:2", "`pages`")
        );
        let inner = "//! A hook.\nmod inner {\n    use super::super::super::pages::Page;\n}\n";
        assert!(
            Planted::new("src/hooks/use_thing.rs", inner).is_found_at("use_thing.rs:3", "`pages`")
        );
    }

    #[test]
    fn a_drawing_that_reaches_for_a_hook_or_a_context_is_found() {
        for used in ["hooks", "contexts", "realtime", "platform"] {
            let source = format!("//! A drawing.\nuse crate::{used}::thing;\n");
            let planted = Planted::new("src/components/card.rs", &source);
            assert!(planted.is_found_at("src/components/card.rs:2", used));
        }
    }

    #[test]
    fn the_browser_outside_the_platform_is_found() {
        let planted = Planted::new(
            "src/pages/shop.rs",
            "//! A page.\nfn f() { web_sys::window(); }\n",
        );
        assert!(planted.is_found_at("src/pages/shop.rs:2", "web_sys"));
        let planted = Planted::new(
            "src/platform/page.rs",
            "//! Page.\nfn f() { web_sys::window(); }\n",
        );
        assert!(planted.is_clean());
    }

    #[test]
    fn a_drawing_may_show_what_the_engine_says_and_nothing_more() {
        let source = "//! A drawing.\nuse dashboard_engine::view::ErrorKind;\n";
        assert!(Planted::new("src/components/card.rs", source).is_clean());
        let source = "//! A drawing.\nuse dashboard_engine::{view::ErrorKind, core::Core};\n";
        let planted = Planted::new("src/components/card.rs", source);
        assert!(planted.is_found_at("src/components/card.rs:2", "decides nothing"));
    }

    #[test]
    fn a_new_folder_needs_a_place_in_the_order() {
        let planted = Planted::new("src/utils/mod.rs", "//! Things.\n");
        assert!(planted.is_found_at("src/utils/mod.rs", "no place"));
    }

    #[test]
    fn a_name_re_exported_at_the_top_does_not_hide_where_it_is_from() {
        let planted = Planted::new("src/hooks/use_thing.rs", "//! A hook.\nuse crate::Page;\n");
        assert!(planted.is_found_at("src/hooks/use_thing.rs:2", "`crate::Page` is no layer"));
    }

    #[test]
    fn imports_with_the_direction_are_clean() {
        let source =
            "//! A page.\nuse crate::{components::Card, hooks::use_thing};\n// crate::main\n";
        assert!(Planted::new("src/pages/shop.rs", source).is_clean());
    }
}
