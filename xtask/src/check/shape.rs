//! How files look: what they say about themselves and how long they are.

use super::Violation;
use super::tree::{Rust, Tree};

/// The file that holds the numbers.
const BUDGETS: &str = "budgets.toml";

/// Every source begins by saying what is in it.
pub(super) fn module_documentation(tree: &Tree) -> Vec<Violation> {
    tree.rust()
        .filter(|(file, _)| !file.text.trim_start().starts_with("//!"))
        .map(|(file, _)| {
            Violation::new(
                &file.path,
                1,
                "does not begin with a line `//! …` that says what is in it",
            )
        })
        .collect()
}

/// No source is longer than the budget; the few that are longer are named there and may only shrink.
pub(super) fn file_lengths(tree: &Tree) -> Vec<Violation> {
    let budgets = tree.text(BUDGETS).unwrap_or_default();
    let numbers: Vec<(usize, &str, usize)> = numbers(budgets);
    let number = |key: &str| numbers.iter().find(|(_, name, _)| *name == key);
    let Some((_, _, limit)) = number("code_lines_per_file").copied() else {
        return vec![Violation::new(
            BUDGETS,
            0,
            "has no number for code_lines_per_file",
        )];
    };
    let mut violations = Vec::new();
    for (file, rust) in tree.rust() {
        let lines = code_lines(rust);
        let allowed = number(&file.path).map_or(limit, |(_, _, allowed)| *allowed);
        if lines > allowed {
            let sentence = format!(
                "has {lines} lines of code, {allowed} are allowed: split it by what it does"
            );
            violations.push(Violation::new(&file.path, 0, sentence));
        }
    }
    for (line, path, allowed) in numbers.iter().filter(|(_, name, _)| name.ends_with(".rs")) {
        let found = tree
            .rust()
            .find(|(file, _)| file.path == *path)
            .map(|(_, rust)| code_lines(rust));
        if found.is_none_or(|lines| lines < *allowed) {
            let now = found.map_or_else(
                || "is gone".to_owned(),
                |lines| format!("has {lines} lines now"),
            );
            violations.push(Violation::new(
                BUDGETS,
                *line,
                format!("{path} {now}: lower or drop its number"),
            ));
        }
    }
    violations
}

/// `name = number` lines, with their line.
fn numbers(text: &str) -> Vec<(usize, &str, usize)> {
    text.lines()
        .enumerate()
        .filter_map(|(index, line)| {
            let (name, value) = line.split_once('=')?;
            let value = value.trim().replace('_', "").parse().ok()?;
            Some((index + 1, name.trim().trim_matches('"'), value))
        })
        .collect()
}

/// Lines that hold code outside tests. A file of tests has none: tests may be as long as they need.
fn code_lines(rust: &Rust) -> usize {
    rust.code
        .lines()
        .enumerate()
        .filter(|(index, line)| !line.trim().is_empty() && !rust.is_test(index + 1))
        .count()
}

/// A hook is found by the name of its file.
pub(super) fn one_hook_a_file(tree: &Tree) -> Vec<Violation> {
    tree.rust_below("src/hooks/")
        .filter(|(_, rust)| {
            let hooks = rust.tokens.windows(4).filter(|window| {
                let words = ["#", "[", "hook", "]"];
                window
                    .iter()
                    .zip(words)
                    .all(|(token, word)| token.text == word)
            });
            hooks.count() > 1
        })
        .map(|(file, _)| Violation::new(&file.path, 0, "holds more than one hook"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Planted;

    #[test]
    fn a_source_that_does_not_say_what_it_is_is_found() {
        let planted = Planted::new("engine/src/mute.rs", "fn f() {}\n");
        assert!(planted.is_found_at("engine/src/mute.rs:1", "//!"));
    }

    #[test]
    fn a_source_past_the_budget_is_found_and_tests_do_not_count() {
        let code = format!("//! Long.\n{}", "fn f() {}\n".repeat(301));
        assert!(
            Planted::new("engine/src/long.rs", &code)
                .is_found_at("engine/src/long.rs", "301 lines")
        );
        let tests = format!(
            "//! Short.\n#[cfg(test)]\nmod tests {{\n{}}}\n",
            "fn f() {}\n".repeat(400)
        );
        assert!(Planted::new("engine/src/long.rs", &tests).is_clean());
        let comments = format!("//! Long.\n{}", "// why\n".repeat(400));
        assert!(Planted::new("engine/src/long.rs", &comments).is_clean());
    }

    #[test]
    fn a_number_in_the_budget_only_goes_down() {
        let code = format!("//! Long.\n{}", "fn f() {}\n".repeat(310));
        let allow = |number: u32| {
            Planted::changed("budgets.toml", |text| {
                format!("{text}\n\"engine/src/long.rs\" = {number}\n")
            })
        };
        assert!(allow(310).and("engine/src/long.rs", &code).is_clean());
        assert!(
            allow(320)
                .and("engine/src/long.rs", &code)
                .is_found_at("budgets.toml", "has 310 lines now")
        );
        assert!(
            allow(305)
                .and("engine/src/long.rs", &code)
                .is_found_at("long.rs", "305 are allowed")
        );
        assert!(allow(305).is_found_at("budgets.toml", "is gone"));
    }

    #[test]
    fn two_hooks_in_one_file_are_found() {
        let source = "//! Hooks.\n#[hook]\nfn use_a() {}\n#[hook]\nfn use_b() {}\n";
        let planted = Planted::new("src/hooks/use_a.rs", source);
        assert!(planted.is_found_at("src/hooks/use_a.rs", "more than one hook"));
    }
}
