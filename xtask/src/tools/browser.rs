//! Chromium and its driver: found, or installed where that is possible.

use std::path::PathBuf;

use crate::error::{Result, fail};
use crate::process::{command, on_path, quiet, version};

/// The browser that tests run in.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    /// Chromium or Chrome.
    pub(crate) chromium: PathBuf,
    /// The chromedriver of the same major version.
    pub(crate) driver: PathBuf,
}

const CHROMIUM_NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];
const ELSEWHERE: &[&str] = &[
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const ASKED_FOR: &str = "install Chromium and chromedriver of the same version \
    (Debian: apt-get install chromium chromium-driver), or name them in CHROME and CHROMEDRIVER";

/// Finds the browser and its driver; installs them with apt where we may.
///
/// # Errors
/// They are not there and cannot be installed, or do not belong together.
pub(crate) fn browser() -> Result<Browser> {
    if find().is_none() && may_use_apt() {
        println!("tools: installing chromium and chromium-driver with apt-get");
        let started = std::time::Instant::now();
        quiet(apt().arg("update"))?;
        quiet(
            apt()
                .args(["install", "--yes", "--no-install-recommends"])
                .args([
                    "chromium",
                    "chromium-driver",
                    // Without a font a page has no text to measure.
                    "fonts-dejavu-core",
                ]),
        )?;
        println!(
            "tools: they are there, after {} s",
            started.elapsed().as_secs()
        );
    }
    let Some(browser) = find() else {
        return fail(format!(
            "the tests need a browser and its driver: {ASKED_FOR}"
        ));
    };
    let (chromium, driver) = (version(&browser.chromium), version(&browser.driver));
    if major(chromium.as_deref()).is_none()
        || major(chromium.as_deref()) != major(driver.as_deref())
    {
        return fail(format!(
            "{} ({}) and {} ({}) do not belong together: {ASKED_FOR}",
            browser.chromium.display(),
            chromium.as_deref().unwrap_or("does not run"),
            browser.driver.display(),
            driver.as_deref().unwrap_or("does not run"),
        ));
    }
    Ok(browser)
}

fn find() -> Option<Browser> {
    let chromium = named("CHROME")
        .or_else(|| CHROMIUM_NAMES.iter().find_map(|name| on_path(name)))
        .or_else(|| {
            ELSEWHERE
                .iter()
                .map(PathBuf::from)
                .find(|path| path.is_file())
        })?;
    let driver = named("CHROMEDRIVER").or_else(|| on_path("chromedriver"))?;
    Some(Browser { chromium, driver })
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|path| path.is_file())
}

/// The first number of a version line such as `Chromium 156.0.8078.79 built on Debian`.
fn major(line: Option<&str>) -> Option<u32> {
    line?
        .split_whitespace()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?
        .split('.')
        .next()?
        .parse()
        .ok()
}

fn may_use_apt() -> bool {
    let id = command("id").arg("-u").output();
    on_path("apt-get").is_some() && id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn apt() -> std::process::Command {
    let mut apt = command("apt-get");
    apt.arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
    apt
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read_from_either_line() {
        assert_eq!(
            major(Some("Chromium 156.0.8078.79 built on Debian GNU/Linux 12")),
            Some(156)
        );
        assert_eq!(
            major(Some("ChromeDriver 156.0.8078.79 (a21ce95c)")),
            Some(156)
        );
        assert_eq!(major(Some("no version")), None);
    }
}
