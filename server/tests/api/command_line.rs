//! What an operator gets to read for a wrong command line: the binary runs and ends with one line that helps.

use std::{
    io,
    net::TcpListener,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
};

use tempfile::TempDir;

use crate::support::{ANY_PORT, DEADLINE, database};

/// The lines that the server writes before it fails over these arguments.
fn failure(arguments: &[&str]) -> String {
    failure_with(&[], arguments)
}

/// The lines that the server writes before it fails over these arguments, with these empty variables. Should it start
/// in spite of them, it does so in a temporary folder and on a free port, and is killed.
fn failure_with(empty: &[&str], arguments: &[&str]) -> String {
    let folder = TempDir::new().expect("a folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_dashboard-server"))
        .env("DASHBOARD_DATABASE", database(&folder))
        .env("DASHBOARD_LISTEN", ANY_PORT.to_string())
        .envs(empty.iter().map(|name| (name, "")))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let errors = child.stderr.take().expect("a pipe");
    let (sender, text) = mpsc::channel();
    thread::spawn(move || sender.send(io::read_to_string(errors)));
    let Ok(text) = text.recv_timeout(DEADLINE) else {
        child.kill().and_then(|()| child.wait()).expect("an end");
        panic!("a server runs with {arguments:?}");
    };
    let text = text.expect("text");
    // A panic ends with 101.
    let code = child.wait().expect("an end").code();
    assert!(matches!(code, Some(1 | 2)), "{code:?}: {text}");
    text
}

/// One line names all of these.
fn assert_named(text: &str, words: &[&str]) {
    let names_all = |line: &&str| words.iter().all(|word| line.contains(word));
    assert_eq!(
        text.lines().filter(names_all).count(),
        1,
        "{words:?} in {text}"
    );
}

#[test]
fn a_value_that_cannot_be_used_is_named_with_its_flag_and_an_example() {
    for (flag, value, example) in [
        ("--listen", "localhost", "127.0.0.1:3001"),
        ("--listen", "127.0.0.1:70000", "127.0.0.1:3001"),
        ("--admin-listen", "9000", "127.0.0.1:3001"),
        ("--public-url", "shop.example", "https://shop.example"),
        ("--public-url", "ftp://shop.example", "https://shop.example"),
        (
            "--public-url",
            "https://shop.example/?a=1",
            "https://shop.example/store/",
        ),
        (
            "--allow-origin",
            "shop.example:8080",
            "https://shop.example",
        ),
        ("--allow-origin", "*", "https://shop.example"),
        (
            "--allow-origin",
            "http://Shop.example/",
            "http://shop.example",
        ),
        ("--trusted-proxy", "proxy", "10.0.0.0/8"),
        ("--max-connections", "many", "1000"),
        ("--max-http-per-address", "0", "1000"),
        ("--max-sockets-per-address", "0", "1000"),
        ("--max-connections-per-person", "0", "1000"),
        ("--order-step-ms", "1s", "1500"),
        ("--drain-delay-ms", "-1", "1500"),
        ("--log", "loud", "info"),
    ] {
        let text = failure(&[&format!("{flag}={value}")]);
        assert_named(&text, &[value, flag, example]);
    }
}

#[test]
fn a_variable_without_a_value_is_not_set() {
    let empty = [
        "DASHBOARD_ADMIN_LISTEN",
        "DASHBOARD_ALLOW_ORIGIN",
        "DASHBOARD_HTTPS",
        "DASHBOARD_LOG",
        "DASHBOARD_MAX_CONNECTIONS",
        "DASHBOARD_PAYMENT_SECRET",
        "DASHBOARD_PUBLIC_URL",
        "DASHBOARD_TRUSTED_PROXY",
        "DASHBOARD_TRUST_PROXY",
    ];
    let text = failure_with(&empty, &["--dist", env!("CARGO_MANIFEST_DIR")]);
    assert_named(&text, &["no index.html"]);
    assert_eq!(text.lines().count(), 1, "{text}");
}

/// What a server or a command cannot use, in a folder without the folder `missing`.
struct Places {
    folder: TempDir,
}

impl Places {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("text"), "no database, and no JSON").expect("a file");
        Self { folder }
    }

    fn at(&self, name: &str) -> String {
        let path = self.folder.path().join(name);
        path.to_str().expect("text").to_owned()
    }

    /// With these arguments beside a database, the one line that the server writes names all of the words.
    fn assert_fails(&self, database: &str, arguments: &[&str], words: &[&str]) {
        let database = self.at(database);
        let text = failure(&[&["--database", &database], arguments].concat());
        assert_named(&text, words);
        assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    }
}

#[test]
fn a_place_that_cannot_be_used_is_named_with_a_way_on() {
    let places = Places::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("an address").to_string();
    let (missing, empty) = (places.at("missing"), places.at(""));
    let (lost, text) = (places.at("missing/x"), places.at("text"));
    places.assert_fails(
        "missing/x",
        &[],
        &[&lost, "folder is missing", "--database"],
    );
    places.assert_fails("text", &[], &[&text, "not a database"]);
    places.assert_fails(
        "good",
        &["--listen", &taken],
        &[&taken, "in use", "--listen"],
    );
    places.assert_fails(
        "good",
        &["--admin-listen", &taken],
        &[&taken, "in use", "--admin-listen"],
    );
    for dist in [&missing, &empty] {
        let words: [&str; 4] = [dist, "no index.html", "--dist", "cargo xtask build"];
        places.assert_fails("good", &["--dist", dist], &words);
    }
}

#[test]
fn a_command_names_the_file_that_it_cannot_use() {
    let places = Places::new();
    let (missing, text) = (places.at("missing"), places.at("text"));
    let (lost, copy) = (places.at("missing/x"), places.at("missing/copy"));
    places.assert_fails(
        "missing/x",
        &["user", "list"],
        &[&lost, "there is no database"],
    );
    places.assert_fails(
        "good",
        &["beats", "import", &missing],
        &[&missing, "cannot read"],
    );
    places.assert_fails("good", &["beats", "import", &text], &[&text, "cannot read"]);
    let none = places.at("none");
    places.assert_fails(
        "none",
        &["backup", &places.at("copy")],
        &[&none, "cannot open the database"],
    );
    places.assert_fails("good", &["backup", &copy], &[&missing, "cannot write"]);
}
