//! The files of downloads.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use dashboard_model::{Download, DownloadFormat, DownloadStatus};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sync_protocol::{ProblemCode, Timestamp};
use tokio::{
    fs::File,
    io::{AsyncReadExt, AsyncSeekExt, SeekFrom},
};
use tokio_util::io::ReaderStream;

use crate::{
    audio::{files, is_supported},
    auth::session::SignedIn,
    clock::now_ms,
    db::{beats, downloads},
    failure::Result,
    http::{
        Shared,
        range::{Selection, outside, select},
    },
};

/// `GET /api/downloads/{id}/file`: the file, or the requested range of it.
///
/// # Errors
/// `not_found`, `not_ready`, `expired`, `range_not_satisfiable`, or `unavailable` if too many files are encoded.
pub async fn file(
    State(app): State<Shared>,
    signed_in: SignedIn,
    Path(id): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response> {
    let (download, beat) = {
        let mut conn = app.db.read().acquire().await?;
        let download = downloads::find(&mut conn, &signed_in.account.id, &id).await?;
        let download = download.ok_or(ProblemCode::NotFound)?;
        check(&download)?;
        let beat = beats::find(&mut *conn, &download.beat_id).await?;
        (download, beat.ok_or(ProblemCode::NotFound)?)
    };
    let path = files::ensure(&app, beat, download.format, |_| true).await?;
    // Files of one name have the same bytes, and a changed beat has another.
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let tag = format!("\"{name}\"");
    let file = File::open(&path).await?;
    let size = file.metadata().await?.len();
    let selection = select(&method, &headers, &tag, size);
    if selection == Selection::Outside {
        return Ok(outside(size));
    }
    let is_head = method == Method::HEAD;
    send(file, &download, selection, &tag, size, is_head).await
}

fn check(download: &Download) -> Result<()> {
    let expires_ms = download.expires_at.as_ref().and_then(Timestamp::to_unix_ms);
    match download.status {
        DownloadStatus::Queued | DownloadStatus::Preparing => Err(ProblemCode::NotReady.into()),
        DownloadStatus::Ready if expires_ms.is_some_and(|at| at <= now_ms()) => {
            Err(ProblemCode::Expired.into())
        }
        // Another build has prepared it.
        DownloadStatus::Ready if !is_supported(download.format) => Err(ProblemCode::Expired.into()),
        DownloadStatus::Ready => Ok(()),
        DownloadStatus::Failed | DownloadStatus::Cancelled | DownloadStatus::Unknown => {
            Err(ProblemCode::NotFound.into())
        }
    }
}

async fn send(
    mut file: File,
    download: &Download,
    selection: Selection,
    tag: &str,
    size: u64,
    is_head: bool,
) -> Result<Response> {
    let (status, first, length) = match selection {
        Selection::NotModified | Selection::Outside => (StatusCode::NOT_MODIFIED, 0, 0),
        Selection::Whole => (StatusCode::OK, 0, size),
        Selection::Part { first, last } => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
    };
    let body = if is_head || length == 0 {
        Body::empty()
    } else {
        file.seek(SeekFrom::Start(first)).await?;
        Body::from_stream(ReaderStream::new(file.take(length)))
    };
    let headers = [
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::ETAG, tag.to_owned()),
    ];
    if status == StatusCode::NOT_MODIFIED {
        return Ok((status, headers, body).into_response());
    }
    let (content_type, extension) = content_type(download.format);
    let disposition = disposition(&download.title, extension);
    let content = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    let range = (status == StatusCode::PARTIAL_CONTENT).then(|| {
        let last = first + length - 1;
        [(
            header::CONTENT_RANGE,
            format!("bytes {first}-{last}/{size}"),
        )]
    });
    Ok((status, headers, content, range, body).into_response())
}

/// The content type and the file extension of a format.
const fn content_type(format: DownloadFormat) -> (&'static str, &'static str) {
    match format {
        DownloadFormat::Mp3 => ("audio/mpeg", "mp3"),
        DownloadFormat::Wav => ("audio/wav", "wav"),
        DownloadFormat::Flac => ("audio/flac", "flac"),
        DownloadFormat::Unknown => ("application/octet-stream", "bin"),
    }
}

/// The header that names the file after a title: once in ASCII, and once in UTF-8 for every browser of today (RFC 6266).
/// A hyphen replaces each character that a file system or a header could misread.
fn disposition(title: &str, extension: &str) -> String {
    let name = |is_safe: fn(char) -> bool| {
        let safe = |c| {
            if is_safe(c) || matches!(c, ' ' | '-' | '_') {
                c
            } else {
                '-'
            }
        };
        let title: String = title.chars().map(safe).collect();
        format!("{}.{extension}", title.trim())
    };
    let ascii = name(|c| c.is_ascii_alphanumeric());
    let full =
        name(|c| c.is_alphanumeric() || matches!(c, '&' | '\'' | '(' | ')' | ',' | '!' | '+'));
    let full = utf8_percent_encode(&full, NON_ALPHANUMERIC);
    format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{full}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_becomes_a_harmless_file_name() {
        assert_eq!(
            disposition("R&B \"é\"/../x\r\n", "mp3"),
            "attachment; filename=\"R-B -------x--.mp3\"; \
             filename*=UTF-8''R%26B%20%2D%C3%A9%2D%2D%2D%2D%2Dx%2D%2D%2Emp3"
        );
    }
}
