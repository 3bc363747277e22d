//! Installing one tool: prebuilt where it can be reached, else from source.

use std::path::Path;

use super::recipe::Recipe;
use super::{cache, prebuilt, source};
use crate::error::{Result, fail};
use crate::process::version;

/// Makes sure that the tool is there and runs.
pub(super) fn ready(recipe: &Recipe) -> Result<()> {
    let home = recipe.home()?;
    let what = format!("{} {}", recipe.name, recipe.version);
    let is_there = || works(recipe, &home);
    cache::install(&what, &home, is_there, |staging| fill(recipe, staging))
}

fn fill(recipe: &Recipe, staging: &Path) -> Result<()> {
    if let Some(url) = &recipe.archive {
        match prebuilt::fetch(url, &recipe.programs, &staging.join("bin")) {
            Ok(()) if works(recipe, staging) => return Ok(()),
            Ok(()) => println!("tools: the prebuilt {} does not run here", recipe.name),
            Err(error) => println!("tools: no prebuilt {}: {error}", recipe.name),
        }
        std::fs::remove_dir_all(staging)?;
        std::fs::create_dir_all(staging)?;
    }
    source::install(recipe, staging)?;
    if works(recipe, staging) {
        Ok(())
    } else {
        fail(format!(
            "{} was built but does not answer with version {}",
            recipe.name, recipe.version
        ))
    }
}

/// Whether all programs are there and the first one tells the pinned version.
fn works(recipe: &Recipe, home: &Path) -> bool {
    let bin = home.join("bin");
    let suffix = std::env::consts::EXE_SUFFIX;
    let file = |program: &str| bin.join(format!("{program}{suffix}"));
    recipe
        .programs
        .iter()
        .all(|program| file(program).is_file())
        && recipe.programs.first().is_some_and(|program| {
            version(file(program))
                .is_some_and(|line| line.split_whitespace().any(|word| word == recipe.version))
        })
}
