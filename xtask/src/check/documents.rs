//! The files and tests that documents name exist.
//!
//! Checked are the links of a document, the paths and file names that it sets in backticks, and its tests: everything in
//! backticks in a column of a table whose head says "test", "held by" or "shown by", and any name with four underscores
//! or more elsewhere.

use std::collections::BTreeSet;

use super::tree::{File, Tree};

/// Ends of file names.
const FILE_ENDS: &[&str] = &[
    ".css", ".html", ".js", ".json", ".md", ".mjs", ".rs", ".sql", ".svg", ".toml", ".yaml",
];
/// The first parts of paths that exist only after a build, or only where somebody made them.
const NOT_IN_THE_REPOSITORY: &[&str] = &["dist", "node_modules", "target", ".env.dashboard"];
/// Words in the head of a column that holds the names of tests.
const TEST_COLUMNS: &[&str] = &["test", "held by", "shown by"];
/// A name with at least so many underscores is that of a function.
const UNDERSCORES: usize = 4;

/// Checks all documents.
pub(super) fn name_what_exists(tree: &Tree) -> Vec<String> {
    let names = Names::of(tree);
    tree.files
        .iter()
        .filter(|file| is_document(&file.path))
        .flat_map(|file| document(tree, &names, file))
        .collect()
}

/// The pages at the top and in `docs/`. The changelog speaks of what was.
fn is_document(path: &str) -> bool {
    let is_page = path.ends_with(".md") && path != "CHANGELOG.md";
    is_page && (!path.contains('/') || path.starts_with("docs/"))
}

fn document(tree: &Tree, names: &Names<'_>, file: &File) -> Vec<String> {
    let mut violations = Vec::new();
    let mut is_code = false;
    let mut test_columns: Vec<bool> = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        let mut missing = links(line)
            .into_iter()
            .filter(|link| !tree.has(&resolved(&file.path, link)))
            .map(|link| format!("links to {link}, which does not exist"))
            .collect::<Vec<_>>();
        let is_row = line.starts_with('|');
        let cells = if is_row { cells(line) } else { vec![line] };
        if !is_row {
            test_columns.clear();
        } else if test_columns.is_empty() {
            test_columns = cells.iter().map(|head| is_test_column(head)).collect();
        }
        for (column, cell) in cells.into_iter().enumerate() {
            let is_test = test_columns.get(column) == Some(&true);
            missing.extend(quoted(cell).filter_map(|word| match is_test {
                true => (!names.has_test(word)).then(|| format!("there is no test `{word}`")),
                false => absent(tree, names, word),
            }));
        }
        let place = format!("{}:{}", file.path, index + 1);
        violations.extend(
            missing
                .iter()
                .map(|sentence| format!("{place}: {sentence}")),
        );
    }
    violations
}

/// Says that a word in backticks names a file or a function that does not exist.
fn absent(tree: &Tree, names: &Names<'_>, word: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    if !word.bytes().all(is_plain) || word.starts_with('/') {
        return None;
    }
    let top = word.split('/').next().unwrap_or(word);
    if NOT_IN_THE_REPOSITORY.contains(&top) {
        return None;
    }
    let is_file = FILE_ENDS
        .iter()
        .any(|end| word.ends_with(end) && word != *end);
    let is_path = word.contains('/') && (is_file || tree.has(top));
    let exists = match (is_path, is_file) {
        (true, _) => tree.has(word) || tree.has_named(word),
        (false, true) => tree.has_named(word),
        (false, false) => {
            let is_function = word.matches('_').count() >= UNDERSCORES
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            !is_function || names.functions.contains(word)
        }
    };
    (!exists).then(|| format!("names `{word}`, which does not exist"))
}

fn is_test_column(head: &str) -> bool {
    let head = head.to_lowercase();
    TEST_COLUMNS.iter().any(|word| head.contains(word))
}

fn cells(row: &str) -> Vec<&str> {
    row.trim().trim_matches('|').split('|').collect()
}

