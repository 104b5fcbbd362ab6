//! Whose work is it? Work that only one instance may do is claimed in the database for a while; a claim that is not
//! renewed runs out, so an instance may die at any moment.

use diesel::prelude::*;

use crate::db::DbConn;
use crate::db::schema::claims;
use crate::db::types::Timestamp;
use crate::each_backend;
use crate::error::Result;

/// Claims a piece of work for so many seconds, or renews the own claim; false when it is another's.
pub fn claim(conn: &mut DbConn, now: Timestamp, name: &str, owner: &str, seconds: i64) -> Result<bool> {
    let row = (claims::name.eq(name), claims::owner.eq(owner), claims::until.eq(now.plus_seconds(seconds)));
    let inserted =
        each_backend!(&mut *conn, |c| diesel::insert_into(claims::table).values(row).on_conflict_do_nothing().execute(c))?;
    if inserted == 1 {
        return Ok(true);
    }
    let mine_or_over = claims::table.find(name).filter(claims::owner.eq(owner).or(claims::until.lt(now)));
    let taken =
        diesel::update(mine_or_over).set((claims::owner.eq(owner), claims::until.eq(now.plus_seconds(seconds)))).execute(conn)?;
    Ok(taken == 1)
}

/// Gives a claim back.
pub fn release(conn: &mut DbConn, name: &str, owner: &str) -> Result<()> {
    diesel::delete(claims::table.find(name).filter(claims::owner.eq(owner))).execute(conn)?;
    Ok(())
}
