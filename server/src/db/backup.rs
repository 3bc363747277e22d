//! Copies of the database, made while a server runs.

use std::path::Path;

use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
use tempfile::NamedTempFile;

use crate::failure::{Failure, Result};

/// Copies a database into a new file, which only its owner can read. The file appears only when the copy is complete and
/// whole.
///
/// # Errors
/// When there is no database, the file exists already, the copy cannot be written, or it fails its check.
pub async fn backup(database: &Path, file: &Path) -> Result<()> {
    if tokio::fs::try_exists(file).await? {
        return Err(Failure::Broken(
            format!("{} exists already", file.display()).into(),
        ));
    }
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    // SQLite writes into a file that exists if it is empty. This one is for its owner, and goes if it is not kept.
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let copy = NamedTempFile::new_in(folder).map_err(|error| {
        Failure::broken(format!("cannot write into {}: {error}", folder.display()))
    })?;
    let options = SqliteConnectOptions::new().filename(database);
    let source = options.read_only(true).connect().await;
    let mut source = source.map_err(|error| {
        let database = database.display();
        Failure::broken(format!("cannot open the database {database}: {error}"))
    })?;
    let path = copy.path().to_str();
    let path = path.ok_or_else(|| Failure::broken("the name of the folder must be UTF-8"))?;
    sqlx::query("VACUUM INTO ?")
        .bind(path)
        .execute(&mut source)
        .await?;
    source.close().await?;
    check(copy.path()).await?;
    copy.as_file().sync_all()?;
    copy.persist_noclobber(file).map_err(Failure::broken)?;
    Ok(())
}

async fn check(copy: &Path) -> Result<()> {
    let options = SqliteConnectOptions::new().filename(copy);
    let mut copy = options.immutable(true).read_only(true).connect().await?;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_one(&mut copy)
        .await?;
    copy.close().await?;
    if found == "ok" {
        return Ok(());
    }
    Err(Failure::Broken(
        format!("the copy is damaged: {found}").into(),
    ))
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::{Seek, SeekFrom, Write},
        os::unix::fs::PermissionsExt,
    };

    use super::*;
    use crate::db::{Db, outbox};

    #[tokio::test]
    async fn a_copy_is_whole_private_and_made_beside_a_writer() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let database = folder.path().join("test.sqlite");
        let file = folder.path().join("copy.sqlite");
        let db = Db::open(&database).await.expect("a database");
        for name in ["test.sqlite", "test.sqlite-wal"] {
            let mode = fs::metadata(folder.path().join(name))
                .expect("a file")
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let mut tx = db.begin_write().await.expect("a transaction");
        outbox::insert(&mut tx, "kept", "{}")
            .await
            .expect("an event");
        tx.commit().await.expect("committed");
        let mut open = db.begin_write().await.expect("a transaction");
        outbox::insert(&mut open, "open", "{}")
            .await
            .expect("an event");
        backup(&database, &file).await.expect("a copy");
        open.rollback().await.expect("ended");
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let failure = backup(&database, &file)
            .await
            .expect_err("it exists")
            .to_string();
        assert!(failure.contains("exists already"), "{failure}");
        let copy = Db::open(&file).await.expect("a database");
        let channels: Vec<String> = sqlx::query_scalar("SELECT channel FROM outbox")
            .fetch_all(copy.read())
            .await
            .expect("rows");
        assert_eq!(channels, ["kept"]);
    }

    #[tokio::test]
    async fn a_failed_copy_leaves_no_file() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let missing = folder.path().join("missing.sqlite");
        let file = folder.path().join("copy.sqlite");
        assert!(backup(&missing, &file).await.is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }

    #[tokio::test]
    async fn a_damaged_copy_is_found() {
        let folder = tempfile::TempDir::new().expect("a folder");
        let database = folder.path().join("test.sqlite");
        let file = folder.path().join("copy.sqlite");
        Db::open(&database).await.expect("a database").close().await;
        backup(&database, &file).await.expect("a copy");
        let mut copy = fs::OpenOptions::new()
            .write(true)
            .open(&file)
            .expect("a file");
        // The second page holds rows of the schema or of a table.
        copy.seek(SeekFrom::Start(4096)).expect("a position");
        copy.write_all(&[0xff; 4096]).expect("written");
        assert!(check(&file).await.is_err());
    }
}
