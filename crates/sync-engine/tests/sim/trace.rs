//! What happened in a run, one line an event.

use std::cell::RefCell;
use std::rc::Rc;

/// Lines that are kept, or none: most runs are not looked at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    lines: Option<Rc<RefCell<Vec<String>>>>,
}

impl Trace {
    /// A trace that keeps its lines.
    pub(crate) fn kept() -> Self {
        Self {
            lines: Some(Rc::default()),
        }
    }

    pub(crate) const fn is_on(&self) -> bool {
        self.lines.is_some()
    }

    /// Adds a line, made only if it is kept.
    pub(crate) fn note(&self, now: u64, line: impl FnOnce() -> String) {
        if let Some(lines) = &self.lines {
            let line = format!("{now:>9} {}", line());
            lines.borrow_mut().push(line);
        }
    }

    /// The last lines.
    pub(crate) fn tail(&self, count: usize) -> String {
        let lines = self.lines.as_ref().map(|lines| lines.borrow());
        lines.map_or_else(String::new, |lines| {
            lines[lines.len().saturating_sub(count)..].join("\n")
        })
    }
}
