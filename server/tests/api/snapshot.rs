//! Snapshots.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn a_snapshot_has_only_the_resources_that_differ() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let first = ada
        .snapshot("resources=favorites,orders,downloads,activity,stats")
        .await;
    let epoch = first["epoch"].as_str().expect("an epoch");
    let resources = first["resources"].as_object().expect("resources");
    assert_eq!(resources.len(), 5);
    let known = format!(
        "resources=favorites@{},stats@{}&epoch={epoch}",
        first["resources"]["favorites"]["version"], first["resources"]["stats"]["version"]
    );
    let same = ada.get(&format!("/api/snapshot?{known}")).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
    assert!(same.body.is_empty());

    ada.favorite("m1", "b1", true).await;
    let changed = ada.snapshot(&known).await;
    let favorites = &changed["resources"]["favorites"];
    assert_eq!(favorites["items"][0]["beat_id"], "b1");
    assert_eq!(favorites["ids"], json!(["b1"]));
    assert_eq!(favorites["version"], changed["version"]);
    assert_eq!(changed["resources"]["stats"]["data"]["favorites"], 1);
    assert!(changed["resources"].get("orders").is_none());
}

#[tokio::test]
async fn without_an_epoch_or_with_another_everything_differs() {
    let server = Server::start().await;
    let ada = server.ada().await;
    for query in ["resources=orders@0", "resources=orders@0&epoch=other"] {
        let snapshot = ada.snapshot(query).await;
        assert!(snapshot["resources"]["orders"].is_object(), "{query}");
    }
}

#[tokio::test]
async fn a_snapshot_has_the_outcomes_and_versions_of_pending_mutations() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let accepted = ada.favorite("good", "b1", true).await;
    let rejected = ada.favorite("bad", "missing", true).await;
    assert_eq!(rejected["outcome"], "rejected");
    let snapshot = ada.snapshot("resources=&pending=good,bad,unheard-of").await;
    assert_eq!(snapshot["settled"]["good"]["outcome"], "accepted");
    assert_eq!(snapshot["settled"]["good"]["version"], accepted["version"]);
    assert_eq!(snapshot["settled"]["bad"]["problem"]["code"], "not_found");
    assert_eq!(snapshot["settled"]["bad"]["version"], snapshot["version"]);
    assert!(snapshot["settled"].get("unheard-of").is_none());
    // Another user does not see the outcome.
    let ben = server.ben().await;
    let reply = ben.get("/api/snapshot?resources=&pending=good").await;
    assert_eq!(reply.status, StatusCode::NOT_MODIFIED);
}

#[tokio::test]
async fn the_outcomes_and_rows_of_a_snapshot_are_from_the_same_state() {
    let server = Server::start().await;
    let (ada, reader) = (server.ada().await, server.ada().await);
    let query = format!(
        "resources=favorites&pending={}",
        (1..=12)
            .map(|index| format!("m{index}"))
            .collect::<Vec<_>>()
            .join(",")
    );
    let write = async {
        for index in 1..=12 {
            ada.favorite(&format!("m{index}"), &format!("b{index}"), true)
                .await;
        }
    };
    let read = async {
        let mut counts = Vec::new();
        while counts.last() != Some(&12) {
            let snapshot = reader.snapshot(&query).await;
            let settled = snapshot["settled"].as_object().expect("outcomes");
            let favorites = snapshot["resources"]["favorites"]["ids"].as_array();
            let favorites = favorites.expect("ids");
            for index in 1..=12 {
                let is_favorite = favorites.contains(&json!(format!("b{index}")));
                let is_settled = settled.contains_key(&format!("m{index}"));
                assert_eq!(is_favorite, is_settled, "m{index} in {snapshot}");
            }
            counts.push(favorites.len());
        }
        counts
    };
    let ((), counts) = tokio::join!(write, read);
    assert!(counts.len() > 1, "reads and writes overlap");
    assert!(counts.is_sorted());
}

#[tokio::test]
async fn the_epoch_changes_only_when_the_configuration_asks_for_it() {
    let server = Server::start().await;
    let epoch = server.ada().await.snapshot("resources=stats").await["epoch"].clone();
    let folder = server.stop().await;
    let server = Server::over(folder, |_| {}).await;
    let kept = server.ada().await.snapshot("resources=stats").await["epoch"].clone();
    assert_eq!(kept, epoch);
    let folder = server.stop().await;
    let server = Server::over(folder, |config| config.new_epoch = true).await;
    let renewed = server.ada().await.snapshot("resources=stats").await["epoch"].clone();
    assert_ne!(renewed, epoch);
}

#[tokio::test]
async fn invalid_parameters_are_rejected() {
    let server = Server::start().await;
    let ada = server.ada().await;
    for query in [
        "",
        "resources=karma",
        "resources=stats,stats",
        "resources=stats@",
        "resources=stats@-1",
        "resources=stats@x",
        "resources=stats&limit=0",
        "resources=stats&limit=201",
        "resources=stats&pending=a%20b",
    ] {
        let reply = ada.get(&format!("/api/snapshot?{query}")).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(reply.problem(), "bad_request");
    }
    let reply = server.stranger().get("/api/snapshot?resources=stats").await;
    assert_eq!(reply.problem(), "unauthenticated");
}

#[tokio::test]
async fn the_first_request_of_a_new_day_commits_new_statistics() {
    let server = Server::start().await;
    let ada = server.ada().await;
    let mut socket = ada.connected().await;
    socket.subscribe(2, &ada.channel("stats")).await;
    ada.favorite("m1", "b1", true).await;
    // Events of earlier commits, such as that of the sign-in, may still come.
    let saved = ada.snapshot("resources=stats").await;
    let saved = &saved["resources"]["stats"]["version"];
    while socket.event(&ada.channel("stats")).await["version"] != *saved {}
    let mut tx = server.db().begin_write().await.expect("a transaction");
    sqlx::query("UPDATE stats SET day = '2001-01-01', data = replace(data, '\"favorites\":1', '\"favorites\":9')")
        .execute(&mut *tx)
        .await
        .expect("an older day");
    tx.commit().await.expect("committed");
    let after = ada.snapshot("resources=stats").await;
    assert_eq!(after["resources"]["stats"]["data"]["favorites"], 1);
    let event = socket.event(&ada.channel("stats")).await;
    assert_eq!(event["resources"], json!(["stats"]));
    assert_eq!(event["version"], after["resources"]["stats"]["version"]);
}
