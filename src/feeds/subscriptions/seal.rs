//! How are the secrets of subscribers kept? Sealed with a key that is made of the service's own secret, each for its own
//! subscription (ChaCha20-Poly1305, RFC 8439), so that the database alone, or a copy of it, signs nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};

use crate::db::types::SubscriptionId;
use crate::error::{Error, Result};

/// What a sealed secret begins with; anything else was kept in the open by an earlier version.
const SEALED: &str = "sealed:v1:";
/// What the key is made for, so that no other use of the service's secret gives the same.
const PURPOSE: &[u8] = b"jiangxin webhook secrets v1";

/// Seals secrets and opens them again.
pub struct Seal(LessSafeKey);

impl Seal {
    /// Makes the seal of a service.
    pub fn of(secret: &SecretString) -> Result<Seal> {
        let master = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let key = hmac::sign(&master, PURPOSE);
        let key = UnboundKey::new(&CHACHA20_POLY1305, key.as_ref()).map_err(|_| Error::internal("no key for a seal"))?;
        Ok(Seal(LessSafeKey::new(key)))
    }

    /// Seals the secret of a subscription.
    pub fn close(&self, id: &SubscriptionId, secret: &str) -> Result<String> {
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut text = secret.as_bytes().to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(id.as_str()), &mut text)
            .map_err(|_| Error::internal("a secret cannot be sealed"))?;
        Ok(format!("{SEALED}{}", STANDARD.encode([nonce.as_slice(), &text].concat())))
    }

    /// Opens what was sealed for a subscription; what was never sealed is given as it is.
    pub fn open(&self, id: &SubscriptionId, kept: &str) -> Result<SecretString> {
        let Some(sealed) = kept.strip_prefix(SEALED) else { return Ok(SecretString::from(kept)) };
        let foreign = || Error::internal("a secret was sealed by a service with another secret");
        let sealed = STANDARD.decode(sealed).map_err(Error::internal)?;
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(foreign)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| foreign())?;
        let mut text = text.to_vec();
        let text = self.0.open_in_place(nonce, Aad::from(id.as_str()), &mut text).map_err(|_| foreign())?;
        Ok(SecretString::from(std::str::from_utf8(text).map_err(Error::internal)?))
    }
}

/// Tells whether a secret is kept sealed.
pub fn is_sealed(kept: &str) -> bool {
    kept.starts_with(SEALED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::types::Timestamp;

    #[test]
    fn only_the_same_service_opens_a_secret_and_only_for_the_same_subscription() {
        let (one, other) = (SubscriptionId::new(Timestamp::now()), SubscriptionId::new(Timestamp::now()));
        let seal = Seal::of(&SecretString::from("a")).unwrap();
        let kept = seal.close(&one, "whsec_fictional").unwrap();
        assert!(is_sealed(&kept) && !kept.contains("whsec"));
        assert_eq!(seal.open(&one, &kept).unwrap().expose_secret(), "whsec_fictional");
        assert!(seal.open(&other, &kept).is_err());
        assert!(Seal::of(&SecretString::from("b")).unwrap().open(&one, &kept).is_err());
        assert!(seal.open(&one, "sealed:v1:AAAA").is_err());
        assert_eq!(seal.open(&one, "whsec_open").unwrap().expose_secret(), "whsec_open");
        assert_ne!(seal.close(&one, "whsec_fictional").unwrap(), kept);
    }
}
