//! `cargo xtask size`: what a first visit loads, and what comes once it is live, in brotli bytes, held by `budgets.toml`.

use std::path::Path;

use crate::error::{Error, Result, fail, read};
use crate::project::Project;

/// The end of the name of what a page fetches once its first view is there.
const REST: &str = "_rest.wasm";

/// One file.
#[derive(Debug, PartialEq, Eq)]
struct Loaded {
    name: String,
    raw: u64,
    brotli: u64,
}

/// Prints each file of the first load and of the rest, and fails past a budget.
pub(crate) fn run(project: &Project) -> Result<()> {
    let budgets = read(&project.path("budgets.toml"))?;
    let dist = project.dist();
    println!("{:>10} {:>10}  file", "bytes", "brotli");
    let first = held(
        "first load",
        &first_load(&dist)?,
        budget(&budgets, "first_load_brotli_bytes")?,
    );
    let rest = held(
        "rest",
        &rest(&dist)?,
        budget(&budgets, "rest_brotli_bytes")?,
    );
    first.and(rest)
}

/// Prints files with their sum, and fails past its budget.
fn held(what: &str, files: &[Loaded], budget: u64) -> Result<()> {
    for file in files {
        println!("{:>10} {:>10}  {}", file.raw, file.brotli, file.name);
    }
    let total: u64 = files.iter().map(|file| file.brotli).sum();
    println!("{total:>21}  {what}, of at most {budget}");
    if total > budget {
        return fail(format!(
            "{} bytes past the budget of the {what}; `cargo xtask record` finds out anew what is of the first load",
            total - budget
        ));
    }
    Ok(())
}

/// The page and all that it names, and the modules that its scripts bring.
fn first_load(dist: &Path) -> Result<Vec<Loaded>> {
    let page = read(&dist.join("index.html"))
        .map_err(|error| Error::new(format!("{error}: run `cargo xtask build` first")))?;
    let names = std::iter::once("index.html".to_owned()).chain(named_in(&page));
    names.map(|name| loaded(dist, name)).collect()
}

/// What the script fetches when the page is there.
fn rest(dist: &Path) -> Result<Vec<Loaded>> {
    let unread = |error| Error::new(format!("{}: {error}", dist.display()));
    let entries = std::fs::read_dir(dist).map_err(unread)?;
    let names = entries
        .map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()))
        .collect::<std::io::Result<Vec<String>>>()
        .map_err(unread)?;
    let rest = names.into_iter().filter(|name| name.ends_with(REST));
    rest.map(|name| loaded(dist, name)).collect()
}

/// The sizes of a file, as it is and compressed.
fn loaded(dist: &Path, name: String) -> Result<Loaded> {
    let length = |suffix: &str| {
        let path = dist.join(format!("{name}{suffix}"));
        std::fs::metadata(&path)
            .map(|data| data.len())
            .map_err(|error| {
                Error::new(format!(
                    "{}: {error}: run `cargo xtask build`",
                    path.display()
                ))
            })
    };
    Ok(Loaded {
        raw: length("")?,
        brotli: length(".br")?,
        name,
    })
}

/// The scripts, modules, style sheets and wasm that a page names, each once.
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
            let name = value.trim_matches('"').trim_start_matches('/').to_owned();
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
        let page = "<!doctype html><link href=/base-1.css rel=stylesheet><link rel=icon href=/i.svg>\
                    <script src=\"/loader-1.js\" type=module></script>\
                    <link rel=modulepreload href=/app.js><link as=fetch href=/app_bg.wasm>\
                    <link rel=preload href=/app.js>";
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
