//! The standard library for wasm. rust-toolchain.toml names it, so rustup brings it with the compiler; a compiler of
//! another origin may lack it.

use std::path::PathBuf;

use crate::error::{Error, Result, fail};
use crate::process::{command, on_path, show};

const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that it is there.
pub(super) fn ready() -> Result<()> {
    let output = command("rustc")
        .args(["--print", "sysroot"])
        .output()
        .map_err(|error| Error::new(format!("cannot start rustc: {error}")))?;
    let sysroot = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    if sysroot.join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        return fail(format!(
            "the compiler has no {TARGET}: install that target the way the compiler was installed"
        ));
    }
    show(command("rustup").args(["target", "add", TARGET]))
}
