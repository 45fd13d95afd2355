//! Accounts and the sessions of people.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use seshat_protocol::{AccountId, Bytes32, SignInKey};

use super::rows::{DESCRIPTION, description, number, stored};
use super::{devices, invites};
use crate::meta::{Created, Known, Named, NewAccount, NewSession};

pub(super) fn create(connection: &Connection, new: &NewAccount) -> rusqlite::Result<Created> {
    // Before anything is looked up: who is not invited does not learn who has an account here.
    let invited = match &new.invite {
        Some(code_hash) => invites::is_good(connection, code_hash, new)?,
        None => false,
    };
    if new.invited_only && !invited {
        return Ok(Created::NotInvited);
    }
    let taken = connection
        .prepare_cached("SELECT 1 FROM accounts WHERE id = ?1 OR email = ?2")?
        .exists(params![new.account.0, new.email])?;
    if taken {
        return Ok(Created::Exists);
    }
    let sign_in = &new.sign_in;
    connection.execute(
        "INSERT INTO accounts (id, email, identity_key, kdf_memory_kib, kdf_passes, kdf_lanes,
            kdf_salt, account_code, password_key, recovery_key, vault_revision, vault, digest_xor,
            created_at)
         VALUES (:id, :email, :identity_key, :memory, :passes, :lanes, :salt, :code, :password,
            :recovery, :revision, :vault, zeroblob(32), :now)",
        named_params! {
            ":id": new.account.0,
            ":email": new.email,
            ":identity_key": new.identity_key.0,
            ":memory": sign_in.kdf.memory_kib,
            ":passes": sign_in.kdf.passes,
            ":lanes": sign_in.kdf.lanes,
            ":salt": sign_in.kdf.salt.0,
            ":code": sign_in.account_code,
            ":password": sign_in.password_key.0,
            ":recovery": sign_in.recovery_key.0,
            ":revision": new.vault.revision,
            ":vault": new.vault.vault.0,
            ":now": stored(new.now),
        },
    )?;
    devices::add(connection, connection.last_insert_rowid(), &new.device, new.now)?;
    if let Some(code_hash) = &new.invite {
        invites::use_up(connection, code_hash, new)?;
    }
    Ok(Created::Made)
}

pub(super) fn find(connection: &Connection, named: &Named) -> rusqlite::Result<Option<Known>> {
    let known = |row: &Row<'_>| {
        Ok(Known { account: AccountId(row.get(0)?), sign_in: description(row, 1)? })
    };
    match named {
        Named::Email(email) => connection
            .prepare_cached(&format!("SELECT id, {DESCRIPTION} FROM accounts WHERE email = ?1"))?
            .query_row([email], known),
        Named::Id(account) => connection
            .prepare_cached(&format!("SELECT id, {DESCRIPTION} FROM accounts WHERE id = ?1"))?
            .query_row([account.0], known),
    }
    .optional()
}

pub(super) fn sign_in_key(
    connection: &Connection,
    account: AccountId,
    key: SignInKey,
) -> rusqlite::Result<Option<Bytes32>> {
    let bytes = |row: &Row<'_>| Ok(Bytes32(row.get(0)?));
    match key {
        SignInKey::Password => connection
            .prepare_cached("SELECT password_key FROM accounts WHERE id = ?1")?
            .query_row([account.0], bytes),
        SignInKey::Recovery => connection
            .prepare_cached("SELECT recovery_key FROM accounts WHERE id = ?1")?
            .query_row([account.0], bytes),
    }
    .optional()
}

pub(super) fn identity_key(
    connection: &Connection,
    account: AccountId,
) -> rusqlite::Result<Option<Bytes32>> {
    connection
        .prepare_cached("SELECT identity_key FROM accounts WHERE id = ?1")?
        .query_row([account.0], |row| Ok(Bytes32(row.get(0)?)))
        .optional()
}

pub(super) fn open_session(connection: &Connection, session: &NewSession) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM sessions WHERE ends_at <= ?1")?
        .execute([stored(session.now)])?;
    let account =
        number(connection, session.account)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    connection
        .prepare_cached("INSERT INTO sessions (token_hash, account, ends_at) VALUES (?1, ?2, ?3)")?
        .execute(params![session.token_hash, account, stored(session.ends_at)])?;
    Ok(())
}

pub(super) fn session(
    connection: &Connection,
    token_hash: &[u8; 32],
    now: u64,
) -> rusqlite::Result<Option<AccountId>> {
    connection
        .prepare_cached(
            "SELECT accounts.id FROM sessions JOIN accounts ON accounts.number = sessions.account
             WHERE token_hash = ?1 AND ends_at > ?2 AND accounts.locked = 0",
        )?
        .query_row(params![token_hash, stored(now)], |row| Ok(AccountId(row.get(0)?)))
        .optional()
}
