//! Every invariant that ARCHITECTURE.md states is held by a test that exists.

use super::Violation;
use super::tree::Tree;

const PAGE: &str = "ARCHITECTURE.md";

/// Reads the table below the heading that speaks of invariants: the last cell of each row names at
/// least one test in backticks.
pub(super) fn held_by_tests(tree: &Tree) -> Vec<Violation> {
    let Some(page) = tree.text(PAGE) else {
        return vec![Violation::new(
            PAGE,
            0,
            "is missing: it states the invariants",
        )];
    };
    let mut violations = Vec::new();
    let mut rows = 0_usize;
    let mut inside = false;
    for (index, line) in page.lines().enumerate() {
        if line.starts_with('#') {
            inside = line.to_lowercase().contains("invariant");
        }
        let is_row = inside && line.starts_with('|') && !line.contains("---");
        if !is_row {
            continue;
        }
        rows += 1;
        if rows == 1 {
            // The names of the columns.
            continue;
        }
        violations.extend(row(tree, index + 1, line));
    }
    if rows < 2 {
        violations.push(Violation::new(
            PAGE,
            0,
            "has no table of invariants with the tests that hold them",
        ));
    }
    violations
}

fn row(tree: &Tree, line: usize, text: &str) -> Vec<Violation> {
    let last = text
        .trim()
        .trim_end_matches('|')
        .rsplit('|')
        .next()
        .unwrap_or_default();
    let tests: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
    if tests.is_empty() {
        return vec![Violation::new(PAGE, line, "names no test that holds this")];
    }
    tests
        .into_iter()
        .filter(|test| !exists(tree, test))
        .map(|test| Violation::new(PAGE, line, format!("there is no test `{test}`")))
        .collect()
}

/// Whether there is a function of that name among the Rust tests, or a browser test of that title.
fn exists(tree: &Tree, test: &str) -> bool {
    let name = test.rsplit("::").next().unwrap_or(test);
    let in_rust = tree.rust().any(|(_, rust)| {
        rust.tokens
            .windows(2)
            .any(|pair| pair[0].text == "fn" && pair[1].text == name && rust.is_test(pair[1].line))
    });
    in_rust
        || tree
            .files
            .iter()
            .filter(|file| file.path.starts_with("tests/e2e/") && file.rust.is_none())
            .any(|file| {
                ["\"", "'", "`"]
                    .iter()
                    .any(|quote| file.text.contains(&format!("{quote}{test}{quote}")))
            })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Planted;

    #[test]
    fn an_invariant_whose_test_is_gone_is_found() {
        let planted = Planted::changed("ARCHITECTURE.md", |text| {
            text.replace("a_fact_holds", "a_fact_held_once")
        });
        assert!(planted.is_found_at("ARCHITECTURE.md:5", "no test `a_fact_held_once`"));
    }

    #[test]
    fn an_invariant_without_a_test_is_found() {
        let planted = Planted::changed("ARCHITECTURE.md", |text| {
            format!("{text}| Another fact | |\n")
        });
        assert!(planted.is_found_at("ARCHITECTURE.md", "names no test"));
    }

    #[test]
    fn a_page_without_the_table_is_found() {
        let planted = Planted::changed("ARCHITECTURE.md", |_| "# Architecture\n".to_owned());
        assert!(planted.is_found_at("ARCHITECTURE.md", "no table of invariants"));
    }

    #[test]
    fn a_browser_test_holds_an_invariant_by_its_title() {
        let planted = Planted::changed("ARCHITECTURE.md", |text| {
            format!("{text}| One more | `a heart shows` |\n")
        })
        .and(
            "tests/e2e/heart.spec.mjs",
            "test(\"a heart shows\", async () => {});\n",
        );
        assert!(planted.is_clean());
    }
}
