//! The webhook of a payment provider. Requests are signed, because they have no session.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, StatusCode},
};
use dashboard_model::OrderStatus;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use sync_protocol::ProblemCode;

use super::extract::body_of;
use crate::{
    clock::now_ms,
    db::orders,
    failure::{Failure, Result},
    http::Shared,
};

/// The header of the signature: `t=<seconds since 1970>,v1=<hex of the HMAC-SHA256 of "<t>.<body>">`.
const SIGNATURE: &str = "x-payment-signature";

/// The maximum size of a body, in bytes.
const BYTES_MAX: usize = 4096;

/// How far the time of a signature may be from the server's, in seconds, so that an old request cannot be repeated.
const TOLERANCE_S: i64 = 300;

/// What happened to an order.
#[derive(Debug, Deserialize)]
struct Payment {
    /// The number of the order, such as `BL-100001`.
    number: String,
    status: OrderStatus,
}

/// `POST /api/payments/webhook`: moves an order to a status. A repeated request changes nothing, also when the order has
/// moved on since.
///
/// # Errors
/// `not_found` without a secret in the settings or for an unknown order, `invalid_credentials` for a wrong or old
/// signature, `bad_request`, `invalid` if the order cannot get the status.
pub async fn webhook(State(app): State<Shared>, request: Request) -> Result<StatusCode> {
    let secret = app.config.payment_secret.as_deref();
    let secret = secret.ok_or(ProblemCode::NotFound)?;
    let headers = request.headers().clone();
    let body = body_of(request, BYTES_MAX).await?;
    if !is_signed(secret, &headers, &body, now_ms() / 1000) {
        return Err(Failure::because(
            ProblemCode::InvalidCredentials,
            "the signature is missing, wrong or too old",
        ));
    }
    let payment: Payment = serde_json::from_slice(&body)
        .map_err(|malformed| Failure::bad_request(malformed.to_string()))?;
    let writing = Arc::clone(&app);
    let moved = app.db.write(move |conn| {
        Box::pin(async move {
            let Payment { number, status } = payment;
            let moved = orders::transition(conn, &writing.epoch, &number, status, now_ms()).await;
            match moved {
                Err(Failure::Rejected(problem))
                    if problem.code == ProblemCode::Invalid
                        && orders::had_status(conn, &number, status).await? =>
                {
                    Ok(())
                }
                moved => moved,
            }
        })
    });
    moved.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether the signature is that of the body, and its time is about `now_s`.
fn is_signed(secret: &str, headers: &HeaderMap, body: &[u8], now_s: i64) -> bool {
    let Some((time, signature)) = headers
        .get(SIGNATURE)
        .and_then(|value| value.to_str().ok()?.strip_prefix("t=")?.split_once(",v1="))
    else {
        return false;
    };
    let is_recent = |time: i64| now_s.abs_diff(time) <= TOLERANCE_S.unsigned_abs();
    let (true, Some(signature), Ok(mut mac)) = (
        time.parse().is_ok_and(is_recent),
        from_hex(signature),
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()),
    ) else {
        return false;
    };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    // Takes the same time for every wrong signature.
    mac.verify_slice(&signature).is_ok()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_valid_for_its_body_its_secret_and_five_minutes() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
        let mut headers = HeaderMap::new();
        let signature =
            "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163";
        headers.insert(SIGNATURE, signature.parse().expect("a header"));
        let now_s = 1_700_000_000;
        assert!(is_signed("secret", &headers, b"{}", now_s));
        assert!(is_signed("secret", &headers, b"{}", now_s + 300));
        assert!(!is_signed("secret", &headers, b"{}", now_s + 301));
        assert!(!is_signed("secret", &headers, b"{}", now_s - 301));
        assert!(!is_signed("other", &headers, b"{}", now_s));
        assert!(!is_signed("secret", &headers, b"{ }", now_s));
        for malformed in [
            "",
            "t=1700000000",
            "t=x,v1=00",
            "v1=00,t=1700000000",
            "t=1700000000,v1=é",
        ] {
            let value = axum::http::HeaderValue::from_bytes(malformed.as_bytes());
            headers.insert(SIGNATURE, value.expect("a header"));
            assert!(!is_signed("secret", &headers, b"{}", now_s), "{malformed}");
        }
        assert!(!is_signed("secret", &HeaderMap::new(), b"{}", now_s));
    }
}
