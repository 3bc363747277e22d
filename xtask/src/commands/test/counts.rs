//! How many tests passed, failed and were skipped, read from the runners' own closing lines.

use std::fmt;

/// Tests that passed, those that did not, and those that could not run here.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    /// Tests that passed.
    pub(super) passed: u32,
    /// Tests that failed, or should have run and did not.
    pub(super) failed: u32,
    /// Tests whose browser is not available here. They count as no success.
    pub(super) skipped: u32,
}

impl Counts {
    /// One step that passed.
    pub(super) const PASSED: Self = Self::of(1, 0, 0);
    /// One step that failed.
    pub(super) const FAILED: Self = Self::of(0, 1, 0);
    /// One step that was skipped.
    pub(super) const SKIPPED: Self = Self::of(0, 0, 1);

    const fn of(passed: u32, failed: u32, skipped: u32) -> Self {
        Self {
            passed,
            failed,
            skipped,
        }
    }

    /// One step, by whether it passed.
    pub(super) const fn one(passed: bool) -> Self {
        if passed { Self::PASSED } else { Self::FAILED }
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self::of(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )
    }

    /// Reads a line of cargo's or wasm-bindgen's test runner:
    /// `test result: FAILED. 3 passed; 1 failed; 0 ignored; …`.
    pub(super) fn of_rust_line(line: &str) -> Option<Self> {
        let counts = line.trim().strip_prefix("test result: ")?;
        let (_, counts) = counts.split_once(". ")?;
        let number = |what: &str| {
            counts
                .split("; ")
                .find_map(|part| part.strip_suffix(what)?.trim().parse().ok())
        };
        Some(Self::of(number(" passed")?, number(" failed")?, 0))
    }

    /// Reads a closing line of Playwright: `3 passed (12.4s)`, `1 failed`, `1 flaky`,
    /// `2 did not run`, `1 interrupted`, `2 skipped`. Only the first kind is a success.
    pub(super) fn of_playwright_line(line: &str) -> Option<Self> {
        let (count, what) = line.trim().split_once(' ')?;
        let count = count.parse().ok()?;
        let what = what.split(" (").next()?;
        match what {
            "passed" => Some(Self::of(count, 0, 0)),
            "failed" | "flaky" | "did not run" | "interrupted" => Some(Self::of(0, count, 0)),
            "skipped" => Some(Self::of(0, 0, count)),
            _ => None,
        }
    }

    /// Reads a closing line of Node's runner in TAP: `# pass 7`, `# fail 1`, `# cancelled 1`, `# skipped 1`.
    pub(super) fn of_tap_line(line: &str) -> Option<Self> {
        let (what, count) = line.strip_prefix("# ")?.split_once(' ')?;
        let count = count.parse().ok()?;
        match what {
            "pass" => Some(Self::of(count, 0, 0)),
            "fail" | "cancelled" => Some(Self::of(0, count, 0)),
            "skipped" => Some(Self::of(0, 0, count)),
            _ => None,
        }
    }

    /// What a runner's counts and its exit say together. A runner has failed that ended badly without a failed test, that
    /// passed no test, or that skipped more tests than `may_skip`.
    pub(super) fn judged(self, ended_well: bool, may_skip: u32) -> Self {
        let is_success = ended_well && self.passed > 0 && self.skipped <= may_skip;
        if self.failed == 0 && !is_success {
            return self.and(Self::FAILED);
        }
        self
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    #[test]
    fn the_rust_runners_lines_are_read() {
        let line =
            "test result: FAILED. 12 passed; 2 failed; 0 ignored; 0 measured; 1 filtered out";
        assert_eq!(Counts::of_rust_line(line), Some(Counts::of(12, 2, 0)));
        let line =
            "test result: ok. 5 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.01s";
        assert_eq!(Counts::of_rust_line(line), Some(Counts::of(5, 0, 0)));
        assert_eq!(Counts::of_rust_line("test a_name ... ok"), None);
    }

    #[test]
    fn the_lines_of_playwright_are_read() {
        let read = Counts::of_playwright_line;
        assert_eq!(read("  7 passed (12.4s)"), Some(Counts::of(7, 0, 0)));
        assert_eq!(read("  1 failed"), Some(Counts::of(0, 1, 0)));
        assert_eq!(read("  2 did not run"), Some(Counts::of(0, 2, 0)));
        assert_eq!(read("  1 skipped"), Some(Counts::of(0, 0, 1)));
        assert_eq!(read("  ✓  1 a.spec.mjs:3:1 › a heart (1.2s)"), None);
    }

    #[test]
    fn the_lines_of_nodes_runner_are_read() {
        let read = Counts::of_tap_line;
        assert_eq!(read("# pass 7"), Some(Counts::of(7, 0, 0)));
        assert_eq!(read("# fail 2"), Some(Counts::of(0, 2, 0)));
        assert_eq!(read("# cancelled 1"), Some(Counts::of(0, 1, 0)));
        assert_eq!(read("# skipped 1"), Some(Counts::of(0, 0, 1)));
        assert_eq!(read("# tests 10"), None);
        assert_eq!(read("    # pass 7"), None);
    }

    #[test]
    fn a_run_without_a_test_that_passed_has_failed() {
        assert_eq!(Counts::default().judged(true, 0), Counts::FAILED);
        assert_eq!(Counts::SKIPPED.judged(true, 1).failed, 1);
        assert_eq!(Counts::of(3, 0, 0).judged(true, 0), Counts::of(3, 0, 0));
        assert_eq!(Counts::of(3, 0, 0).judged(false, 0).failed, 1);
        assert_eq!(Counts::of(3, 1, 0).judged(false, 0).failed, 1);
    }

    #[test]
    fn a_run_with_more_skips_than_it_may_have_has_failed() {
        assert_eq!(Counts::of(3, 0, 1).judged(true, 0).failed, 1);
        assert_eq!(Counts::of(1, 0, 2).judged(true, 2), Counts::of(1, 0, 2));
        assert_eq!(Counts::of(1, 0, 3).judged(true, 2).failed, 1);
    }

    #[test]
    fn the_closing_line_is_plain_and_counts_a_skip_as_no_pass() {
        assert_eq!(Counts::of(3, 0, 0).to_string(), "3 passed, 0 failed");
        assert_eq!(
            Counts::PASSED.and(Counts::SKIPPED).to_string(),
            "1 passed, 0 failed, 1 skipped"
        );
    }
}
