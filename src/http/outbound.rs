//! Whom may the service ask? Clients for addresses that others name (sources, webhooks): http or https, no redirects, no
//! proxy, bound to the addresses that the host had when it was checked, and private ones only where that is allowed.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use crate::error::{Error, Result};

/// What is said of a host that has no address.
pub const UNKNOWN_HOST: &str = "unknown_host";

/// Makes a client for the host of a URL whose answers take at most so long; refuses at `/url` what may not be asked.
pub async fn client(url: &Url, allow_private_network: bool, patience: Duration) -> Result<Client> {
    let addresses = resolve(url, allow_private_network).await?;
    if rustls::crypto::CryptoProvider::get_default().is_none()
        && rustls::crypto::ring::default_provider().install_default().is_err()
    {
        tracing::debug!("the TLS provider was installed meanwhile");
    }
    let client = Client::builder()
        .timeout(patience)
        .redirect(Policy::none())
        .no_proxy()
        .resolve_to_addrs(url.host_str().unwrap_or_default(), &addresses)
        .user_agent(concat!("jiangxin/", env!("CARGO_PKG_VERSION")))
        .build()?;
    Ok(client)
}

/// Gives the addresses of the host of a URL; refuses at `/url` what may not be asked.
pub async fn resolve(url: &Url, allow_private_network: bool) -> Result<Vec<SocketAddr>> {
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
            .map_err(|cause| refused(UNKNOWN_HOST, "主机名无法解析", format!("{host}: {cause}")))?
            .collect(),
    };
    if !allow_private_network && addresses.iter().any(|address| is_private(address.ip())) {
        let zh = "地址指向内部网络，未获允许";
        return Err(refused("private_address", zh, format!("{host} is a private address and may not be used here")));
    }
    Ok(addresses)
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
}
