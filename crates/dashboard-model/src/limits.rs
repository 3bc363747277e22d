//! The store's own limits, which application and server both keep.

/// Most lines in one order.
pub const ORDER_LINES_MAX: usize = 50;

/// Longest catalog search text, in bytes.
pub const SEARCH_BYTES_MAX: usize = 200;

/// Longest email address, in bytes (RFC 5321 section 4.5.3.1.3 allows a path of 256 with its brackets).
pub const EMAIL_BYTES_MAX: usize = 254;

/// Longest password, in bytes, so that hashing one costs a bounded amount.
pub const PASSWORD_BYTES_MAX: usize = 1024;
