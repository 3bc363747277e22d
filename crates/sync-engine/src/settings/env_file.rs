//! Files of `NAME=value` lines, as `.env.dashboard`.
//!
//! Uses nothing but the standard library, so that a build script can take this file as it is.

/// The contents of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EnvFile {
    /// Names and values, in their order.
    pub pairs: Vec<(String, String)>,
    /// Numbers of the lines that could not be read, from 1.
    pub bad_lines: Vec<usize>,
}

/// Reads a file. A line is empty, a comment after `#`, or `NAME=value`, perhaps with `export` before it. A value
/// stands bare, where it ends at a space before `#`; in single quotes, taken as it is; or in double quotes, where
/// `\n`, `\t`, `\"` and `\\` are escapes. It never runs over several lines.
#[must_use]
pub fn parse(text: &str) -> EnvFile {
    let mut file = EnvFile::default();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match pair(line) {
            Some(pair) => file.pairs.push(pair),
            None => file.bad_lines.push(index + 1),
        }
    }
    file
}

fn pair(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    let (name, value) = line.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let value = value.trim_start();
    let (value, rest) = match value.chars().next() {
        Some('\'') => {
            let (value, rest) = value[1..].split_once('\'')?;
            (value.to_owned(), rest)
        }
        Some('"') => double_quoted(&value[1..])?,
        _ => (bare(value).to_owned(), ""),
    };
    let rest = rest.trim_start();
    (is_name && (rest.is_empty() || rest.starts_with('#'))).then(|| (name.to_owned(), value))
}

/// The part before a comment. A `#` inside a word belongs to the word.
fn bare(value: &str) -> &str {
    let mut before = ' ';
    let comment = value.char_indices().find(|(_, c)| {
        let begins = *c == '#' && before.is_whitespace();
        before = *c;
        begins
    });
    comment.map_or(value, |(at, _)| &value[..at]).trim_end()
}

/// The value up to the closing quote, and the rest of the line; `None` if there is no closing quote.
fn double_quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                other => other,
            }),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(line: &str) -> Option<String> {
        parse(line).pairs.pop().map(|(_, value)| value)
    }

    #[test]
    fn values_end_where_a_comment_begins() {
        for (line, expected) in [
            ("A=5000     # 5 seconds", "5000"),
            (
                "A=ws://localhost:3001           # server",
                "ws://localhost:3001",
            ),
            ("A=http://h/#part", "http://h/#part"),
            ("A=", ""),
            ("A=   # nothing", ""),
            ("A=#nothing", ""),
            ("  A  =  b c  ", "b c"),
            ("export A=1", "1"),
            ("A=b=c", "b=c"),
        ] {
            assert_eq!(value(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn quotes_keep_their_contents() {
        for (line, expected) in [
            ("A=' # no comment '", " # no comment "),
            (r"A='a\n'   # as it is", r"a\n"),
            (r#"A="say \"hi\"\n\\" # x"#, "say \"hi\"\n\\"),
            (r#"A="""#, ""),
        ] {
            assert_eq!(value(line).as_deref(), Some(expected), "{line}");
        }
    }

    #[test]
    fn bad_lines_are_reported_by_number_and_the_others_are_read() {
        let file = parse(
            "\u{feff}# settings\r\n\r\nA=1\r\nnonsense\n=2\n1B=3\nC D=4\nE='open\nF=\"open\nG='a'b\nH=8",
        );
        assert_eq!(file.bad_lines, [4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(
            file.pairs,
            [
                ("A".to_owned(), "1".to_owned()),
                ("H".to_owned(), "8".to_owned())
            ]
        );
    }
}
