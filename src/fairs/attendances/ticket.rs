//! What does a ticket say, and is it ours? A JWS in its compact form (RFC 7515) signed with Ed25519 (RFC 8037): which
//! attendance of which fair, and since when; no name, no school. Whoever holds the published key can tell without us.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::db::types::{AttendanceId, FairId};
use crate::error::{Error, Result};

/// How many characters of the thumbprint (RFC 7638) name a key; few, so that the code stays coarse enough to be scanned.
const KID_CHARS: usize = 8;
/// The longest ticket that is looked at, in bytes.
const TICKET_BYTES_MAX: usize = 1_024;

/// What a ticket says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Which attendance.
    pub jti: AttendanceId,
    /// At which fair.
    pub aud: FairId,
    /// In which session, from 1.
    pub ses: i32,
    /// Since when it was reserved, in seconds since 1970; a new reservation makes the old ticket void.
    pub iat: i64,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

/// A key that signs tickets; its secret half cannot be read back or printed.
pub struct Signer {
    pair: Ed25519KeyPair,
    kid: String,
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer {{ kid: {:?} }}", self.kid)
    }
}

impl Signer {
    /// Makes the key of a seed of 32 bytes (RFC 8032, 5.1.5).
    pub fn of_seed(seed: &[u8]) -> Result<Signer> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| Error::internal("a seed is not of 32 bytes"))?;
        let kid = thumbprint(pair.public_key().as_ref()).chars().take(KID_CHARS).collect();
        Ok(Signer { pair, kid })
    }

    /// Names the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Gives the public half, 32 bytes in base64url.
    pub fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.pair.public_key())
    }

    /// Signs a ticket; the same claims give the same ticket.
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let header = serde_json::to_vec(&Header { alg: "EdDSA".to_owned(), kid: self.kid.clone() })?;
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims)?));
        let signature = self.pair.sign(signed.as_bytes());
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Gives the thumbprint of a public key as a JWK (RFC 7638; RFC 8037, appendix A.3).
fn thumbprint(public: &[u8]) -> String {
    let jwk = format!("{{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"{}\"}}", URL_SAFE_NO_PAD.encode(public));
    URL_SAFE_NO_PAD.encode(Sha256::digest(jwk))
}

/// Reads which key a ticket says that it is signed with; nothing when it is no ticket.
pub fn kid_of(ticket: &str) -> Option<String> {
    let (head, _) = ticket.split_once('.').filter(|_| ticket.len() <= TICKET_BYTES_MAX)?;
    let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).ok()?).ok()?;
    (header.alg == "EdDSA").then_some(header.kid)
}

/// Reads a ticket whose signature is that of the public key; nothing when it is not.
pub fn verified(ticket: &str, public_key: &str) -> Option<Claims> {
    let (signed, signature) = ticket.rsplit_once('.')?;
    let key = UnparsedPublicKey::new(&ED25519, URL_SAFE_NO_PAD.decode(public_key).ok()?);
    key.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let (_, claims) = signed.split_once('.')?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8037, appendix A.1.
    fn signer() -> Signer {
        Signer::of_seed(&URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap()).unwrap()
    }

    fn claims() -> Claims {
        Claims {
            jti: AttendanceId::parse("0193a0c2-0000-7000-8000-000000000001").unwrap(),
            aud: FairId::parse("0193a0c2-0000-7000-8000-000000000002").unwrap(),
            ses: 1,
            iat: 1_800_000_000,
        }
    }

    #[test]
    fn key_thumbprint_and_signature_are_those_of_the_standard() {
        let signer = signer();
        assert_eq!(signer.public_key(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(thumbprint(signer.pair.public_key().as_ref()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        let signature = signer.pair.sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc");
        let of_appendix_4 = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        assert_eq!(URL_SAFE_NO_PAD.encode(signature), of_appendix_4);
    }

    #[test]
    fn a_ticket_reads_back_and_one_changed_character_voids_it() {
        let (signer, claims) = (signer(), claims());
        let ticket = signer.sign(&claims).unwrap();
        assert_eq!(kid_of(&ticket).as_deref(), Some("kPrK_qmx"));
        assert_eq!(verified(&ticket, &signer.public_key()), Some(claims.clone()));
        assert_eq!(signer.sign(&claims).unwrap(), ticket);
        for at in 0..ticket.len() {
            let changed: String =
                ticket.chars().enumerate().map(|(n, c)| if n == at { if c == 'A' { 'B' } else { 'A' } } else { c }).collect();
            assert!(verified(&changed, &signer.public_key()).is_none(), "character {at}");
        }
        let other = Signer::of_seed(&[7; 32]).unwrap();
        assert!(verified(&ticket, &other.public_key()).is_none());
    }

    #[test]
    fn the_secret_half_is_not_printed() {
        let signer = Signer::of_seed(&[65; 32]).unwrap();
        let printed = format!("{signer:?}");
        assert!(printed.contains(signer.kid()) && !printed.contains("65") && !printed.contains("AAAA"), "{printed}");
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_taken_for_a_ticket(text in "\\PC{0,300}") {
            proptest::prop_assert!(verified(&text, &signer().public_key()).is_none());
            let _ = kid_of(&text);
        }
    }
}
