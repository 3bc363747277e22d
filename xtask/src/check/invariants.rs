//! What the pages claim is held by tests that exist: the invariants of ARCHITECTURE.md, the features of README.md.

use super::Violation;
use super::tree::Tree;

/// A page, the word in the heading above its table, and what a page without that table lacks.
const TABLES: [(&str, &str, &str); 2] = [
    (
        "ARCHITECTURE.md",
        "invariant",
        "has no table of invariants with the tests that hold them",
    ),
    (
        "README.md",
        "feature",
        "has no table of features with the tests that show them",
    ),
];

/// Reads the tables: the last cell of each row names at least one test in backticks.
pub(super) fn held_by_tests(tree: &Tree) -> Vec<Violation> {
    TABLES
        .iter()
        .flat_map(|(page, word, lack)| table(tree, page, word, lack))
        .collect()
}

fn table(tree: &Tree, page: &'static str, word: &str, lack: &str) -> Vec<Violation> {
    let Some(text) = tree.text(page) else {
        return vec![Violation::new(page, 0, "is missing")];
    };
    let mut violations = Vec::new();
    let mut rows = 0_usize;
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            inside = line.to_lowercase().contains(word);
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
        violations.extend(row(tree, page, index + 1, line));
    }
    if rows < 2 {
        violations.push(Violation::new(page, 0, lack));
    }
    violations
}

fn row(tree: &Tree, page: &'static str, line: usize, text: &str) -> Vec<Violation> {
    let last = text
        .trim()
        .trim_end_matches('|')
        .rsplit('|')
        .next()
        .unwrap_or_default();
    let tests: Vec<&str> = last.split('`').skip(1).step_by(2).collect();
    if tests.is_empty() {
        return vec![Violation::new(page, line, "names no test that holds this")];
    }
    tests
        .into_iter()
        .filter(|test| !exists(tree, test))
        .map(|test| Violation::new(page, line, format!("there is no test `{test}`")))
        .collect()
}

/// Whether there is a function of that name among the Rust tests, or a test of that title among those for Node.
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
            .filter(|file| file.path.ends_with(".spec.mjs") || file.path.ends_with(".test.mjs"))
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
    fn a_feature_that_no_test_shows_is_found() {
        let planted = Planted::changed("README.md", |text| {
            format!("{text}| Another | `src/` | `nobody_wrote_it` |\n")
        });
        assert!(planted.is_found_at("README.md", "no test `nobody_wrote_it`"));
        let planted = Planted::changed("README.md", |_| "# Product\n".to_owned());
        assert!(planted.is_found_at("README.md", "no table of features"));
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