/// The words in backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The targets of a line's links to files.
fn links(line: &str) -> Vec<&str> {
    let targets = line.split("](").skip(1);
    targets
        .filter_map(|rest| rest.split(')').next())
        .filter(|target| !target.contains("://") && !target.starts_with('#'))
        .map(|target| target.split('#').next().unwrap_or(target))
        .collect()
}

/// A link of the document at `from`, as a path from the top.
fn resolved(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// What documents may name.
struct Names<'a> {
    /// Functions of the Rust sources.
    functions: BTreeSet<&'a str>,
    /// Those of them with an attribute that says "test".
    tests: BTreeSet<&'a str>,
    /// The tests for Node, whose titles are strings.
    specs: Vec<&'a str>,
}

impl<'a> Names<'a> {
    fn of(tree: &'a Tree) -> Self {
        let mut names = Self {
            functions: BTreeSet::new(),
            tests: BTreeSet::new(),
            specs: Vec::new(),
        };
        for file in &tree.files {
            if file.path.ends_with(".rs") {
                names.add_rust(&file.text);
            } else if file.path.ends_with(".spec.mjs") || file.path.ends_with(".test.mjs") {
                names.specs.push(&file.text);
            }
        }
        names
    }

    fn add_rust(&mut self, text: &'a str) {
        let mut is_test = false;
        for line in text.lines().map(str::trim) {
            if line.starts_with("#[") {
                is_test |= line.contains("test");
                continue;
            }
            if let Some(name) = function(line) {
                self.functions.insert(name);
                if is_test {
                    self.tests.insert(name);
                }
            }
            is_test &= line.starts_with("//") || line.ends_with(',') || line == ")]";
        }
    }

    fn has_test(&self, test: &str) -> bool {
        let name = test.rsplit("::").next().unwrap_or(test);
        let is_title = |spec: &&str| {
            ["\"", "'", "`"]
                .iter()
                .any(|quote| spec.contains(&format!("{quote}{test}{quote}")))
        };
        self.tests.contains(name) || self.specs.iter().any(is_title)
    }
}

/// The name of the function that begins on a line.
fn function(line: &str) -> Option<&str> {
    let (before, rest) = line.split_once("fn ")?;
    let is_start = before.is_empty() || before.ends_with(' ');
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    (is_start && !line.starts_with("//") && end > 0).then(|| &rest[..end])
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Repository;

    #[test]
    fn a_test_that_is_gone_is_found() {
        let table = "| What | Held by |\n|---|---|\n| A fact | `a_fact_held`, `a heart shows` |\n";
        assert_eq!(
            Repository::with("docs/how.md", table).found(),
            [
                "docs/how.md:3: there is no test `a_fact_held`",
                "docs/how.md:3: there is no test `a heart shows`",
            ]
        );
    }

    #[test]
    fn a_function_that_is_no_test_holds_nothing() {
        let source = "/// The word test.\nfn a_fact_holds() {}\n";
        assert_eq!(
            Repository::with("src/lib.rs", source).found(),
            ["docs/how.md:5: there is no test `a_fact_holds`"]
        );
    }

    #[test]
    fn a_file_that_is_gone_is_found_by_path_and_by_name() {
        let text = "`src/main.rs`, `main.rs` and [it](../src/main.rs), but `dist/a.js`, `a/b` and `lib.rs`\n";
        assert_eq!(
            Repository::with("docs/how.md", text).found(),
            [
                "docs/how.md:1: links to ../src/main.rs, which does not exist",
                "docs/how.md:1: names `src/main.rs`, which does not exist",
                "docs/how.md:1: names `main.rs`, which does not exist",
            ]
        );
    }

    #[test]
    fn a_function_named_in_running_text_is_looked_for() {
        let text = "See `nobody_ever_wrote_such_a_test`, not `an_item`.\n```\n`src/none.rs`\n```\n";
        assert_eq!(
            Repository::with("README.md", text).found(),
            ["README.md:1: names `nobody_ever_wrote_such_a_test`, which does not exist"]
        );
    }
}
