//! How is a page of a source fetched? Over http or https, from addresses that may be asked, within limits of time, size
//! and patience; 429 and 5xx are tried again, later each time.

use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Url};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::http::outbound;

/// How long one answer may take, in seconds.
const ANSWER_S: u64 = 30;
/// The largest page, in bytes.
const PAGE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How often one page is tried.
const TRIES_MAX: u32 = 6;
/// The first wait before another try, in milliseconds; it doubles each time.
const BACKOFF_MS: u64 = 200;
/// The longest wait that a source may ask for, in seconds.
const RETRY_AFTER_S_MAX: u64 = 60;

/// A client for one source, bound to the addresses that its host had when it was made.
pub struct Fetcher {
    client: Client,
}

/// Why one try failed, and how long to wait before the next.
struct Failure {
    words: String,
    wait: Option<Duration>,
}

impl Fetcher {
    /// Makes a client for the host of a URL; private addresses only where the source's row allows them.
    pub async fn new(url: &Url, allow_private_network: bool) -> Result<Fetcher> {
        let client = outbound::client(url, allow_private_network, Duration::from_secs(ANSWER_S)).await?;
        Ok(Fetcher { client })
    }

    /// Fetches a page of JSON that `accept` finds good; tries again where that may help.
    pub async fn json(&self, url: &Url, accept: impl Fn(&Value) -> std::result::Result<(), String>) -> Result<Value> {
        let mut last = String::new();
        for attempt in 0..TRIES_MAX {
            match self.attempt(url, &accept).await {
                Ok(page) => return Ok(page),
                Err(Failure { words, wait: None }) => return Err(Error::internal(format!("{url}: {words}"))),
                Err(Failure { words, wait: Some(wait) }) => {
                    tracing::warn!(%url, attempt, "page failed: {words}");
                    last = words;
                    let backoff = Duration::from_millis(BACKOFF_MS << attempt);
                    let jitter: f64 = rand::random();
                    tokio::time::sleep(wait.max(backoff.mul_f64(0.5 + jitter))).await;
                }
            }
        }
        Err(Error::internal(format!("{url}: gave up after {TRIES_MAX} tries: {last}")))
    }

    async fn attempt(
        &self,
        url: &Url,
        accept: &impl Fn(&Value) -> std::result::Result<(), String>,
    ) -> std::result::Result<Value, Failure> {
        let again = |words: String| Failure { words, wait: Some(Duration::ZERO) };
        let mut response = self.client.get(url.clone()).send().await.map_err(|cause| again(cause.to_string()))?;
        let status = response.status();
        if status.as_u16() == 429 || status.is_server_error() {
            let asked =
                response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok()).and_then(|v| v.parse().ok()).unwrap_or(0);
            return Err(Failure {
                words: format!("status {status}"),
                wait: Some(Duration::from_secs(asked.min(RETRY_AFTER_S_MAX))),
            });
        }
        if !status.is_success() {
            return Err(Failure { words: format!("status {status}"), wait: None });
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|cause| again(cause.to_string()))? {
            if bytes.len() + chunk.len() > PAGE_BYTES_MAX {
                return Err(Failure { words: format!("larger than {PAGE_BYTES_MAX} bytes"), wait: None });
            }
            bytes.extend_from_slice(&chunk);
        }
        let page = decode(&bytes).map_err(again)?;
        accept(&page).map_err(again)?;
        Ok(page)
    }
}

/// Reads JSON; bytes that are not UTF-8 are taken for GB 18030, whatever their header says.
fn decode(bytes: &[u8]) -> std::result::Result<Value, String> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => std::borrow::Cow::Borrowed(text.trim_start_matches('\u{feff}')),
        Err(_) => {
            encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(bytes).ok_or("neither UTF-8 nor GB 18030")?
        }
    };
    serde_json::from_str(&text).map_err(|cause| cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_lie_about_their_encoding_are_read() {
        let (bytes, ..) = encoding_rs::GB18030.encode("{\"title\": \"陶瓷\"}");
        assert_eq!(decode(&bytes).unwrap()["title"], "陶瓷");
        assert_eq!(decode("\u{feff}{\"a\": 1}".as_bytes()).unwrap()["a"], 1);
        assert!(decode(b"{\"a\": ").is_err());
    }
}
