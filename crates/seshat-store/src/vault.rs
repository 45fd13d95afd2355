//! The vault blob and the settings of this laptop.
//!
//! **Invariant:** a store belongs to one account for ever. Nothing that comes from a server replaces the vault of
//! one account by that of another.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use seshat_protocol::AccountId;

use crate::row::array;
use crate::{Store, StoreError, StoredVault, VaultOrigin, VaultSync};

impl Store {
    /// The vault, once one has been made or joined.
    ///
    /// # Errors
    /// What the disk says.
    pub fn vault(&self) -> Result<Option<StoredVault>, StoreError> {
        stored(&self.connection)
    }

    /// Saves a vault blob and settings that change with it, in one transaction. A setting of `None` is removed.
    ///
    /// # Errors
    /// [`StoreError::OtherAccount`], or what the disk says. Then nothing has changed.
    pub fn save_vault(
        &mut self,
        account: AccountId,
        blob: &[u8],
        origin: VaultOrigin<'_>,
        settings: &[(&str, Option<&[u8]>)],
    ) -> Result<(), StoreError> {
        let transaction = self.write()?;
        let before = stored(&transaction)?;
        if let Some(ours) = before.as_ref().map(|vault| vault.account)
            && ours != account
        {
            return Err(StoreError::OtherAccount { ours });
        }
        let (revision, waiting) = match origin {
            VaultOrigin::Here => (before.and_then(|vault| vault.revision), 1),
            VaultOrigin::Server { revision } => (Some(revision.to_owned()), 0),
            VaultOrigin::Merged { revision } => (Some(revision.to_owned()), 1),
        };
        transaction
            .prepare_cached(
                "INSERT INTO vault (one, account, blob, revision, waiting) VALUES (1, ?1, ?2, ?3, ?4) \
                 ON CONFLICT (one) DO UPDATE SET blob = ?2, revision = ?3, waiting = ?4",
            )?
            .execute(params![account.0, blob, revision, waiting])?;
        for (key, value) in settings {
            set(&transaction, key, *value)?;
        }
        transaction.commit()
    }

    /// The server has taken `blob`; it is `revision` there. If the vault was changed here in the meantime it goes on
    /// waiting.
    ///
    /// # Errors
    /// [`StoreError::NoVault`], or what the disk says.
    pub fn vault_stored(&mut self, blob: &[u8], revision: &str) -> Result<(), StoreError> {
        let transaction = self.write()?;
        let changed = transaction
            .prepare_cached(
                "UPDATE vault SET revision = ?2, \
                 waiting = CASE WHEN blob = ?1 THEN 0 ELSE waiting END",
            )?
            .execute(params![blob, revision])?;
        if changed == 0 {
            return Err(StoreError::NoVault);
        }
        transaction.commit()
    }

    /// A setting of this laptop. Settings are not secret and do not travel.
    ///
    /// # Errors
    /// What the disk says.
    pub fn setting(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT value FROM settings WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// Sets a setting, or removes it.
    ///
    /// # Errors
    /// What the disk says.
    pub fn set_setting(&mut self, key: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
        let transaction = self.write()?;
        set(&transaction, key, value)?;
        transaction.commit()
    }
}

/// A vault that was changed here: revision as it was, waiting.
pub(crate) fn change(transaction: &Transaction<'_>, blob: &[u8]) -> Result<(), StoreError> {
    let changed = transaction
        .prepare_cached("UPDATE vault SET blob = ?1, waiting = 1")?
        .execute(params![blob])?;
    if changed == 0 { Err(StoreError::NoVault) } else { Ok(()) }
}

fn set(transaction: &Transaction<'_>, key: &str, value: Option<&[u8]>) -> Result<(), StoreError> {
    match value {
        Some(value) => transaction
            .prepare_cached(
                "INSERT INTO settings (key, value) VALUES (?1, ?2) \
                 ON CONFLICT (key) DO UPDATE SET value = ?2",
            )?
            .execute(params![key, value])?,
        None => {
            transaction.prepare_cached("DELETE FROM settings WHERE key = ?1")?.execute([key])?
        }
    };
    Ok(())
}

fn stored(connection: &Connection) -> Result<Option<StoredVault>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT account, blob, revision, waiting FROM vault")?;
    let vault = statement.query_row([], |row| {
        Ok(StoredVault {
            account: AccountId(array(row, 0)?),
            blob: row.get(1)?,
            revision: row.get(2)?,
            waiting: if row.get(3)? { VaultSync::Waiting } else { VaultSync::Settled },
        })
    });
    Ok(vault.optional()?)
}
