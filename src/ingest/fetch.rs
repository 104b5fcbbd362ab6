//! How is a page of a source fetched? Over http or https, from addresses that may be asked, within limits of time, size
//! and patience; 429 and 5xx are tried again, later each time.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use serde_json::Value;

use crate::error::{Error, Result};

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
        let refused = |code, zh: &str, en: String| Error::invalid("/url", code, zh, en);
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused("bad_scheme", "只支持 http 和 https 地址", format!("{} is not http or https", url.scheme())));
        }
        let host = url.host_str().ok_or_else(|| refused("bad_url", "地址中没有主机名", "the URL names no host".to_owned()))?;
        let port = url.port_or_known_default().unwrap_or(80);
        let addresses: Vec<SocketAddr> = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(ip) => vec![SocketAddr::new(ip, port)],
            Err(_) => tokio::net::lookup_host((host, port))
                .await
                .map_err(|cause| refused("unknown_host", "主机名无法解析", format!("{host}: {cause}")))?
                .collect(),
        };
        if !allow_private_network && addresses.iter().any(|address| is_private(address.ip())) {
            let zh = "地址指向内部网络，此来源未获允许";
            return Err(refused("private_address", zh, format!("{host} is a private address and this source may not use one")));
        }
        if rustls::crypto::CryptoProvider::get_default().is_none()
            && rustls::crypto::ring::default_provider().install_default().is_err()
        {
            tracing::debug!("the TLS provider was installed meanwhile");
        }
        let client = Client::builder()
            .timeout(Duration::from_secs(ANSWER_S))
            .redirect(Policy::none())
            .no_proxy()
            .resolve_to_addrs(host, &addresses)
            .user_agent(concat!("jiangxin/", env!("CARGO_PKG_VERSION")))
            .build()?;
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

/// Tells whether an address is not of the public internet (RFC 6890).
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_multicast()
                || a == 0
                || (a == 100 && (64..128).contains(&b))
                || (a == 198 && (18..20).contains(&b))
                || a >= 240
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(mapped) => is_private(IpAddr::V4(mapped)),
            None => {
                let first = ip.segments().first().copied().unwrap_or(0);
                ip.is_loopback()
                    || ip.is_unspecified()
                    || ip.is_multicast()
                    || first & 0xfe00 == 0xfc00
                    || first & 0xffc0 == 0xfe80
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_addresses_are_known_as_such() {
        for inner in [
            "127.0.0.1",
            "10.1.2.3",
            "172.20.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "100.64.0.1",
        ] {
            assert!(is_private(inner.parse().unwrap()), "{inner}");
        }
        for outer in ["8.8.8.8", "1.2.3.4", "2400:3200::1"] {
            assert!(!is_private(outer.parse().unwrap()), "{outer}");
        }
    }

    #[test]
    fn bytes_that_lie_about_their_encoding_are_read() {
        let (bytes, ..) = encoding_rs::GB18030.encode("{\"title\": \"陶瓷\"}");
        assert_eq!(decode(&bytes).unwrap()["title"], "陶瓷");
        assert_eq!(decode("\u{feff}{\"a\": 1}".as_bytes()).unwrap()["a"], 1);
        assert!(decode(b"{\"a\": ").is_err());
    }
}
