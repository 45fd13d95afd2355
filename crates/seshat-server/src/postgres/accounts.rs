//! Accounts and the sessions of people.

use deadpool_postgres::{Client, Transaction};
use seshat_protocol::{AccountId, Bytes32, SignInKey};

use super::pool::{Failure, execute, row};
use super::rows::{DESCRIPTION, bytes, description, stored};
use super::{devices, invites};
use crate::meta::{Created, Known, Named, NewAccount, NewSession};

/// Random bits in an account's number; before them stand milliseconds.
const RANDOM_BITS: u32 = 20;

pub(super) async fn create(
    transaction: &Transaction<'_>,
    new: &NewAccount,
) -> Result<Created, Failure> {
    // Before anything is looked up: who is not invited does not learn who has an account here.
    let invited = match &new.invite {
        Some(code_hash) => invites::is_good(transaction, code_hash, new).await?,
        None => false,
    };
    if new.invited_only && !invited {
        return Ok(Created::NotInvited);
    }
    let sql = "SELECT 1 FROM accounts WHERE id = $1 OR email = $2 LIMIT 1";
    if row(transaction, sql, &[&new.account.0.as_slice(), &new.email]).await?.is_some() {
        return Ok(Created::Exists);
    }
    let number = fresh_number(new.now)?;
    let sign_in = &new.sign_in;
    // Of two at once the second meets the first one's row here, begins again, and finds it above.
    execute(
        transaction,
        "INSERT INTO accounts (number, id, email, identity_key, kdf_memory_kib, kdf_passes, kdf_lanes,
            kdf_salt, account_code, password_key, recovery_key, vault_revision, vault, digest_xor,
            created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        &[
            &number,
            &new.account.0.as_slice(),
            &new.email,
            &new.identity_key.0.as_slice(),
            &i64::from(sign_in.kdf.memory_kib),
            &i64::from(sign_in.kdf.passes),
            &i64::from(sign_in.kdf.lanes),
            &sign_in.kdf.salt.0.as_slice(),
            &i64::from(sign_in.account_code),
            &sign_in.password_key.0.as_slice(),
            &sign_in.recovery_key.0.as_slice(),
            &new.vault.revision,
            &new.vault.vault.0,
            &[0_u8; 32].as_slice(),
            &stored(new.now),
        ],
    )
    .await?;
    devices::add(transaction, number, &new.device, new.now).await?;
    if let Some(code_hash) = &new.invite {
        invites::use_up(transaction, code_hash, new).await?;
    }
    Ok(Created::Made)
}

fn fresh_number(now: u64) -> Result<i64, Failure> {
    let mut random = [0; 4];
    getrandom::fill(&mut random)
        .map_err(|_| Failure::Impossible("the system gave no random bytes"))?;
    let random = u64::from(u32::from_le_bytes(random) >> (u32::BITS - RANDOM_BITS));
    let most = u64::MAX >> (RANDOM_BITS + 1);
    Ok(stored(now.min(most) << RANDOM_BITS | random))
}

pub(super) async fn find(client: &Client, named: &Named) -> Result<Option<Known>, Failure> {
    let found = match named {
        Named::Email(email) => {
            let sql = format!("SELECT id, {DESCRIPTION} FROM accounts WHERE email = $1");
            row(client, &sql, &[email]).await?
        }
        Named::Id(account) => {
            let sql = format!("SELECT id, {DESCRIPTION} FROM accounts WHERE id = $1");
            row(client, &sql, &[&account.0.as_slice()]).await?
        }
    };
    let known =
        |row| Ok(Known { account: AccountId(bytes(&row, 0)?), sign_in: description(&row, 1)? });
    found.map(known).transpose()
}

pub(super) async fn sign_in_key(
    client: &Client,
    (account, key): &(AccountId, SignInKey),
) -> Result<Option<Bytes32>, Failure> {
    let sql = match key {
        SignInKey::Password => "SELECT password_key FROM accounts WHERE id = $1",
        SignInKey::Recovery => "SELECT recovery_key FROM accounts WHERE id = $1",
    };
    let found = row(client, sql, &[&account.0.as_slice()]).await?;
    found.map(|row| bytes(&row, 0).map(Bytes32)).transpose()
}

pub(super) async fn identity_key(
    client: &Client,
    account: &AccountId,
) -> Result<Option<Bytes32>, Failure> {
    let sql = "SELECT identity_key FROM accounts WHERE id = $1";
    let found = row(client, sql, &[&account.0.as_slice()]).await?;
    found.map(|row| bytes(&row, 0).map(Bytes32)).transpose()
}

pub(super) async fn open_session(
    transaction: &Transaction<'_>,
    session: &NewSession,
) -> Result<(), Failure> {
    let sql = "DELETE FROM sessions WHERE ends_at <= $1";
    execute(transaction, sql, &[&stored(session.now)]).await?;
    let opened = execute(
        transaction,
        "INSERT INTO sessions (token_hash, account, ends_at)
         SELECT $1, number, $2 FROM accounts WHERE id = $3",
        &[&session.token_hash.as_slice(), &stored(session.ends_at), &session.account.0.as_slice()],
    )
    .await?;
    if opened == 0 { Err(Failure::Impossible("there is no such account")) } else { Ok(()) }
}

pub(super) async fn session(
    client: &Client,
    (token_hash, now): &([u8; 32], u64),
) -> Result<Option<AccountId>, Failure> {
    let sql = "SELECT accounts.id FROM sessions JOIN accounts ON accounts.number = sessions.account
         WHERE token_hash = $1 AND ends_at > $2 AND accounts.locked = 0";
    let found = row(client, sql, &[&token_hash.as_slice(), &stored(*now)]).await?;
    found.map(|row| bytes(&row, 0).map(AccountId)).transpose()
}
