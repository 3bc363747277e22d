//! Limits that both sides keep. Each has a test at the limit and one past it, where it is enforced.

/// Most mutations in one request.
pub const MUTATIONS_PER_REQUEST_MAX: usize = 100;

/// Largest body of a request under `/api`, in bytes.
pub const REQUEST_BYTES_MAX: usize = 256 * 1024;

/// Most pending mutation ids in one snapshot request.
pub const PENDING_IDS_MAX: usize = 200;

/// Rows per page by default.
pub const PAGE_ROWS_DEFAULT: usize = 50;

/// Most rows per page.
pub const PAGE_ROWS_MAX: usize = 200;

/// Longest mutation or entity id, in bytes. A UUID has 36.
pub const ID_BYTES_MAX: usize = 64;

/// Largest frame that the server accepts from a client, in bytes. Centrifugo's default.
pub const CLIENT_FRAME_BYTES_MAX: usize = 65_536;

/// Outgoing frames of the client are split below this size, in bytes. It leaves room under [`CLIENT_FRAME_BYTES_MAX`].
pub const CLIENT_FRAME_BYTES_TARGET: usize = 60_000;

/// Largest frame that the client reads, in bytes; a larger one is counted and dropped unread. Centrifugo's write queue
/// for a slow reader has the same size.
pub const SERVER_FRAME_BYTES_MAX: usize = 1024 * 1024;

/// Publications that a channel's history keeps.
pub const HISTORY_PUBLICATIONS_MAX: usize = 256;

/// How long a channel's history keeps a publication, in milliseconds.
pub const HISTORY_TTL_MS: u64 = 300_000;

/// Most channels per connection. Centrifugo's default.
pub const CHANNELS_PER_CONNECTION_MAX: usize = 128;

/// Longest channel name, in bytes. Centrifugo's default.
pub const CHANNEL_BYTES_MAX: usize = 255;

/// Largest version: the largest integer that a JavaScript number represents exactly.
pub const VERSION_MAX: u64 = (1 << 53) - 1;

/// How long the server remembers the outcome of a mutation, in milliseconds: 48 hours.
pub const OUTCOME_RETENTION_MS: u64 = 48 * 3_600_000;

/// How long a client relies on it, in milliseconds: the last quarter allows for clocks that differ, for a slow request
/// and for a server that cleans up early. After that time the client does not resend a mutation under the same id; it
/// fetches the outcome first.
pub const OUTCOME_PROMISE_MS: u64 = OUTCOME_RETENTION_MS / 4 * 3;
