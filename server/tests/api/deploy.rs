//! The examples in `deploy/`, with the programs that they are for. A machine without such a program skips its test and
//! says so.

use std::{
    fs,
    net::{IpAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
};

use axum::http::{Method, StatusCode};
use serde_json::json;
use sync_protocol::limits::REQUEST_BYTES_MAX;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::support::{DEADLINE, Log, Server, Socket, credentials};

const ORIGIN: (&str, &str) = ("origin", "https://shop.example");

/// Ends its process with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already, which the test has noticed.
        let _: std::io::Result<()> = self.0.kill();
        let _: std::io::Result<_> = self.0.wait();
    }
}

/// An example of `deploy/`.
fn example(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy")
        .join(name);
    fs::read_to_string(path).expect("an example")
}

/// Whether a program is installed. Says so if it is not.
fn is_installed(program: &str) -> bool {
    let found = Command::new(program)
        .arg(if program == "nginx" {
            "-v"
        } else {
            "--version"
        })
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if found.is_err() {
        eprintln!("SKIPPED: {program} is not installed");
    }
    found.is_ok()
}

/// Two different ports that nobody uses.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}

/// Starts a proxy, and waits until it accepts on the port.
async fn start(program: &mut Command, port: u16) -> Process {
    let mut process = Process(program.spawn().expect("a process"));
    let accepting = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            let ended = process.0.try_wait().expect("a state");
            assert!(ended.is_none(), "the proxy has ended: {ended:?}");
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, accepting).await.expect("it accepts");
    process
}

/// Starts nginx with the example for `server`, without TLS. Returns its ports: that of the application, and the one that
/// redirects to it.
async fn nginx(server: &Server, folder: &Path) -> (Process, [u16; 2]) {
    let [application, redirect] = free_ports();
    let site: String = example("nginx.conf")
        .replace("127.0.0.1:3001", &server.address.to_string())
        .replace(
            "listen 443 ssl;",
            &format!("listen 127.0.0.1:{application};"),
        )
        .replace("listen 80;", &format!("listen 127.0.0.1:{redirect};"))
        .lines()
        .filter(|line| !line.contains("ssl_certificate") && !line.contains("listen [::]"))
        .map(|line| format!("{line}\n"))
        .collect();
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary
        .map(|kind| format!("{kind}_temp_path {kind};\n"))
        .concat();
    let config = format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr;\nevents {{}}\n\
        http {{\naccess_log off;\n{temporary}{site}}}\n"
    );
    let path = folder.join("nginx.conf");
    fs::write(&path, config).expect("a file");
    let mut program = Command::new("nginx");
    program.arg("-p").arg(folder).arg("-c").arg(&path);
    let process = start(&mut program, application).await;
    (process, [application, redirect])
}

/// Starts Caddy with the example for `server`, without TLS. Returns its port.
async fn caddy(server: &Server, folder: &Path) -> (Process, u16) {
    let [port, _] = free_ports();
    let site = example("Caddyfile")
        .replace("127.0.0.1:3001", &server.address.to_string())
        .replace("\nshop.example {", &format!("\nhttp://:{port} {{"));
    let path = folder.join("Caddyfile");
    let config = format!("{{\n\tadmin off\n}}\n{site}");
    fs::write(&path, config).expect("a file");
    let mut program = Command::new("caddy");
    program.args(["run", "--adapter", "caddyfile", "--config"]);
    program.arg(&path).stderr(Stdio::null());
    program.envs([("XDG_CONFIG_HOME", folder), ("XDG_DATA_HOME", folder)]);
    (start(&mut program, port).await, port)
}

/// A server for the examples.
async fn server() -> Server {
    Server::start_with(|config| {
        config.trusted_proxies = vec!["127.0.0.1".parse::<IpAddr>().expect("an address").into()];
        config.public_url = Some("https://shop.example".parse().expect("an address"));
    })
    .await
}

