//! Second factors and recovery codes.

use diesel::prelude::*;
use freehold_base::{Result, UserId};

use crate::Tx;
use crate::conn::OrDb as _;
use crate::schema::{recovery_codes, users};

/// Sets the sealed secrets of the second factor (in force, and waiting for its first code).
///
/// # Errors
/// Database failures.
pub fn set_totp(tx: &mut Tx<'_>, id: UserId, sealed: &str, pending: &str) -> Result<()> {
    diesel::update(users::table.filter(users::id.eq(id.get())))
        .set((users::totp_sealed.eq(sealed), users::totp_pending.eq(pending)))
        .execute(tx.conn())
        .or_db("setting the second factor")?;
    Ok(())
}

/// Uses up a time step; `false` where another request used one since `expected` was read.
///
/// # Errors
/// Database failures.
pub fn use_totp_step(tx: &mut Tx<'_>, id: UserId, expected: i64, step: i64) -> Result<bool> {
    let changed =
        diesel::update(users::table.filter(users::id.eq(id.get())).filter(users::totp_last_step.eq(expected)))
            .set(users::totp_last_step.eq(step))
            .execute(tx.conn())
            .or_db("using the code")?;
    Ok(changed == 1)
}

/// Replaces a person's recovery codes by these hashes.
///
/// # Errors
/// Database failures.
pub fn set_recovery_codes(tx: &mut Tx<'_>, id: UserId, hashes: &[String]) -> Result<()> {
    diesel::delete(recovery_codes::table.filter(recovery_codes::user_id.eq(id.get())))
        .execute(tx.conn())
        .or_db("removing recovery codes")?;
    for hash in hashes {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::user_id.eq(id.get()),
                recovery_codes::code_hash.eq(hash),
                recovery_codes::used_at.eq(0),
            ))
            .execute(tx.conn())
            .or_db("storing recovery codes")?;
    }
    Ok(())
}

/// Uses up a recovery code; `false` where there is none with this hash.
///
/// # Errors
/// Database failures.
pub fn use_recovery_code(tx: &mut Tx<'_>, id: UserId, hash: &str) -> Result<bool> {
    let now = tx.now().ms();
    let used = diesel::update(
        recovery_codes::table
            .filter(recovery_codes::user_id.eq(id.get()))
            .filter(recovery_codes::code_hash.eq(hash))
            .filter(recovery_codes::used_at.eq(0)),
    )
    .set(recovery_codes::used_at.eq(now))
    .execute(tx.conn())
    .or_db("using the recovery code")?;
    Ok(used > 0)
}

/// Recovery codes not yet used.
///
/// # Errors
/// Database failures.
pub fn recovery_codes_left(tx: &mut Tx<'_>, id: UserId) -> Result<i64> {
    recovery_codes::table
        .filter(recovery_codes::user_id.eq(id.get()))
        .filter(recovery_codes::used_at.eq(0))
        .count()
        .get_result(tx.conn())
        .or_db("counting recovery codes")
}
