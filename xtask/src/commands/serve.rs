//! `cargo xtask serve`: the server and the application, with everything they need, until one of them
//! or the person ends it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use crate::children::Group;
use crate::error::{Error, Result, create_dir, fail};
use crate::process::{command, show};
use crate::project::Project;
use crate::tools::{self, FOR_BUILD};

/// Where the server listens; `Trunk.toml` proxies to it.
const SERVER: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 3001);
/// Where the application is served; `Trunk.toml` says so too.
const PAGE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
/// The addresses of the page, as browsers send them.
const ORIGINS: [&str; 2] = ["http://127.0.0.1:8080", "http://localhost:8080"];
/// How long the server may take to answer; the first start fills the demo accounts.
const START: Duration = Duration::from_secs(60);
/// How often a state is looked at again.
const LOOK: Duration = Duration::from_millis(100);

/// Sets up, starts and watches.
pub(crate) fn run(project: &Project) -> Result<()> {
    for address in [SERVER, PAGE] {
        if TcpListener::bind(address).is_err() {
            return fail(format!(
                "{address} is taken: end what listens there and try again"
            ));
        }
    }
    tools::ready(project, FOR_BUILD)?;
    let folder = project.target().join("serve");
    create_dir(&folder)?;
    show(
        command("cargo")
            .args(["build", "--workspace", "--bin", "dashboard-server"])
            .current_dir(project.root()),
    )?;

    let mut server = start_server(project)?;
    wait_for_health(&mut server)?;
    println!("serve: the server answers on http://{SERVER}");
    println!("serve: building the application for http://{PAGE} (ada@demo.test, demo-demo-demo)");
    let mut trunk = Group::start(
        command("trunk")
            .args(["serve", "--offline", "--dist"])
            .arg(folder.join("dist"))
            .current_dir(project.root())
            .env("PATH", tools::path_with(project, FOR_BUILD)?)
            .env_remove("NO_COLOR"),
    )?;
    loop {
        if server.poll()?.is_some() {
            return fail("the server has ended, so the application is ended too");
        }
        if trunk.poll()?.is_some() {
            return fail("trunk has ended, so the server is ended too");
        }
        std::thread::sleep(LOOK);
    }
}

fn start_server(project: &Project) -> Result<Group> {
    let binary = project
        .target()
        .join("debug")
        .join(format!("dashboard-server{}", std::env::consts::EXE_SUFFIX));
    let mut server = command(binary);
    server
        .args(["--demo", "--listen", &SERVER.to_string(), "--database"])
        .arg(project.target().join("serve").join("dashboard.sqlite"))
        .current_dir(project.root());
    for origin in ORIGINS {
        server.args(["--allow-origin", origin]);
    }
    Group::start(&mut server)
}

fn wait_for_health(server: &mut Group) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < START {
        if server.poll()?.is_some() {
            return fail("the server ended at its start");
        }
        if is_healthy() {
            return Ok(());
        }
        std::thread::sleep(LOOK);
    }
    Err(Error::new(format!(
        "the server did not answer within {} s",
        START.as_secs()
    )))
}

fn is_healthy() -> bool {
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&SERVER, LOOK)?;
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
