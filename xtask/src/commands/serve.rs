//! `cargo xtask serve`: the server and the application, with everything they need, until one of them
//! or the person ends it.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::children::Group;
use crate::commands::build;
use crate::error::{Error, Result, create_dir, fail, read, write};
use crate::process::command;
use crate::project::Project;
use crate::tools::{self, FOR_BUILD};

/// The port that the application is served on, as `Trunk.toml` has it.
const PAGE_PORT: u16 = 8080;
/// The port of the server that `Trunk.toml` proxies to.
const SERVER_PORT: u16 = 3001;
/// `Trunk.toml` with other ports. It lies beside it, since its paths are relative to its folder.
const CHANGED_CONFIG: &str = ".trunk-serve.toml";
/// The settings of the build, which a user may have.
const SETTINGS: &str = ".env.dashboard";
/// How long the server may take to answer; the first start fills the demo accounts.
const START: Duration = Duration::from_secs(60);
/// How often a state is looked at again.
const LOOK: Duration = Duration::from_millis(100);

/// The two ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ports {
    page: u16,
    server: u16,
}

impl Ports {
    fn parse(words: &[&str]) -> Result<Self> {
        let mut ports = Self {
            page: PAGE_PORT,
            server: SERVER_PORT,
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let port = match *word {
                "--port" => &mut ports.page,
                "--server-port" => &mut ports.server,
                other => return fail(format!("serve: not understood: {other}")),
            };
            let value = words.next().and_then(|value| value.parse().ok());
            *port =
                value.ok_or_else(|| Error::new(format!("{word} wants the number of a port")))?;
        }
        Ok(ports)
    }

    fn page(self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.page).into()
    }

    fn server(self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.server).into()
    }

    /// The addresses of the page, as browsers send them.
    fn origins(self) -> [String; 2] {
        ["127.0.0.1", "localhost"].map(|host| format!("http://{host}:{}", self.page))
    }
}

/// Sets up, starts and watches. `words` may choose the ports.
pub(crate) fn run(project: &Project, words: &[&str]) -> Result<()> {
    let ports = Ports::parse(words)?;
    for (address, option) in [(ports.page(), "--port"), (ports.server(), "--server-port")] {
        if TcpListener::bind(address).is_err() {
            return fail(format!(
                "{address} is in use: end the program that listens there, or choose another port with {option}"
            ));
        }
    }
    tools::ready(project, FOR_BUILD)?;
    let folder = project.target().join("serve");
    create_dir(&folder)?;
    let program = build::program(project, "dashboard-server")?;
    let mut server = start_server(project, &program, ports)?;
    wait_for_health(&mut server, ports.server())?;
    println!("serve: the server answers on http://{}", ports.server());
    println!(
        "serve: building the application for http://{} (ada@demo.test, demo-demo-demo)",
        ports.page()
    );
    let mut settings = Watched::new(project.path(SETTINGS));
    let mut trunk = start_trunk(project, ports, &folder)?;
    loop {
        if server.poll()?.is_some() {
            return fail("the server has ended, so the application is ended too");
        }
        if trunk.poll()?.is_some() {
            return fail("trunk has ended, so the server is ended too");
        }
        if settings.has_changed() {
            println!("serve: {SETTINGS} has changed: building the application with it");
            // Cargo itself watches the file only once it was there in a build.
            let script = File::options().write(true).open(project.path("build.rs"))?;
            script.set_modified(SystemTime::now())?;
            trunk.end();
            trunk = start_trunk(project, ports, &folder)?;
        }
        std::thread::sleep(LOOK);
    }
}

/// A file that may be made, replaced or deleted. Trunk refuses to watch one that is missing, and watches a file only until an
/// editor puts another one in its place.
#[derive(Debug)]
struct Watched {
    path: PathBuf,
    seen: Option<SystemTime>,
}

impl Watched {
    fn new(path: PathBuf) -> Self {
        let mut watched = Self { path, seen: None };
        watched.has_changed();
        watched
    }

    /// Whether it differs from what it was at the last call.
    fn has_changed(&mut self) -> bool {
        let modified = std::fs::metadata(&self.path).and_then(|file| file.modified());
        let before = std::mem::replace(&mut self.seen, modified.ok());
        self.seen != before
    }
}

