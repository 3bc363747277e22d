//! How a component writes its own style.
//!
//! stylist's `use_style!` turns a style into a tree of tables in the program, three times the size of the text. Browsers
//! read nested rules themselves, so here the text stays one text: stylist gives it a class and a place in the
//! document, nothing else.

use std::borrow::Cow;

use stylist::ast::{Block, RuleBlockContent, ScopeContent, Sheet, StyleAttribute};

/// A component's style, for stylist's `use_style`: declarations for the element that carries the class, then nested
/// rules for what is in it. A form that nesting would read otherwise than it looks does not compile.
macro_rules! sheet {
    ($text:literal) => {{
        const LENGTH: usize = $crate::components::sheet::squeezed::<{ $text.len() }>($text).1;
        const BYTES: [u8; LENGTH] = $crate::components::sheet::squeezed($text).0;
        const TEXT: &str = match std::str::from_utf8(&BYTES) {
            Ok(text) => text,
            Err(_) => panic!("only white space was left out"),
        };
        const { assert!($crate::components::sheet::nests(TEXT)) };
        $crate::components::sheet::of(TEXT)
    }};
}
pub(crate) use sheet;

/// The text as a sheet with one declaration, whose value is all that follows its name.
pub(crate) fn of(text: &'static str) -> Sheet {
    let (name, rest) = text.split_once(':').unwrap_or((text, ""));
    let declaration = StyleAttribute {
        key: name.trim_start().into(),
        value: vec![rest.trim().trim_end_matches(';').into()].into(),
    };
    Sheet::from(vec![ScopeContent::Block(Block {
        condition: Cow::Borrowed(&[]),
        content: vec![RuleBlockContent::StyleAttr(declaration)].into(),
    })])
}

/// The text with single spaces between words and none where lines begin, and how long that is. `N` has to be that
/// length, or more.
pub(crate) const fn squeezed<const N: usize>(text: &str) -> ([u8; N], usize) {
    let text = text.as_bytes();
    let (mut squeezed, mut at, mut length) = ([b' '; N], 0, 0);
    while at < text.len() {
        let is_space = text[at].is_ascii_whitespace();
        let follows = length > 0 && !matches!(squeezed[length - 1], b' ' | b'{' | b'}' | b';');
        if !is_space || follows {
            squeezed[length] = if is_space { b' ' } else { text[at] };
            length += 1;
        }
        at += 1;
    }
    (squeezed, length)
}

/// Whether a style can stand within a rule: each brace has its partner, no selector begins with a colon (it would mean
/// something inside the element; `&:hover` means the element), and no keyframes, which belong to `styles/base.css`.
pub(crate) const fn nests(text: &str) -> bool {
    let text = text.as_bytes();
    let (mut at, mut depth, mut begins) = (0, 0_u32, true);
    while at < text.len() {
        match text[at] {
            b'{' => depth += 1,
            b'}' if depth == 0 => return false,
            b'}' => depth -= 1,
            b':' if begins => return false,
            b'@' if at + 1 < text.len() && text[at + 1] == b'k' => return false,
            _ => {}
        }
        begins = matches!(text[at], b'{' | b'}' | b';') || begins && text[at].is_ascii_whitespace();
        at += 1;
    }
    depth == 0
}

#[cfg(test)]
mod tests {
    use stylist::ast::ToStyleStr;

    use super::*;

    #[test]
    fn a_style_is_written_within_its_class() {
        let sheet = sheet!(
            "
            color: red;
            &:hover { color: blue; }
            .mark { @media print { gap: 0; } }
            "
        );
        let written = sheet.to_style_str(Some("x"));
        let words: Vec<&str> = written.split_whitespace().collect();
        assert_eq!(
            words.join(" "),
            ".x { color: red;&:hover {color: blue;}.mark {@media print {gap: 0;}}; }"
        );
    }

    #[test]
    fn a_style_may_begin_with_a_rule() {
        let written = sheet!(".row { gap: 0; }").to_style_str(Some("x"));
        let words: Vec<&str> = written.split_whitespace().collect();
        assert_eq!(words.join(" "), ".x { .row {gap: 0;}; }");
    }

    #[test]
    fn what_nesting_reads_otherwise_is_refused() {
        for text in [
            ":hover { gap: 0; }",
            "gap: 0; :hover { gap: 0; }",
            ".row { gap: 0;",
            "gap: 0; }",
            "@keyframes turn { to { gap: 0; } }",
        ] {
            assert!(!nests(text), "{text}");
        }
        assert!(nests("gap: 0; a:hover, &::after { gap: 0; }"));
    }
}
