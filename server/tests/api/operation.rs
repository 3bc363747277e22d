//! The tasks of an operator: accounts, the catalog, a demonstration and the command line.

use std::process::{Command, Stdio};

use axum::http::StatusCode;
use dashboard_server::{admin, config::Config, db::Db};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Server, database};

#[tokio::test]
async fn an_account_is_added_once_and_can_sign_in() {
    let folder = TempDir::new().expect("a folder");
    let path = database(&folder);
    let add = |email: &'static str, password: &str| {
        let (path, password) = (path.clone(), password.to_owned());
        async move { admin::add_user(&path, email, "Cleo", password).await }
    };
    add("Cleo@Shop.test", "long enough").await.expect("added");
    assert!(add("cleo@shop.test", "long enough").await.is_err());
    assert!(add("dora@shop.test", "short").await.is_err());
    assert!(add("no address", "long enough").await.is_err());
    let server = Server::over(folder, |config| config.demo = false).await;
    let body = json!({"email": "cleo@shop.test", "password": "long enough"});
    let reply = server.stranger().post("/api/session", &body).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(reply.json()["user"]["name"], "Cleo");
}

#[tokio::test]
async fn an_import_adds_all_beats_or_none_and_updates_known_ids() {
    let folder = TempDir::new().expect("a folder");
    let path = database(&folder);
    let file = folder.path().join("beats.json");
    let price = |amount: i64| json!({"amount": amount, "currency": "EUR"});
    let beat = |id: &str, basic: i64| {
        json!({"id": id, "title": "T", "artist": "A", "genre": "G", "bpm": 90, "key": "C major", "duration_ms": 60000,
            "prices": {"basic": price(basic), "premium": price(2), "unlimited": price(3)}})
    };
    let import = |beats: serde_json::Value| {
        std::fs::write(&file, beats.to_string()).expect("a file");
        admin::import_beats(&path, &file)
    };
    assert_eq!(
        import(json!([beat("x", 1), beat("y", 1)]))
            .await
            .expect("imported"),
        2
    );
    assert_eq!(import(json!([beat("x", 9)])).await.expect("imported"), 1);
    assert!(import(json!([beat("z", 1), beat("x", 0)])).await.is_err());
    assert!(import(json!([{"id": "q"}])).await.is_err());
    let db = Db::open(&path).await.expect("a database");
    let prices: Vec<(String, i64)> = sqlx::query_as("SELECT id, basic FROM beats ORDER BY id")
        .fetch_all(db.read())
        .await
        .expect("beats");
    assert_eq!(prices, [("x".to_owned(), 9), ("y".to_owned(), 1)]);
}

#[tokio::test]
async fn a_demonstration_is_filled_once_with_a_year_of_history() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::over(folder, |_| {}).await;
    let count = async |server: &Server| -> i64 {
        sqlx::query_scalar("SELECT (SELECT count(*) FROM activity WHERE kind <> 'signed_in') + (SELECT count(*) FROM beats)")
            .fetch_one(server.db().read())
            .await
            .expect("a count")
    };
    let before = count(&server).await;
    assert!(before > 500, "{before}");
    let body = json!({"email": "ben@demo.test", "password": "demo-demo-demo"});
    let mut ben = server.stranger();
    let reply = ben.post("/api/session", &body).await;
    assert_eq!(reply.status, StatusCode::OK);
    ben.cookie = reply
        .header("set-cookie")
        .split(';')
        .next()
        .map(str::to_owned);
    let snapshot = ben.snapshot("resources=favorites,orders,stats").await;
    let stats = &snapshot["resources"]["stats"]["data"];
    let ids = snapshot["resources"]["favorites"]["ids"]
        .as_array()
        .expect("ids");
    assert_eq!(stats["favorites"], ids.len());
    assert!(stats["orders"].as_u64().expect("a number") > 20);
    let counted: (i64, i64, i64) = sqlx::query_as(
        "SELECT sum(paid_ms IS NOT NULL), sum(total) FILTER (WHERE paid_ms IS NOT NULL), \
         (SELECT count(*) FROM downloads WHERE person_id = ?1) FROM orders WHERE person_id = ?1",
    )
    .bind(reply.json()["user"]["id"].as_str())
    .fetch_one(server.db().read())
    .await
    .expect("counts");
    let stated = ["orders", "downloads"].map(|name| stats[name].as_i64().expect("a number"));
    assert_eq!(stated, [counted.0, counted.2]);
    assert_eq!(stats["spent"]["amount"], counted.1);
    let folder = server.stop().await;
    let server = Server::over(folder, |_| {}).await;
    assert_eq!(count(&server).await, before);
}

#[tokio::test]
async fn a_restored_backup_has_a_new_epoch_and_no_sessions() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let epoch = ada.snapshot("resources=favorites").await["epoch"].clone();
    let folder = TempDir::new().expect("a folder");
    let backup = Command::new(env!("CARGO_BIN_EXE_dashboard-server"))
        .arg("--database")
        .arg(server.folder().join("test.sqlite"))
        .arg("backup")
        .arg(database(&folder))
        .output()
        .expect("a backup");
    assert!(backup.status.success(), "{backup:?}");
    let restored = Server::over(folder, |config| config.new_epoch = true).await;
    let mut old = restored.stranger();
    old.cookie = ada.cookie;
    assert_eq!(old.get("/api/session").await.problem(), "unauthenticated");
    let again = restored.ada().await;
    assert_ne!(again.snapshot("resources=favorites").await["epoch"], epoch);
}

#[test]
fn the_help_names_every_flag_with_its_environment_variable() {
    let output = Command::new(env!("CARGO_BIN_EXE_dashboard-server"))
        .arg("--help")
        .stdout(Stdio::piped())
        .output()
        .expect("help");
    let help = String::from_utf8(output.stdout).expect("text");
    for word in [
        "--listen",
        "--database",
        "--dist",
        "--allow-origin",
        "--public-url",
        "--trusted-proxy",
        "--max-http-per-address",
        "--max-sockets-per-address",
        "--demo",
        "--new-epoch",
        "--order-step-ms",
        "--token-secret",
        "DASHBOARD_LISTEN",
        "DASHBOARD_TOKEN_SECRET",
        "BACKUP",
        "user",
        "sessions",
        "backup",
        "--admin-listen",
        "--drain-delay-ms",
        "--log-format",
        "beats",
    ] {
        assert!(help.contains(word), "{word} in {help}");
    }
}

#[test]
fn prepared_files_are_in_a_folder_beside_the_database() {
    let config = Config::new("/data/shop.sqlite");
    assert_eq!(config.files().to_str(), Some("/data/shop.sqlite.files"));
}
