//! The standard library for wasm.

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
    if sysroot
        .join("lib/rustlib")
        .join(TARGET)
        .join("lib")
        .is_dir()
    {
        return Ok(());
    }
    if on_path("rustup").is_none() {
        return fail(format!(
            "the compiler has no standard library for {TARGET}, and there is no rustup to add it: \
             install that target the way the compiler was installed"
        ));
    }
    println!("tools: adding the compiler's target {TARGET}");
    show(command("rustup").args(["target", "add", TARGET]))
}
