//! Words that have no place in this repository, or only in one.

use super::Violation;
use super::tree::{File, Rust, Tree};

/// A run of words and marks that is not to be written.
struct Banned {
    words: &'static [&'static str],
    /// Where it stands.
    place: Place,
    /// A file in which it may stand all the same.
    except: &'static str,
    sentence: &'static str,
}

/// Where a rule looks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Anywhere,
    Application,
    Tests,
}

const BANNED: &[Banned] = &[
    Banned {
        words: &[".", "forget", "("],
        place: Place::Application,
        except: "src/main.rs",
        sentence: "`forget` leaks: only src/main.rs, which lives as long as the page, may",
    },
    Banned {
        words: &["::", "forget", "("],
        place: Place::Application,
        except: "src/main.rs",
        sentence: "`forget` leaks: only src/main.rs, which lives as long as the page, may",
    },
    Banned {
        words: &["mem", "::", "forget"],
        place: Place::Anywhere,
        except: "src/main.rs",
        sentence: "`forget` leaks: only src/main.rs, which lives as long as the page, may",
    },
    Banned {
        words: &["dbg", "!"],
        place: Place::Anywhere,
        except: "",
        sentence: "`dbg!` is a leftover",
    },
    Banned {
        words: &["todo", "!"],
        place: Place::Anywhere,
        except: "",
        sentence: "`todo!` is a leftover",
    },
    Banned {
        words: &["unimplemented", "!"],
        place: Place::Anywhere,
        except: "",
        sentence: "`unimplemented!` is a leftover",
    },
    Banned {
        words: &["sleep", "("],
        place: Place::Tests,
        except: "",
        sentence: "a test that sleeps is slow or wrong: advance virtual time, or wait for what is meant",
    },
    Banned {
        words: &["#", "[", "allow", "("],
        place: Place::Anywhere,
        except: "",
        sentence: "`allow` stays when its cause is gone: use `expect(lint, reason = \"…\")`",
    },
    Banned {
        words: &["#", "!", "[", "allow", "("],
        place: Place::Anywhere,
        except: "",
        sentence: "`allow` stays when its cause is gone: use `expect(lint, reason = \"…\")`",
    },
];

/// Calls that make a browser test sleep.
const BROWSER_SLEEPS: &[&str] = &["waitForTimeout(", "setTimeout(resolve"];

/// Notes that something is unfinished, taken apart so that this file does not hold them.
const LEFTOVERS: &[(&str, &str)] = &[("TO", "DO"), ("FIX", "ME"), ("XX", "X")];

/// Beginnings of paths on some machine, taken apart for the same reason.
const MACHINE_PATHS: &[(&str, &str)] = &[
    ("/ro", "ot/"),
    ("/wo", "rk/"),
    ("/ho", "me/"),
    ("/Us", "ers/"),
    ("C:\\", "Users"),
];

/// Banned words in sources and in browser tests.
pub(super) fn words(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (file, rust) in tree.rust() {
        for banned in BANNED {
            violations.extend(found(banned, file, rust));
        }
    }
    for file in tree
        .files
        .iter()
        .filter(|file| file.path.starts_with("tests/e2e/"))
    {
        for (index, line) in file.text.lines().enumerate() {
            if BROWSER_SLEEPS.iter().any(|sleep| line.contains(sleep)) {
                let sentence = "a test that sleeps is slow or wrong: wait for what is meant";
                violations.push(Violation::new(&file.path, index + 1, sentence));
            }
        }
    }
    violations
}

fn found(banned: &Banned, file: &File, rust: &Rust) -> Vec<Violation> {
    if file.path == banned.except {
        return Vec::new();
    }
    rust.tokens
        .windows(banned.words.len())
        .filter(|window| {
            window
                .iter()
                .zip(banned.words)
                .all(|(token, word)| token.text == *word)
        })
        .filter(|window| match banned.place {
            Place::Anywhere => true,
            Place::Application => file.path.starts_with("src/"),
            Place::Tests => rust.is_test(window[0].line),
        })
        .map(|window| Violation::new(&file.path, window[0].line, banned.sentence))
        .collect()
}

