//! `cargo xtask styles`: the style sheets that `styles/index.css` imports, in that order, as one. Trunk runs this before
//! each build, and minifies the result in a release build.

use std::fmt::Write as _;

use crate::error::{Result, create_dir, fail, read, write};
use crate::project::Project;

/// The list of the sheets.
const LIST: &str = "styles/index.css";
/// The folder of the sheets.
const FOLDER: &str = "styles";
/// The one sheet that `index.html` links.
const SHEET: &str = "target/styles.css";

/// Writes the sheet, unless it is up to date.
pub(crate) fn run(project: &Project) -> Result<()> {
    let mut sheet = String::new();
    for name in imports(&read(&project.path(LIST))?)? {
        let text = read(&project.path(FOLDER).join(name))?;
        // Writing to a string cannot fail.
        let _ = write!(sheet, "/* {FOLDER}/{name} */\n{text}\n");
    }
    let path = project.path(SHEET);
    if std::fs::read_to_string(&path).is_ok_and(|before| before == sheet) {
        return Ok(());
    }
    create_dir(&project.path("target"))?;
    write(&path, sheet)
}

/// The names in a list of `@import "./name.css";`, which holds nothing else but comments of one line.
fn imports(list: &str) -> Result<Vec<&str>> {
    let mut names = Vec::new();
    for line in list.lines().map(str::trim) {
        if line.is_empty() || (line.starts_with("/*") && line.ends_with("*/")) {
            continue;
        }
        let name = line
            .strip_prefix("@import \"./")
            .and_then(|rest| rest.strip_suffix("\";"));
        match name {
            Some(name) if !name.contains(['"', '/']) => names.push(name),
            _ => return fail(format!("{LIST}: not an `@import \"./name.css\";`: {line}")),
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::imports;

    #[test]
    fn the_imports_are_read_in_their_order() {
        let list = "/* In this order. */\n@import \"./tokens.css\";\n\n@import \"./base.css\";\n";
        assert_eq!(imports(list).expect("a list"), ["tokens.css", "base.css"]);
    }

    #[test]
    fn anything_else_is_refused() {
        for line in [
            "@import url(./a.css);",
            "@import \"../a.css\";",
            "@import \"./b/a.css\";",
            "a { color: red; }",
        ] {
            assert!(imports(line).is_err(), "{line}");
        }
    }
}
