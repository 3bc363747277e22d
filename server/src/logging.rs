//! The log: lines of text for people or of JSON for programs, on standard error.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use tracing::{Level, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    registry,
};

/// The target of the events that tell who has changed accounts and sessions. They are in the log at every level.
pub const AUDIT: &str = "audit";

/// The form of the log.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum LogFormat {
    /// One line for each event, in colours on a terminal
    #[default]
    Text,
    /// One JSON object for each event
    Json,
}

/// Starts the log of the process. Panics are in it too.
///
/// # Errors
/// When there is a log already.
pub fn start(
    level: Level,
    format: LogFormat,
) -> Result<(), tracing::subscriber::SetGlobalDefaultError> {
    let is_terminal = io::stderr().is_terminal();
    tracing::subscriber::set_global_default(subscriber(level, format, is_terminal, io::stderr))?;
    std::panic::set_hook(Box::new(|panic| {
        tracing::error!(thread = std::thread::current().name(), "{panic}");
    }));
    Ok(())
}

fn subscriber<W>(
    level: Level,
    format: LogFormat,
    is_terminal: bool,
    writer: W,
) -> Box<dyn Subscriber + Send + Sync>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = Targets::new()
        .with_default(level)
        .with_target(AUDIT, LevelFilter::from(level).max(LevelFilter::INFO));
    let lines = fmt::layer().with_writer(writer);
    match format {
        LogFormat::Text => Box::new(registry().with(filter).with(lines.with_ansi(is_terminal))),
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_span_list(false);
            Box::new(registry().with(filter).with(lines))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no panic").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What the log contains after an audit event and a debug event in a request.
    fn logged(level: Level, format: LogFormat, is_terminal: bool) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = subscriber(level, format, is_terminal, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            let _request = tracing::error_span!("request", id = "r1").entered();
            tracing::info!(target: AUDIT, account = "ada\n", "signed in");
            tracing::debug!("detail");
        });
        let bytes = lines.0.lock().expect("no panic").clone();
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn only_a_terminal_gets_colours() {
        assert!(logged(Level::INFO, LogFormat::Text, true).contains('\u{1b}'));
        let plain = logged(Level::INFO, LogFormat::Text, false);
        assert!(!plain.contains('\u{1b}') && plain.contains("r1"), "{plain}");
        assert_eq!(plain.lines().count(), 1, "{plain}");
    }

    #[test]
    fn json_is_one_object_a_line_with_the_fields_of_its_request() {
        let log = logged(Level::DEBUG, LogFormat::Json, true);
        let events: Vec<Value> = log
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(events.len(), 2, "{log}");
        assert_eq!(events[0]["target"], "audit");
        assert_eq!(events[0]["account"], "ada\n");
        assert_eq!(events[0]["span"], json!({"name": "request", "id": "r1"}));
    }

    #[test]
    fn audit_events_are_logged_at_every_level() {
        let log = logged(Level::ERROR, LogFormat::Text, false);
        assert!(
            log.contains("signed in") && !log.contains("detail"),
            "{log}"
        );
    }
}