/// Paths of somebody's machine, and notes of unfinished work, in any text file.
pub(super) fn machine_paths(tree: &Tree) -> Vec<Violation> {
    let mut violations = Vec::new();
    for file in &tree.files {
        // What others wrote, and what npm and cargo write.
        if file.path.starts_with("LICENSE")
            || file.path.ends_with("lock.json")
            || file.path.ends_with(".lock")
        {
            continue;
        }
        for (index, line) in file.text.lines().enumerate() {
            for (start, end) in MACHINE_PATHS {
                if holds_path(line, &format!("{start}{end}")) {
                    let sentence = format!("names a path of somebody's machine ({start}{end}…)");
                    violations.push(Violation::new(&file.path, index + 1, sentence));
                }
            }
            for (start, end) in LEFTOVERS {
                let note = format!("{start}{end}");
                if line
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == note)
                {
                    let sentence = format!("`{note}`: finish it, or write an issue");
                    violations.push(Violation::new(&file.path, index + 1, sentence));
                }
            }
        }
    }
    violations
}

/// Whether a line holds a path that begins so: not in the middle of an address or of a longer path.
fn holds_path(line: &str, start: &str) -> bool {
    line.match_indices(start).any(|(at, _)| {
        line[..at]
            .chars()
            .next_back()
            .is_none_or(|before| !before.is_alphanumeric() && !"./-_}".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::Planted;

    #[test]
    fn a_leak_outside_main_is_found() {
        let leak = "//! Leaks.\nfn f(a: A) { a.forget(); }\n";
        let planted = Planted::new("src/platform/timer.rs", leak);
        assert!(planted.is_found_at("src/platform/timer.rs:2", "forget"));
        assert!(Planted::new("src/main.rs", leak).is_clean());
    }

    #[test]
    fn leftovers_are_found() {
        for leftover in ["dbg!(1)", "todo!()", "unimplemented!()"] {
            let planted = Planted::new(
                "engine/src/half.rs",
                &format!("//! Half.\nfn f() {{ {leftover}; }}\n"),
            );
            assert!(planted.is_found_at("engine/src/half.rs:2", "leftover"));
        }
        let note = format!("//! Half.\n// {}: the rest\n", concat!("TO", "DO"));
        assert!(Planted::new("engine/src/half.rs", &note).is_found_at("half.rs:2", "finish it"));
    }

    #[test]
    fn a_test_that_sleeps_is_found() {
        let source = "//! Waits.\nfn f() { sleep(1); }\n#[cfg(test)]\nmod tests {\n    fn g() { sleep(1); }\n}\n";
        let planted = Planted::new("server/src/wait.rs", source);
        assert!(planted.is_found_at("server/src/wait.rs:5", "sleeps"));
        assert!(!planted.is_found_at("server/src/wait.rs:2", "sleeps"));
        let whole = Planted::new(
            "server/tests/wait.rs",
            "//! Waits.\nfn g() { tokio::time::sleep(1); }\n",
        );
        assert!(whole.is_found_at("server/tests/wait.rs:2", "sleeps"));
        let program = "//! Waits.\nfn f() { sleep(1); }\n";
        assert!(Planted::new("tests/proxy/src/wait.rs", program).is_clean());
        assert!(
            Planted::new("tests/proxy/tests/wait.rs", program)
                .is_found_at("tests/proxy/tests/wait.rs:2", "sleeps")
        );
        let outer = Planted::changed("server/src/lib.rs", |text| {
            format!("{text}\n#[cfg(test)]\nmod soak;\n")
        })
        .and("server/src/soak.rs", "//! Soaks.\nfn g() { sleep(1); }\n");
        assert!(outer.is_found_at("server/src/soak.rs:2", "sleeps"));
        let browser = Planted::new("tests/e2e/a.spec.mjs", "await page.waitForTimeout(500);\n");
        assert!(browser.is_found_at("tests/e2e/a.spec.mjs:1", "sleeps"));
    }

    #[test]
    fn a_lint_that_is_allowed_rather_than_expected_is_found() {
        let planted = Planted::new(
            "server/src/a.rs",
            "//! A.\n#[allow(dead_code)]\nfn f() {}\n",
        );
        assert!(planted.is_found_at("server/src/a.rs:2", "expect"));
    }

    #[test]
    fn a_path_of_somebodys_machine_is_found() {
        let line = format!("See {}ada/notes.\n", concat!("/ho", "me/"));
        let planted = Planted::new("CHANGELOG.md", &line);
        assert!(planted.is_found_at("CHANGELOG.md:1", "machine"));
        let address = format!("See https://example.org{}ada.\n", concat!("/ho", "me/"));
        assert!(Planted::new("CHANGELOG.md", &address).is_clean());
    }
}
