//! As much of Rust's grammar as the rules need: what is code and what is not, words, and which lines
//! are tests.

/// A word, a path separator `::`, or one other character of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// The line, from 1.
    pub(super) line: usize,
    /// The text.
    pub(super) text: String,
}

/// The source with comments and the insides of strings and characters blanked, line for line.
pub(super) fn blank(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut code = String::with_capacity(source.len());
    let mut at = 0;
    while at < chars.len() {
        let length = skipped(&chars, at);
        if length == 0 {
            code.push(chars[at]);
            at += 1;
            continue;
        }
        for skipped in &chars[at..at + length] {
            code.push(if *skipped == '\n' { '\n' } else { ' ' });
        }
        at += length;
    }
    code
}

/// How many characters from `at` on are a comment, a string or a character; 0 if code stands there.
fn skipped(chars: &[char], at: usize) -> usize {
    let after_word = at > 0 && is_word(chars[at - 1]);
    match chars[at] {
        '/' if chars.get(at + 1) == Some(&'/') => chars[at..]
            .iter()
            .position(|next| *next == '\n')
            .unwrap_or(chars.len() - at),
        '/' if chars.get(at + 1) == Some(&'*') => block_comment(&chars[at..]),
        '"' => 1 + string_end(&chars[at + 1..], None),
        '\'' => character(&chars[at..]),
        'r' | 'b' | 'c' if !after_word => prefixed_string(&chars[at..]),
        _ => 0,
    }
}

fn block_comment(chars: &[char]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) if depth == 1 => return at + 2,
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    chars.len()
}

/// `r"…"`, `br#"…"#`, `b"…"`, `c"…"`, `b'…'`; 0 for a word that only begins like one.
fn prefixed_string(chars: &[char]) -> usize {
    let prefix = chars
        .iter()
        .take(2)
        .take_while(|next| matches!(next, 'r' | 'b' | 'c'))
        .count();
    let raw = chars[..prefix].contains(&'r');
    let hashes = chars[prefix..]
        .iter()
        .take_while(|next| **next == '#')
        .count();
    match chars.get(prefix + hashes) {
        Some('"') if raw => {
            let open = prefix + hashes + 1;
            open + string_end(&chars[open..], Some(hashes))
        }
        Some('"') if hashes == 0 => prefix + 1 + string_end(&chars[prefix + 1..], None),
        Some('\'') if hashes == 0 && chars[0] == 'b' && prefix == 1 => 1 + character(&chars[1..]),
        _ => 0,
    }
}

/// How far a string reaches, its closing quote included; `raw` has the number of hashes.
fn string_end(chars: &[char], raw: Option<usize>) -> usize {
    let mut at = 0;
    while at < chars.len() {
        match (chars[at], raw) {
            ('\\', None) => at += 2,
            ('"', None) => return at + 1,
            ('"', Some(hashes))
                if chars[at + 1..]
                    .iter()
                    .take(hashes)
                    .filter(|c| **c == '#')
                    .count()
                    == hashes =>
            {
                return at + 1 + hashes;
            }
            _ => at += 1,
        }
    }
    chars.len()
}

/// A character literal; 0 for a lifetime.
fn character(chars: &[char]) -> usize {
    match (chars.get(1), chars.get(2)) {
        (Some('\\'), _) => {
            let close = chars.iter().skip(3).position(|next| *next == '\'');
            close.map_or(0, |close| close + 4)
        }
        (Some(_), Some('\'')) => 3,
        _ => 0,
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The words and marks of blanked code.
pub(super) fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (index, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let length = if is_word(first) {
                rest.find(|next| !is_word(next)).unwrap_or(rest.len())
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            let (text, after) = rest.split_at(length);
            tokens.push(Token {
                line: index + 1,
                text: text.to_owned(),
            });
            rest = after.trim_start();
        }
    }
    tokens
}

/// A module that is compiled for tests only.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TestModule {
    /// Its first and last line.
    Here(usize, usize),
    /// It is in a file of its own, by this name.
    File(String),
}

/// The modules under `#[cfg(test)]` and `#[cfg(all(test, …))]`.
pub(super) fn test_modules(tokens: &[Token]) -> Vec<TestModule> {
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text.as_str());
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let opens = ["#", "[", "cfg", "("];
        if (0..4).any(|offset| text(at + offset) != opens[offset]) {
            continue;
        }
        let end = closing(tokens, at + 1);
        let named = tokens[at..end].iter().any(|token| token.text == "test");
        let negated = tokens[at..end].iter().any(|token| token.text == "not");
        if !named || negated {
            continue;
        }
        // Other attributes and a visibility may stand between.
        let mut next = end + 1;
        while text(next) == "#" {
            next = closing(tokens, next + 1) + 1;
        }
        let Some(module) = (next..next + 6).find(|index| text(*index) == "mod") else {
            continue;
        };
        match text(module + 2) {
            ";" => found.push(TestModule::File(text(module + 1).to_owned())),
            "{" => {
                let last = closing(tokens, module + 2).min(tokens.len() - 1);
                found.push(TestModule::Here(tokens[at].line, tokens[last].line));
            }
            _ => {}
        }
    }
    found
}

/// The index of the mark that closes the bracket at `open`, or the end.
pub(super) fn closing(tokens: &[Token], open: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return index;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

#[cfg(test)]
mod tests {
    use super::{TestModule, blank, test_modules, tokens};

    fn words(source: &str) -> Vec<String> {
        tokens(&blank(source))
            .into_iter()
            .map(|token| token.text)
            .collect()
    }

    #[test]
    fn comments_and_strings_are_not_code() {
        assert_eq!(words("a // b\n/* c /* d */ e */ f"), ["a", "f"]);
        assert_eq!(
            words(r##"a "b \" c" r#"d " e"# b"f" 'g' '\'' '\u{1F600}' h"##),
            ["a", "h"]
        );
    }

    #[test]
    fn lifetimes_and_words_like_prefixes_are_code() {
        assert_eq!(words("fn f<'a>(b: &'a str, r: c)").len(), 18);
        assert_eq!(words("attr::b"), ["attr", "::", "b"]);
    }

    #[test]
    fn lines_stay_where_they_are() {
        let all = tokens(&blank("\"a\nb\"\nc"));
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].line, 3);
    }

    #[test]
    fn test_modules_are_found_here_and_in_files() {
        let source = "fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\n\
                      #[cfg(all(test, unix))]\npub(crate) mod model;\n#[cfg(not(test))]\nmod real;";
        assert_eq!(
            test_modules(&tokens(&blank(source))),
            [TestModule::Here(2, 5), TestModule::File("model".to_owned())]
        );
    }
}
