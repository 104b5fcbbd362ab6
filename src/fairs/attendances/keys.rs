//! Which keys sign tickets? Made when the first is needed and kept in the database, so that all instances sign with the same;
//! the public halves are published as a JWK set (RFC 7517, RFC 8037).

use actix_web::get;
use actix_web::web::{Data, Json};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use crate::db::schema::ticket_keys as table;
use crate::db::types::Timestamp;
use crate::db::{Db, DbConn, sequence};
use crate::error::{Error, Result};
use crate::fairs::attendances::ticket::{Claims, Signer, kid_of, verified};
use crate::http::{Failures, Now};

/// How many bytes a seed has (RFC 8032).
const SEED_BYTES: usize = 32;

/// A public key as a JWK.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Jwk {
    /// `OKP` (RFC 8037).
    kty: &'static str,
    /// `Ed25519`.
    crv: &'static str,
    /// `EdDSA`.
    alg: &'static str,
    /// `sig`.
    r#use: &'static str,
    /// Which key it is, as the header of a ticket names it.
    kid: String,
    /// The 32 bytes in base64url.
    x: String,
}

/// The keys with which tickets are checked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct JwkSet {
    keys: Vec<Jwk>,
}

/// Publishes the keys with which a door checks tickets without a network.
#[utoipa::path(tag = "fairs", operation_id = "list_ticket_keys",
    responses((status = 200, description = "验票公钥（JWK Set）", body = JwkSet), Failures))]
#[get("/fairs/ticket-keys")]
pub async fn published(db: Data<Db>, now: Now) -> Result<Json<JwkSet>> {
    let mut rows = db.read(public_keys).await?;
    if rows.is_empty() {
        rows = db.write(move |conn| signer(conn, *now).and_then(|_| public_keys(conn))).await?;
    }
    let jwk = |(kid, x)| Jwk { kty: "OKP", crv: "Ed25519", alg: "EdDSA", r#use: "sig", kid, x };
    Ok(Json(JwkSet { keys: rows.into_iter().map(jwk).collect() }))
}

fn public_keys(conn: &mut DbConn) -> Result<Vec<(String, String)>> {
    Ok(table::table.order(table::created_at.desc()).select((table::kid, table::public_key)).load(conn)?)
}

/// Gives the key that signs now; makes the first one.
pub fn signer(conn: &mut DbConn, now: Timestamp) -> Result<Signer> {
    if let Some(signer) = current(conn)? {
        return Ok(signer);
    }
    sequence::take(conn, "ticket_keys", 1)?;
    if let Some(signer) = current(conn)? {
        return Ok(signer);
    }
    let seed = SecretString::from(URL_SAFE_NO_PAD.encode(rand::random::<[u8; SEED_BYTES]>()));
    let signer = of_secret(&seed)?;
    let row = (table::kid.eq(signer.kid()), table::public_key.eq(signer.public_key()), table::created_at.eq(now));
    diesel::insert_into(table::table).values((row, table::secret.eq(seed.expose_secret()))).execute(conn)?;
    Ok(signer)
}

fn current(conn: &mut DbConn) -> Result<Option<Signer>> {
    let kept = table::table.filter(table::secret.is_not_null()).order(table::created_at.desc());
    let secret: Option<Option<String>> = kept.select(table::secret).first(conn).optional()?;
    secret.flatten().map(|text| of_secret(&SecretString::from(text))).transpose()
}

fn of_secret(secret: &SecretString) -> Result<Signer> {
    Signer::of_seed(&URL_SAFE_NO_PAD.decode(secret.expose_secret()).map_err(Error::internal)?)
}

/// Reads a ticket that one of our keys signed; any other is refused.
pub fn read(conn: &mut DbConn, ticket: &str) -> Result<Claims> {
    let key = kid_of(ticket).map(|kid| table::table.find(kid).select(table::public_key).first::<String>(conn).optional());
    let claims = key.transpose()?.flatten().and_then(|key| verified(ticket, &key));
    claims.ok_or_else(|| Error::invalid("/ticket", "bad_ticket", "门票无效：签名不符", "the ticket is not signed by us"))
}
