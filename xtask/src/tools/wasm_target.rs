//! The standard library for wasm, and its sources: the release build compiles it again for size.

use std::path::PathBuf;

use crate::error::{Error, Result, fail};
use crate::process::{command, on_path, show};

const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that it is there: looks where the compiler looks, then asks rustup.
pub(super) fn ready() -> Result<()> {
    let output = command("rustc")
        .args(["--print", "sysroot"])
        .output()
        .map_err(|error| Error::new(format!("cannot start rustc: {error}")))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let library = sysroot.join("lib/rustlib");
    let parts = [
        (library.join(TARGET).join("lib"), ["target", "add", TARGET]),
        (
            library.join("src/rust/library/std"),
            ["component", "add", "rust-src"],
        ),
    ];
    for (folder, arguments) in parts {
        if folder.is_dir() {
            continue;
        }
        let [kind, _, name] = arguments;
        if on_path("rustup").is_none() {
            return fail(format!(
                "the compiler has no {name}, and there is no rustup to add it: install that {kind} the way the \
                 compiler was installed"
            ));
        }
        println!("tools: adding the compiler's {kind} {name}");
        show(command("rustup").args(arguments))?;
    }
    Ok(())
}
