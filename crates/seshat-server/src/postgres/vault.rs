//! The vault blob: the one thing of an account that changes in place, by compare and swap.

use deadpool_postgres::{Client, Transaction};
use seshat_protocol::{AccountId, Blob, SignInDescription, VaultReply};

use super::devices::{self, Place};
use super::pool::{Failure, execute, row};
use super::rows::locked_account;
use crate::meta::{VaultChange, VaultOutcome};

pub(super) async fn current(
    client: &Client,
    account: &AccountId,
) -> Result<Option<VaultReply>, Failure> {
    let sql = "SELECT vault_revision, vault FROM accounts WHERE id = $1";
    let Some(found) = row(client, sql, &[&account.0.as_slice()]).await? else { return Ok(None) };
    Ok(Some(VaultReply { revision: found.try_get(0)?, vault: Blob(found.try_get(1)?) }))
}

pub(super) async fn replace(
    transaction: &Transaction<'_>,
    change: &VaultChange,
) -> Result<VaultOutcome, Failure> {
    let Some(account) = locked_account(transaction, change.account).await? else {
        return Ok(VaultOutcome::Changed);
    };
    // Looked at before anything is written, so that an outcome other than `Stored` leaves nothing to undo.
    let place = match &change.device {
        Some(device) => Some(devices::place(transaction, account, device).await?),
        None => None,
    };
    if place == Some(Place::Taken) {
        return Ok(VaultOutcome::DeviceTaken);
    }
    let swapped = execute(
        transaction,
        "UPDATE accounts SET vault_revision = $3, vault = $4
         WHERE number = $1 AND vault_revision = $2 AND locked = 0",
        &[&account, &change.expected, &change.vault.revision, &change.vault.vault.0],
    )
    .await?;
    if swapped == 0 {
        return Ok(VaultOutcome::Changed);
    }
    if let (Some(Place::Free), Some(device)) = (place, &change.device) {
        devices::add(transaction, account, device, change.now).await?;
    }
    devices::revoke(transaction, account, &change.revoke, change.now).await?;
    if let Some(sign_in) = &change.sign_in {
        set_sign_in(transaction, account, sign_in).await?;
        let spared = change.session.unwrap_or_default();
        let sql = "DELETE FROM sessions WHERE account = $1 AND token_hash <> $2";
        execute(transaction, sql, &[&account, &spared.as_slice()]).await?;
    }
    let registered_at = match place {
        Some(Place::Free) => Some(change.now),
        Some(Place::Same(since)) => Some(since),
        Some(Place::Taken) | None => None,
    };
    Ok(VaultOutcome::Stored { registered_at })
}

async fn set_sign_in(
    transaction: &Transaction<'_>,
    account: i64,
    sign_in: &SignInDescription,
) -> Result<(), Failure> {
    execute(
        transaction,
        "UPDATE accounts SET kdf_memory_kib = $2, kdf_passes = $3, kdf_lanes = $4, kdf_salt = $5,
            account_code = $6, password_key = $7, recovery_key = $8
         WHERE number = $1",
        &[
            &account,
            &i64::from(sign_in.kdf.memory_kib),
            &i64::from(sign_in.kdf.passes),
            &i64::from(sign_in.kdf.lanes),
            &sign_in.kdf.salt.0.as_slice(),
            &i64::from(sign_in.account_code),
            &sign_in.password_key.0.as_slice(),
            &sign_in.recovery_key.0.as_slice(),
        ],
    )
    .await?;
    Ok(())
}
