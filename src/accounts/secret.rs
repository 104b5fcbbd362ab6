//! How are secrets kept? Passwords as argon2id (RFC 9106), tokens and keys as SHA-256 of 32 random bytes; none can be read back.

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// What a session token begins with.
const SESSION_PREFIX: &str = "jxs_";
/// What an API key begins with.
const KEY_PREFIX: &str = "jxk_";

/// Hashes a password; takes some 30 ms on purpose.
pub fn hash_password(password: &str) -> Result<String> {
    Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string()).map_err(Error::internal)
}

/// Tells whether a password is the one that was hashed; without a hash it takes as long and answers no.
pub fn verify_password(password: &str, hash: Option<&str>) -> Result<bool> {
    let Some(hash) = hash else {
        hash_password(password)?;
        return Ok(false);
    };
    let parsed = PasswordHash::new(hash).map_err(Error::internal)?;
    Ok(Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
}

/// Makes a session token.
pub fn new_session_token() -> String {
    random(SESSION_PREFIX)
}

/// Makes an API key.
pub fn new_api_key() -> String {
    random(KEY_PREFIX)
}

/// Tells whether a bearer token is an API key.
pub fn is_api_key(token: &str) -> bool {
    token.starts_with(KEY_PREFIX)
}

/// Gives the hash under which a token is kept.
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

fn random(prefix: &str) -> String {
    let bytes: [u8; 32] = rand::random();
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_verified_and_cannot_be_read_back() {
        let hash = hash_password("正确的密码123").unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains("正确"));
        assert!(verify_password("正确的密码123", Some(&hash)).unwrap());
        assert!(!verify_password("错误的密码", Some(&hash)).unwrap());
        assert!(!verify_password("正确的密码123", None).unwrap());
    }

    #[test]
    fn tokens_differ_and_tell_their_kind() {
        assert_ne!(new_session_token(), new_session_token());
        assert!(is_api_key(&new_api_key()) && !is_api_key(&new_session_token()));
    }
}
