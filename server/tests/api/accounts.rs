//! Accounts and sessions: the commands of an operator, and what users do with their own.

use std::{
    io::Write,
    path::Path,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use axum::http::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Client, PASSWORD, Server, credentials, database};

const NEW_PASSWORD: &str = "another long one";

/// Runs a command with a line of input, and returns its output.
fn run(database: &Path, arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_dashboard-server"))
        .arg("--database")
        .arg(database)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process");
    let mut stdin = child.stdin.take().expect("input");
    // A command that reads no input may have ended already. Its output says whether that was right.
    let _: std::io::Result<()> = writeln!(stdin, "{input}");
    drop(stdin);
    child.wait_with_output().expect("an end")
}

fn output(database: &Path, arguments: &[&str], input: &str) -> String {
    let output = run(database, arguments, input);
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).expect("text")
}

async fn sign_in(server: &Server, password: &str) -> StatusCode {
    let body = json!({"email": "ada@demo.test", "password": password});
    server.stranger().post("/api/session", &body).await.status
}

async fn sessions(client: &Client) -> Vec<Value> {
    let reply = client.get("/api/sessions").await.json();
    reply["sessions"].as_array().expect("sessions").clone()
}

/// Waits until a session that another process has ended is rejected, which takes about a second.
async fn ended(client: &Client) {
    let started = Instant::now();
    while client.get("/api/session").await.status == StatusCode::OK {
        assert!(started.elapsed() < Duration::from_secs(3), "it goes on");
    }
    assert_eq!(
        client.get("/api/session").await.problem(),
        "unauthenticated"
    );
}

#[tokio::test]
async fn a_disabled_account_loses_its_sessions_and_sockets_until_it_is_enabled() {
    let server = Server::start().await;
    let path = server.folder().join("test.sqlite");
    let (ada, ben) = (server.ada().await, server.ben().await);
    let (mut socket, mut other) = (ada.connected().await, ben.connected().await);
    let printed = output(&path, &["user", "disable", "--email", "Ada@demo.test"], "");
    assert_eq!(printed, "Disabled Ada@demo.test\n");
    ended(&ada).await;
    assert_eq!(socket.closed().await, 3503);
    assert_eq!(sign_in(&server, PASSWORD).await, StatusCode::UNAUTHORIZED);
    let list = output(&path, &["user", "list"], "");
    assert!(list.contains("ada@demo.test\tAda\tdisabled\t2"), "{list}");
    assert!(list.contains("ben@demo.test\tBen\tenabled\t2"), "{list}");
    output(&path, &["user", "enable", "--email", "ada@demo.test"], "");
    assert_eq!(sign_in(&server, PASSWORD).await, StatusCode::OK);
    other
        .send(&json!({"id": 2, "rpc": {"method": "ping"}}))
        .await;
    assert_eq!(other.next().await["id"], 2);
}

#[tokio::test]
async fn a_password_set_by_an_operator_ends_all_sessions() {
    let server = Server::start().await;
    let path = server.folder().join("test.sqlite");
    let ada = server.ada().await;
    let set = ["user", "password", "--email", "ada@demo.test"];
    assert!(!run(&path, &set, "short").status.success());
    assert_eq!(ada.get("/api/session").await.status, StatusCode::OK);
    output(&path, &set, NEW_PASSWORD);
    ended(&ada).await;
    assert_eq!(sign_in(&server, PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&server, NEW_PASSWORD).await, StatusCode::OK);
}

#[tokio::test]
async fn a_deleted_account_leaves_no_data() {
    let server = Server::start().await;
    let path = server.folder().join("test.sqlite");
    let ada = server.ada().await;
    ada.favorite("m1", "b1", true).await;
    output(&path, &["user", "delete", "--email", "ada@demo.test"], "");
    ended(&ada).await;
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c ON c.name = 'person_id' WHERE m.type = 'table'",
    )
    .fetch_all(server.db().read())
    .await
    .expect("tables");
    assert!(tables.len() > 5, "{tables:?}");
    for table in tables {
        let query =
            sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table} WHERE person_id = ?"));
        let left: i64 = sqlx::query_scalar(query)
            .bind(&ada.user_id)
            .fetch_one(server.db().read())
            .await
            .expect("a count");
        assert_eq!(left, 0, "{table}");
    }
    assert!(
        !run(&path, &["user", "delete", "--email", "ada@demo.test"], "")
            .status
            .success()
    );
}

#[tokio::test]
async fn a_deleted_user_whose_session_is_remembered_is_not_signed_in() {
    let server = Server::start().await;
    let ada = server.ada().await;
    assert_eq!(ada.get("/api/session").await.status, StatusCode::OK);
    let mut other_process = server.db().begin_write().await.expect("a transaction");
    let delete = sqlx::query("DELETE FROM people WHERE id = ?").bind(&ada.user_id);
    delete.execute(&mut *other_process).await.expect("deleted");
    other_process.commit().await.expect("committed");
    let favorite = json!({"beat_id": "b1", "favorite": true});
    let mutation = json!({"id": "m1", "kind": "set_favorite", "args": favorite});
    let body = json!({"mutations": [mutation]});
    for reply in [
        ada.get("/api/snapshot?resources=stats").await,
        ada.post("/api/mutations", &body).await,
        ada.get("/api/realtime/token").await,
    ] {
        assert_eq!(reply.problem(), "unauthenticated");
    }
}

