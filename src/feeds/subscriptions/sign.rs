//! How is a message signed, and when is it tried again? Standard Webhooks 1.0.0: HMAC-SHA256 over id, time and body.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::error::{Error, Result};

/// What a secret begins with.
const SECRET_PREFIX: &str = "whsec_";
/// The waits between one attempt and the next, in seconds; after the last the message has failed.
const WAITS_S: [u32; 8] = [5, 60, 300, 1_800, 7_200, 18_000, 36_000, 86_400];
/// The longest wait that a receiver may ask for, in seconds.
const ASKED_WAIT_S_MAX: i64 = 86_400;

/// Makes a secret of 32 random bytes.
pub fn new_secret() -> String {
    let bytes: [u8; 32] = rand::random();
    format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes))
}

/// Signs a message that leaves at so many seconds since 1970; gives the value of `webhook-signature`.
pub fn signature(secret: &str, id: &str, seconds: i64, body: &str) -> Result<String> {
    let key = STANDARD.decode(secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret)).map_err(Error::internal)?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(Error::internal)?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

/// Gives the wait before the next attempt in seconds, a fifth shorter to a fifth longer by `chance` (0 to 1); none when
/// `attempts` were enough. A receiver may ask for a longer wait.
pub fn wait_after(attempts: i64, chance: f64, asked: Option<i64>) -> Option<i64> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let wait = f64::from(*WAITS_S.get(index)?) * (0.8 + 0.4 * chance);
    let wait = i64::try_from(std::time::Duration::from_secs_f64(wait).as_secs()).ok()?;
    Some(wait.max(asked.unwrap_or(0).min(ASKED_WAIT_S_MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standard() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}").unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert!(signature("whsec_not base64", "m", 1, "").is_err());
    }

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<i64> = (1..=8).map(|attempts| wait_after(attempts, 0.5, None).unwrap()).collect();
        assert_eq!(waits, [5, 60, 300, 1_800, 7_200, 18_000, 36_000, 86_400]);
        assert_eq!((wait_after(9, 0.5, None), wait_after(0, 0.5, None)), (None, None));
        assert_eq!((wait_after(2, 0.0, None), wait_after(2, 1.0, None)), (Some(48), Some(72)));
        assert_eq!((wait_after(1, 0.5, Some(120)), wait_after(1, 0.5, Some(i64::MAX))), (Some(120), Some(86_400)));
    }
}