/// Signs in through the proxy on this port, changes data, and gets the event.
async fn sign_in_and_change(server: &Server, port: u16) {
    let mut ada = server.stranger().at(port);
    let json = ("content-type", "application/json");
    let post = [json, ORIGIN, ("x-request-id", "of-the-client")];

    let body = credentials("ada@demo.test").to_string().into_bytes();
    let reply = ada.call(Method::POST, "/api/session", &post, body).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert!(
        reply
            .header("strict-transport-security")
            .contains("max-age")
    );
    let id = reply.header("x-request-id");
    assert_ne!(id, "of-the-client", "the proxy gives a request its id");
    let cookie = reply.cookies().into_iter().next().expect("a cookie");
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    ada.cookie = Some(cookie);

    let token = ada.token().await;
    let address = ([127, 0, 0, 1], port).into();
    let socket = Socket::open(address, Some(ORIGIN.1)).await;
    let mut socket = socket.expect("a websocket");
    socket
        .send(&json!({"id": 1, "connect": {"token": token}}))
        .await;
    assert!(socket.next().await["connect"]["client"].is_string());
    let user_id = ada.get("/api/session").await.json()["user"]["id"].clone();
    let channel = format!("dashboard:favorites#{}", user_id.as_str().expect("an id"));
    socket
        .send(&json!({"id": 2, "subscribe": {"channel": channel}}))
        .await;
    assert_eq!(socket.next().await["id"], 2);

    let mutation = json!({"mutations": [
        {"id": "m1", "kind": "set_favorite", "args": {"beat_id": "b1", "favorite": true}}]});
    let body = mutation.to_string().into_bytes();
    let reply = ada.call(Method::POST, "/api/mutations", &post, body).await;
    assert_eq!(
        reply.json()["results"][0]["outcome"],
        "accepted",
        "{reply:?}"
    );
    assert_eq!(socket.next().await["push"]["channel"], json!(channel));

    let too_large = vec![b' '; REQUEST_BYTES_MAX + 1];
    let reply = ada.call(Method::POST, "/api/mutations", &post, too_large);
    assert_eq!(reply.await.problem(), "payload_too_large");
    let foreign = [json, ("origin", "https://evil.example")];
    let reply = ada
        .call(Method::POST, "/api/mutations", &foreign, Vec::new())
        .await;
    assert_eq!(reply.problem(), "forbidden_origin");
}

/// Calls from another address through the proxy on this port. The server has to know it, whatever the client says.
async fn call_from_another_address(log: &Log, port: u16) {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .bind(([127, 0, 0, 2], 0).into())
        .expect("an address of loopback");
    let stream = socket.connect(([127, 0, 0, 1], port).into()).await;
    let mut stream = stream.expect("connected");
    let request = "GET /api/health HTTP/1.1\r\nhost: shop.example\r\nx-forwarded-for: 192.0.2.7\r\n\
        connection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut reply = String::new();
    let read = stream.read_to_string(&mut reply);
    let read = timeout(DEADLINE, read).await.expect("answered in time");
    read.expect("a reply");
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    let seen = log.lines_with("client=127.0.0.2");
    assert_eq!(seen.len(), 1, "{:?}", log.lines_with("/api/health"));
}

#[tokio::test]
async fn behind_nginx_users_sign_in_change_data_and_get_events() {
    if !is_installed("nginx") {
        return;
    }
    let (log, server) = (Log::start(), server().await);
    let folder = tempfile::TempDir::new().expect("a folder");
    let (_nginx, [application, redirect]) = nginx(&server, folder.path()).await;
    sign_in_and_change(&server, application).await;
    call_from_another_address(&log, application).await;
    let reply = server.stranger().at(redirect).get("/orders").await;
    assert_eq!(reply.status, StatusCode::MOVED_PERMANENTLY);
    assert!(reply.header("location").starts_with("https://"));
}

#[tokio::test]
async fn behind_caddy_users_sign_in_change_data_and_get_events() {
    if !is_installed("caddy") {
        return;
    }
    let (log, server) = (Log::start(), server().await);
    let folder = tempfile::TempDir::new().expect("a folder");
    let (_caddy, port) = caddy(&server, folder.path()).await;
    sign_in_and_change(&server, port).await;
    call_from_another_address(&log, port).await;
}

#[test]
fn the_unit_is_valid() {
    if !is_installed("systemd-analyze") {
        return;
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("dashboard-server.service");
    let unit = example("dashboard-server.service");
    let program = "/usr/local/bin/dashboard-server";
    assert!(unit.contains(program));
    fs::write(
        &path,
        unit.replace(program, env!("CARGO_BIN_EXE_dashboard-server")),
    )
    .expect("a file");
    let output = Command::new("systemd-analyze")
        .arg("verify")
        .arg(&path)
        .output();
    let output = output.expect("verified");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // It may also complain about units of the machine.
    let complains = said
        .lines()
        .any(|line| line.contains("dashboard-server.service"));
    assert!(output.status.success() && !complains, "{said}");
}
