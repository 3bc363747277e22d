//! The examples in `deploy/`, with the programs that they are for. A machine without such a program skips its test and
//! says so.

use std::{
    fs,
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use axum::http::{Method, StatusCode};
use serde_json::json;
use tokio::{net::TcpStream, time::timeout};

use crate::support::{DEADLINE, Server, Socket, credentials, trust_loopback};

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

/// Starts nginx with the example for `server`, without TLS, and waits until it accepts. Returns its ports: that of the
/// application, and that which sends browsers to https.
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
    let child = Command::new("nginx")
        .arg("-p")
        .arg(folder)
        .arg("-c")
        .arg(&path)
        .spawn();
    let mut process = Process(child.expect("a process"));
    let accepting = async {
        while TcpStream::connect(("127.0.0.1", application))
            .await
            .is_err()
        {
            let ended = process.0.try_wait().expect("a state");
            assert!(ended.is_none(), "nginx has ended: {ended:?}");
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, accepting).await.expect("nginx accepts");
    (process, [application, redirect])
}

#[tokio::test]
async fn behind_nginx_users_sign_in_change_data_and_get_events() {
    if !is_installed("nginx") {
        return;
    }
    let server = Server::start_with(|config| {
        trust_loopback(config);
        config.public_url = Some("https://shop.example".parse().expect("an address"));
    })
    .await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let (_nginx, [application, redirect]) = nginx(&server, folder.path()).await;
    let mut ada = server.stranger().at(application);
    let json = ("content-type", "application/json");
    let post = [json, ORIGIN];

    let body = credentials("ada@demo.test").to_string().into_bytes();
    let reply = ada.call(Method::POST, "/api/session", &post, body).await;
    assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
    assert!(
        reply
            .header("strict-transport-security")
            .contains("max-age")
    );
    assert_eq!(reply.header("x-request-id").len(), 32, "that of nginx");
    let cookie = reply.cookies().into_iter().next().expect("a cookie");
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    ada.cookie = Some(cookie);

    let token = ada.token().await;
    let address = ([127, 0, 0, 1], application).into();
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

    let foreign = [json, ("origin", "https://evil.example")];
    let reply = ada
        .call(Method::POST, "/api/mutations", &foreign, Vec::new())
        .await;
    assert_eq!(reply.problem(), "forbidden_origin");
    let reply = server.stranger().at(redirect).get("/orders").await;
    assert_eq!(reply.status, StatusCode::MOVED_PERMANENTLY);
    assert!(reply.header("location").starts_with("https://"));
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
