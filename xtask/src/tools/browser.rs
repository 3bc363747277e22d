//! The browsers that tests run in, with their drivers: found, or installed where that is possible.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::{Program, install, recipe};
use crate::error::{Error, Result, fail};
use crate::process::{command, on_path, quiet, version};
use crate::project::Project;

/// A browser that tests run in.
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    /// The browser itself; of WebKitGTK the display that it draws on, as its driver knows the browser.
    pub(crate) program: PathBuf,
    /// Drives it through WebDriver.
    pub(crate) driver: PathBuf,
}

const CHROMIUM_NAMES: &[&str] = &[
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const FIREFOX_NAMES: &[&str] = &[
    "firefox-esr",
    "firefox",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
];
const ASKED_FOR: &str = "install Chromium and chromedriver of the same version \
    (Debian: apt-get install chromium chromium-driver), or name them in CHROME and CHROMEDRIVER";

/// Chromium or Chrome, with the chromedriver of the same major version.
///
/// # Errors
/// They are not there and cannot be installed, or do not belong together.
pub(crate) fn chromium() -> Result<Browser> {
    // Without a font a page has no text to measure.
    let packages = ["chromium", "chromium-driver", "fonts-dejavu-core"];
    let browser = from_debian(&packages, || {
        let program = named("CHROME").or_else(|| first_of(CHROMIUM_NAMES))?;
        let driver = named("CHROMEDRIVER").or_else(|| on_path("chromedriver"))?;
        Some(Browser { program, driver })
    })
    .and_then(|browser| browser.ok_or_else(|| Error::new("they are not available here")))
    .map_err(|error| {
        Error::new(format!(
            "the tests need a browser and its driver: {error}: {ASKED_FOR}"
        ))
    })?;
    let (chromium, driver) = (version(&browser.program), version(&browser.driver));
    if major(chromium.as_deref()).is_none()
        || major(chromium.as_deref()) != major(driver.as_deref())
    {
        return fail(format!(
            "{} ({}) and {} ({}) do not belong together: {ASKED_FOR}",
            browser.program.display(),
            chromium.as_deref().unwrap_or("does not run"),
            browser.driver.display(),
            driver.as_deref().unwrap_or("does not run"),
        ));
    }
    Ok(browser)
}

/// Firefox, with a geckodriver; `None` where there is no Firefox and no way to install one.
///
/// # Errors
/// One of them cannot be installed, or the driver does not run.
pub(crate) fn firefox(project: &Project) -> Result<Option<Browser>> {
    static FIREFOX: OnceLock<Result<Option<Browser>>> = OnceLock::new();
    let find = || {
        let program = from_debian(&["firefox-esr", "fonts-dejavu-core"], || {
            named("FIREFOX").or_else(|| first_of(FIREFOX_NAMES))
        })?;
        let Some(program) = program else {
            return Ok(None);
        };
        let driver = match named("GECKODRIVER").or_else(|| on_path("geckodriver")) {
            Some(driver) => driver,
            None => {
                let geckodriver = recipe::of(Program::Geckodriver, project)?;
                install::ready(&geckodriver)?;
                geckodriver.bin()?.join("geckodriver")
            }
        };
        let browser = Browser { program, driver };
        browser.with_a_driver_that_runs().map(Some)
    };
    FIREFOX.get_or_init(find).clone()
}

/// WebKitGTK's small browser, with a display in memory for it; `None` where they are not and cannot be installed.
///
/// # Errors
/// One of them cannot be installed, or the driver does not run.
pub(crate) fn webkit() -> Result<Option<Browser>> {
    static WEBKIT: OnceLock<Result<Option<Browser>>> = OnceLock::new();
    let packages = ["webkit2gtk-driver", "xvfb", "fonts-dejavu-core"];
    let find = || {
        let found = from_debian(&packages, || {
            let (program, driver) = (on_path("Xvfb")?, on_path("WebKitWebDriver")?);
            Some(Browser { program, driver })
        })?;
        found.map(Browser::with_a_driver_that_runs).transpose()
    };
    WEBKIT.get_or_init(find).clone()
}

impl Browser {
    /// Itself.
    ///
    /// # Errors
    /// Its driver does not run; the error has the driver's output.
    fn with_a_driver_that_runs(self) -> Result<Self> {
        // WebKitWebDriver knows no --version.
        quiet(command(&self.driver).arg("--help"))?;
        Ok(self)
    }
}

/// What `find` finds, at once or after the Debian `packages` were installed; `None` where apt-get is not ours to use.
fn from_debian<T>(packages: &[&str], find: impl Fn() -> Option<T>) -> Result<Option<T>> {
    found_or_installed(find, may_use_apt(), || {
        let what = packages.join(" ");
        println!("tools: installing {what} with apt-get");
        let started = std::time::Instant::now();
        quiet(apt().arg("update"))?;
        quiet(
            apt()
                .args(["install", "--yes", "--no-install-recommends"])
                .args(packages),
        )?;
        let seconds = started.elapsed().as_secs();
        println!("tools: installed {what}, after {seconds} s");
        Ok(())
    })
}

/// What `find` finds, at once or after `install`; `None` where it is not there and may not be installed.
fn found_or_installed<T>(
    find: impl Fn() -> Option<T>,
    may_install: bool,
    install: impl FnOnce() -> Result<()>,
) -> Result<Option<T>> {
    if let Some(found) = find() {
        return Ok(Some(found));
    }
    if !may_install {
        return Ok(None);
    }
    install()?;
    match find() {
        Some(found) => Ok(Some(found)),
        None => fail("what was installed is not on PATH"),
    }
}

/// The first of some programs, by name or by path, that is there.
fn first_of(programs: &[&str]) -> Option<PathBuf> {
    // A path that begins at the root stays itself on each folder of PATH.
    programs.iter().find_map(|program| on_path(program))
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
    use std::cell::Cell;

    use super::{Browser, fail, found_or_installed, major};

    #[test]
    fn only_what_may_not_be_installed_is_unavailable() {
        let installed = Cell::new(false);
        let find = || installed.get().then_some(());
        let install = || {
            installed.set(true);
            Ok(())
        };
        let unavailable = found_or_installed(find, false, install);
        assert!(matches!(unavailable, Ok(None)) && !installed.get());
        let failed = found_or_installed(find, true, || fail("no network"));
        assert_eq!(
            failed.map_err(|why| why.to_string()),
            Err("no network".into())
        );
        assert!(found_or_installed(find, true, || Ok(())).is_err());
        assert!(matches!(
            found_or_installed(find, true, install),
            Ok(Some(()))
        ));
    }

    #[cfg(unix)]
    #[test]
    fn a_driver_that_does_not_run_is_an_error() {
        let of = |driver: &str| Browser {
            program: "browser".into(),
            driver: driver.into(),
        };
        assert!(of("true").with_a_driver_that_runs().is_ok());
        assert!(of("false").with_a_driver_that_runs().is_err());
        assert!(of("/no/such/driver").with_a_driver_that_runs().is_err());
    }

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
