//! How is a page of a source fetched? Over http or https, from addresses that may be asked, within limits of time, size,
//! redirects and patience; 429 and 5xx are tried again, later each time, or when the source says.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use reqwest::header::{ETAG, HeaderMap, IF_NONE_MATCH, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};

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
/// How many redirects one page may take.
const REDIRECTS_MAX: usize = 5;
/// How many hosts one run may ask.
const HOSTS_MAX: usize = 16;

/// Asks for the pages of one source; each host is bound to the addresses that it had when it was first asked.
pub struct Fetcher {
    allow_private_network: bool,
    clients: HashMap<String, Client>,
}

/// A page that was read.
#[derive(Debug)]
pub struct Page<T> {
    /// What was read of it.
    pub content: T,
    /// The version that the source gives it.
    pub etag: Option<String>,
    /// Where it was found at last.
    pub url: Url,
}

/// Why one try failed, and how long to wait before the next.
struct Failure {
    words: String,
    wait: Option<Duration>,
}

impl Failure {
    fn again(words: impl ToString) -> Failure {
        Failure { words: words.to_string(), wait: Some(Duration::ZERO) }
    }

    fn last(words: impl ToString) -> Failure {
        Failure { words: words.to_string(), wait: None }
    }
}

type Tried<T> = std::result::Result<T, Failure>;

impl Fetcher {
    /// Asks nobody yet; private addresses only where the source's row allows them.
    pub fn new(allow_private_network: bool) -> Fetcher {
        Fetcher { allow_private_network, clients: HashMap::new() }
    }

    /// Fetches a page that `read` finds good, or nothing where the page is still the version named; tries again where that
    /// may help.
    pub async fn page<T>(
        &mut self,
        url: &Url,
        etag: Option<&str>,
        read: impl Fn(&str) -> std::result::Result<T, String>,
    ) -> Result<Option<Page<T>>> {
        let mut last = String::new();
        for attempt in 0..TRIES_MAX {
            match self.attempt(url, etag, &read).await {
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

    async fn attempt<T>(
        &mut self,
        url: &Url,
        etag: Option<&str>,
        read: &impl Fn(&str) -> std::result::Result<T, String>,
    ) -> Tried<Option<Page<T>>> {
        let (url, response) = self.follow(url.clone(), etag).await?;
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED && etag.is_some() {
            return Ok(None);
        }
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let wait = asked_to_wait(response.headers(), SystemTime::now());
            return Err(Failure { words: format!("status {status}"), wait: Some(wait) });
        }
        if !status.is_success() {
            return Err(Failure::last(format!("status {status}")));
        }
        let etag = response.headers().get(ETAG).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let bytes = body(response).await?;
        let content = read(&decode(&bytes).map_err(Failure::again)?).map_err(Failure::again)?;
        Ok(Some(Page { content, etag, url }))
    }

    /// Asks, and follows redirects; each address on the way must be one that may be asked.
    async fn follow(&mut self, mut url: Url, etag: Option<&str>) -> Tried<(Url, Response)> {
        for _ in 0..=REDIRECTS_MAX {
            let mut request = self.client(&url).await?.get(url.clone());
            if let Some(etag) = etag {
                request = request.header(IF_NONE_MATCH, etag);
            }
            let response = request.send().await.map_err(Failure::again)?;
            let target = response.headers().get(LOCATION).and_then(|v| v.to_str().ok());
            match (response.status().is_redirection(), target) {
                (true, Some(target)) => url = url.join(target).map_err(Failure::last)?,
                _ => return Ok((url, response)),
            }
        }
        Err(Failure::last(format!("more than {REDIRECTS_MAX} redirects")))
    }

    async fn client(&mut self, url: &Url) -> Tried<Client> {
        let origin = url.origin().ascii_serialization();
        if let Some(client) = self.clients.get(&origin) {
            return Ok(client.clone());
        }
        if self.clients.len() >= HOSTS_MAX {
            return Err(Failure::last(format!("more than {HOSTS_MAX} hosts in one run")));
        }
        let client = outbound::client(url, self.allow_private_network, Duration::from_secs(ANSWER_S)).await;
        let client = client.map_err(Failure::last)?;
        self.clients.insert(origin, client.clone());
        Ok(client)
    }
}

async fn body(mut response: Response) -> Tried<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Failure::again)? {
        if bytes.len() + chunk.len() > PAGE_BYTES_MAX {
            return Err(Failure::last(format!("larger than {PAGE_BYTES_MAX} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Reads how long a source asks to wait: in seconds or until an HTTP date (RFC 9110, 10.2.3), at most a minute.
fn asked_to_wait(headers: &HeaderMap, now: SystemTime) -> Duration {
    let Some(text) = headers.get(RETRY_AFTER).and_then(|v| v.to_str().ok()) else { return Duration::ZERO };
    let asked = match text.trim().parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(text).ok().and_then(|at| at.duration_since(now).ok()).unwrap_or_default(),
    };
    asked.min(Duration::from_secs(RETRY_AFTER_S_MAX))
}

/// Reads text; bytes that are not UTF-8 are taken for GB 18030, whatever their header says.
fn decode(bytes: &[u8]) -> std::result::Result<Cow<'_, str>, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text.trim_start_matches('\u{feff}'))),
        Err(_) => encoding_rs::GB18030
            .decode_without_bom_handling_and_without_replacement(bytes)
            .ok_or_else(|| "neither UTF-8 nor GB 18030".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    #[test]
    fn bytes_that_lie_about_their_encoding_are_read() {
        let (bytes, ..) = encoding_rs::GB18030.encode("{\"title\": \"陶瓷\"}");
        assert_eq!(decode(&bytes).unwrap(), "{\"title\": \"陶瓷\"}");
        assert_eq!(decode("\u{feff}{}".as_bytes()).unwrap(), "{}");
        assert!(decode(b"{\"a\": \xff\xff").is_err());
    }

    #[test]
    fn a_source_may_ask_to_wait_in_seconds_or_until_a_date() {
        let now = httpdate::parse_http_date("Wed, 25 Nov 2026 10:00:00 GMT").unwrap();
        let wait = |text: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(text))]);
            asked_to_wait(&headers, now).as_secs()
        };
        assert_eq!(wait("7"), 7);
        assert_eq!(wait("Wed, 25 Nov 2026 10:00:20 GMT"), 20);
        assert_eq!(wait("Wed, 25 Nov 2026 09:00:00 GMT"), 0, "a date that has passed");
        assert_eq!(wait("86400"), RETRY_AFTER_S_MAX);
        assert_eq!(wait("soon"), 0);
    }
}
