//! `cargo xtask size`: the bytes that a first visit loads, as a server with precompressed files sends them, held by
//! `budgets.toml`.

use std::path::Path;

use crate::error::{Error, Result, fail, read};
use crate::project::Project;

/// One file.
#[derive(Debug, PartialEq, Eq)]
struct Loaded {
    name: String,
    raw: u64,
    sent: u64,
}

/// Prints each file of the first load, and fails past the budget.
pub(crate) fn run(project: &Project) -> Result<()> {
    let budget = budget(
        &read(&project.path("budgets.toml"))?,
        "first_load_brotli_bytes",
    )?;
    let files = first_load(&project.dist())?;
    println!("{:>10} {:>10}  file", "bytes", "brotli");
    for file in &files {
        println!("{:>10} {:>10}  {}", file.raw, file.sent, file.name);
    }
    let total: u64 = files.iter().map(|file| file.sent).sum();
    println!("{total:>21}  first load, of at most {budget}");
    if total > budget {
        return fail(format!("{} bytes past the budget", total - budget));
    }
    Ok(())
}

/// The page and all files that it names.
fn first_load(dist: &Path) -> Result<Vec<Loaded>> {
    const PAGE: &str = "index.html";
    let length = |name: &str| {
        let path = dist.join(name);
        let size = std::fs::metadata(&path).map(|data| data.len());
        let path = path.display();
        size.map_err(|error| Error::new(format!("{path}: {error}: run `cargo xtask build`")))
    };
    let page = read(&dist.join(PAGE))
        .map_err(|error| Error::new(format!("{error}: run `cargo xtask build` first")))?;
    let mut files = vec![Loaded {
        name: PAGE.to_owned(),
        raw: page.len() as u64,
        // Nothing compresses the page before it is sent, see `xtask/compress.mjs`.
        sent: page.len() as u64,
    }];
    for name in named_in(&page) {
        files.push(Loaded {
            raw: length(&name)?,
            sent: length(&format!("{name}.br"))?,
            name,
        });
    }
    Ok(files)
}

/// The names of the scripts, modules, style sheets and wasm that a page loads, each once. They lie at the top of the folder,
/// whatever path the application was built for.
fn named_in(page: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for tag in page
        .split('<')
        .filter(|tag| tag.starts_with("link") || tag.starts_with("script"))
    {
        let tag = tag.split('>').next().unwrap_or(tag);
        for attribute in tag.split_whitespace() {
            let value = attribute
                .strip_prefix("href=")
                .or_else(|| attribute.strip_prefix("src="));
            let Some(value) = value else { continue };
            let path = value.trim_end_matches('/').trim_matches('"');
            let name = path.rsplit('/').next().unwrap_or(path).to_owned();
            let counts = [".js", ".css", ".wasm"]
                .iter()
                .any(|end| name.ends_with(end));
            if counts && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The number after `key =` in the budget file.
fn budget(file: &str, key: &str) -> Result<u64> {
    file.lines()
        .filter_map(|line| line.split_once('='))
        .find(|(name, _)| name.trim() == key)
        .and_then(|(_, value)| value.trim().replace('_', "").parse().ok())
        .ok_or_else(|| Error::new(format!("budgets.toml has no number for {key}")))
}

#[cfg(test)]
mod tests {
    use super::{budget, named_in};

    #[test]
    fn the_page_names_its_first_load_quoted_or_not() {
        let page = "<!doctype html><link rel=stylesheet href=\"/base-1.css\"/><link rel=icon href=/i.svg>\
                    <script src=\"/loader-1.js\" type=module></script>\
                    <link rel=modulepreload href=/store/app.js><link as=fetch href=/store/app_bg.wasm>\
                    <link rel=preload href=/store/app.js>";
        assert_eq!(
            named_in(page),
            ["base-1.css", "loader-1.js", "app.js", "app_bg.wasm"]
        );
    }

    #[test]
    fn a_budget_is_read_with_its_separators() {
        assert_eq!(
            budget("# a\nbytes = 200_000\n", "bytes").expect("there"),
            200_000
        );
        assert!(budget("bytes = many\n", "bytes").is_err());
    }
}