fn start_trunk(project: &Project, ports: Ports, folder: &Path) -> Result<Group> {
    Group::start(
        command("trunk")
            .args(["serve", "--offline", "--dist"])
            .arg(folder.join("dist"))
            .arg("--config")
            .arg(trunk_config(project, ports)?)
            .current_dir(project.root())
            .env("PATH", tools::path_with(project, FOR_BUILD)?)
            .env_remove("NO_COLOR"),
    )
}

/// The configuration of trunk: its own file, or a copy of it with what is different here.
fn trunk_config(project: &Project, ports: Ports) -> Result<PathBuf> {
    let own = project.path("Trunk.toml");
    let config = read(&own)?;
    let changed = changed_config(&config, ports);
    if changed == config {
        return Ok(own);
    }
    let path = project.path(CHANGED_CONFIG);
    write(&path, changed)?;
    Ok(path)
}

fn changed_config(config: &str, ports: Ports) -> String {
    config
        .replace(
            &format!("port = {PAGE_PORT}"),
            &format!("port = {}", ports.page),
        )
        .replace(&format!(":{SERVER_PORT}/"), &format!(":{}/", ports.server))
}

fn start_server(project: &Project, program: &Path, ports: Ports) -> Result<Group> {
    let mut server = command(program);
    server
        .args(["--demo", "--listen", &ports.server().to_string()])
        .arg("--database")
        .arg(project.target().join("serve").join("dashboard.sqlite"))
        .current_dir(project.root());
    for origin in ports.origins() {
        server.args(["--allow-origin", &origin]);
    }
    Group::start(&mut server)
}

fn wait_for_health(server: &mut Group, address: SocketAddr) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < START {
        if server.poll()?.is_some() {
            return fail("the server ended at its start");
        }
        if is_healthy(address) {
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
    Err(Error::new(format!(
        "the server did not answer within {} s",
        START.as_secs()
    )))
}

fn is_healthy(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, LOOK)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(
            b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
        )?;
        let mut head = vec![0; 12];
        stream.read_exact(&mut head)?;
        Ok(head)
    };
    ask().is_ok_and(|head| head == b"HTTP/1.1 200")
}

#[cfg(test)]
mod tests {
    use std::fs::{File, remove_file, rename, write};
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Ports, Watched, changed_config};

    #[test]
    fn ports_have_defaults_and_can_be_chosen() {
        let ports = |words: &[&str]| {
            let ports = Ports::parse(words).ok()?;
            Some((ports.page, ports.server))
        };
        assert_eq!(ports(&[]), Some((8080, 3001)));
        assert_eq!(
            ports(&["--port", "9000", "--server-port", "9001"]),
            Some((9000, 9001))
        );
        for words in [&["--port"][..], &["--port", "x"], &["--prot", "9000"]] {
            assert_eq!(ports(words), None);
        }
    }

    #[test]
    fn trunk_follows_the_ports() {
        let own = include_str!("../../../Trunk.toml");
        let default = Ports::parse(&[]).expect("no words");
        assert_eq!(changed_config(own, default), own);
        let ports = Ports::parse(&["--port", "9000", "--server-port", "9001"]).expect("ports");
        let changed = changed_config(own, ports);
        for expected in [
            "port = 9000",
            "http://127.0.0.1:9001/api/",
            "ws://127.0.0.1:9001/connection/websocket",
        ] {
            assert!(changed.contains(expected), "{expected}");
        }
        assert!(!changed.contains("8080") && !changed.contains("3001"));
    }

    #[test]
    fn settings_that_are_made_saved_replaced_or_deleted_have_changed_once() {
        let folder = std::env::temp_dir().join(format!("watched-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let (path, other) = (folder.join("settings"), folder.join("other"));
        let save = |path, at_s| {
            write(path, "A=1").expect("a file");
            let file = File::options().write(true).open(path).expect("the file");
            file.set_modified(UNIX_EPOCH + Duration::from_secs(at_s))
                .expect("a time");
        };
        let mut watched = Watched::new(path.clone());
        assert!(!watched.has_changed());
        let steps: [&dyn Fn(); 5] = [
            &|| save(&path, 1),
            &|| save(&path, 2),
            &|| {
                save(&other, 3);
                rename(&other, &path).expect("replaced");
            },
            &|| remove_file(&path).expect("deleted"),
            &|| save(&path, 3),
        ];
        for step in steps {
            step();
            assert!(watched.has_changed() && !watched.has_changed());
        }
        std::fs::remove_dir_all(&folder).expect("deleted");
    }
}