#[tokio::test]
async fn an_operator_lists_and_ends_sessions() {
    let server = Server::start().await;
    let path = server.folder().join("test.sqlite");
    let (first, second, ben) = (server.ada().await, server.ada().await, server.ben().await);
    let list = output(&path, &["sessions", "list", "--email", "Ada@demo.test"], "");
    assert_eq!(list.lines().count(), 2, "{list}");
    let all = output(&path, &["sessions", "list"], "");
    assert_eq!(all.lines().count(), 3, "{all}");
    let id = sessions(&first)
        .await
        .into_iter()
        .find(|session| session["current"] == true);
    let id = id.expect("its own")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert!(list.contains(&id));
    output(&path, &["sessions", "end", "--id", &id], "");
    ended(&first).await;
    assert_eq!(second.get("/api/session").await.status, StatusCode::OK);
    output(&path, &["sessions", "end", "--email", "ada@demo.test"], "");
    ended(&second).await;
    assert_eq!(ben.get("/api/session").await.status, StatusCode::OK);
    for wrong in [&["sessions", "end"][..], &["sessions", "end", "--id", &id]] {
        assert!(!run(&path, wrong, "").status.success(), "{wrong:?}");
    }
}

#[test]
fn a_command_creates_no_database() {
    let folder = TempDir::new().expect("a folder");
    let path = database(&folder);
    let output = run(&path, &["user", "list"], "");
    assert!(!output.status.success());
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(log.contains("there is no database"), "{log}");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_user_ends_another_session_of_their_own_and_no_foreign_one() {
    let server = Server::start().await;
    let (here, there, ben) = (server.ada().await, server.ada().await, server.ben().await);
    let mut socket = there.connected().await;
    let listed = sessions(&here).await;
    assert_eq!(listed.len(), 2, "{listed:?}");
    let other = listed.iter().find(|session| session["current"] == false);
    let path = format!(
        "/api/sessions/{}",
        other.expect("one")["id"].as_str().expect("an id")
    );
    assert_eq!(ben.delete(&path).await.problem(), "not_found");
    assert_eq!(there.get("/api/session").await.status, StatusCode::OK);
    assert_eq!(here.delete(&path).await.status, StatusCode::NO_CONTENT);
    assert_eq!(socket.closed().await, 3503);
    assert_eq!(there.get("/api/session").await.problem(), "unauthenticated");
    assert_eq!(here.delete(&path).await.problem(), "not_found");
    assert_eq!(sessions(&here).await.len(), 1);
}

#[tokio::test]
async fn a_user_changes_the_password_and_the_other_sessions_end() {
    let server = Server::start().await;
    let (here, there) = (server.ada().await, server.ada().await);
    let mut socket = there.connected().await;
    let change = async |current: &str, new: &str| {
        let body = json!({"current": current, "new": new});
        here.post("/api/password", &body).await
    };
    assert_eq!(change(PASSWORD, "1234567").await.problem(), "bad_request");
    assert_eq!(
        change(PASSWORD, &"x".repeat(1025)).await.problem(),
        "bad_request"
    );
    let wrong = change("wrong", NEW_PASSWORD).await;
    assert_eq!(
        (wrong.status, &*wrong.problem()),
        (StatusCode::FORBIDDEN, "invalid_credentials")
    );
    assert_eq!(there.get("/api/session").await.status, StatusCode::OK);
    assert_eq!(
        change(PASSWORD, NEW_PASSWORD).await.status,
        StatusCode::NO_CONTENT
    );
    assert_eq!(socket.closed().await, 3503);
    assert_eq!(there.get("/api/session").await.problem(), "unauthenticated");
    assert_eq!(here.get("/api/session").await.status, StatusCode::OK);
    assert_eq!(sign_in(&server, PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(sign_in(&server, NEW_PASSWORD).await, StatusCode::OK);
    assert_eq!(
        change(NEW_PASSWORD, &"x".repeat(1024)).await.status,
        StatusCode::NO_CONTENT
    );
}

#[tokio::test]
async fn ten_wrong_passwords_of_a_signed_in_user_are_checked_and_not_one_more() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let wrong = json!({"current": "wrong", "new": NEW_PASSWORD});
    for _ in 0..10 {
        assert_eq!(
            ada.post("/api/password", &wrong).await.problem(),
            "invalid_credentials"
        );
    }
    assert_eq!(
        ada.post("/api/password", &wrong).await.problem(),
        "rate_limited"
    );
    let reply = server
        .stranger()
        .post("/api/session", &credentials("ada@demo.test"))
        .await;
    assert_eq!(reply.problem(), "rate_limited");
}
