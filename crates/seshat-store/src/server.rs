//! The server that this laptop syncs with.

use rusqlite::{Connection, OptionalExtension, params};

use crate::row::number;
use crate::{ServerLink, Store, StoreError, outbox};

impl Store {
    /// The linked server, if any.
    ///
    /// # Errors
    /// What the disk says.
    pub fn server(&self) -> Result<Option<ServerLink>, StoreError> {
        link(&self.connection)
    }

    /// Links a server: from cursor 0, and everything that is held will be offered to it. Linking the one that is
    /// linked already changes nothing.
    ///
    /// # Errors
    /// What the disk says.
    pub fn link_server(&mut self, url: &str, email: &str) -> Result<(), StoreError> {
        let transaction = self.write()?;
        let linked = link(&transaction)?;
        if linked.is_some_and(|link| link.url == url && link.email == email) {
            return Ok(());
        }
        transaction.execute(
            "INSERT INTO server (one, url, email, epoch, cursor) VALUES (1, ?1, ?2, NULL, 0) \
             ON CONFLICT (one) DO UPDATE SET url = ?1, email = ?2, epoch = NULL, cursor = 0, \
             generation = 0",
            params![url, email],
        )?;
        // What an earlier server acknowledged, this one may never have seen.
        outbox::offer_all(&transaction)?;
        transaction.commit()
    }

    /// The server gave or took a vault of this generation. Returns the highest that it had given or taken before.
    ///
    /// # Errors
    /// [`StoreError::NoServer`], or what the disk says.
    pub fn saw_generation(&mut self, generation: u64) -> Result<u64, StoreError> {
        let transaction = self.write()?;
        let before = link(&transaction)?.ok_or(StoreError::NoServer)?.generation;
        if generation > before {
            transaction
                .prepare_cached("UPDATE server SET generation = ?1")?
                .execute([generation.cast_signed()])?;
        }
        transaction.commit()?;
        Ok(before)
    }

    /// Forgets the server. Records and outbox stay as they are, and so does the vault; its revision is forgotten,
    /// because it was that server's.
    ///
    /// # Errors
    /// What the disk says.
    pub fn unlink(&mut self) -> Result<(), StoreError> {
        let transaction = self.write()?;
        transaction.execute("DELETE FROM server", [])?;
        transaction.execute("UPDATE vault SET revision = NULL", [])?;
        transaction.commit()
    }
}

pub(crate) fn link(connection: &Connection) -> Result<Option<ServerLink>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT url, email, epoch, cursor, generation FROM server")?;
    let link = statement.query_row([], |row| {
        Ok(ServerLink {
            url: row.get(0)?,
            email: row.get(1)?,
            epoch: row.get(2)?,
            cursor: number(row, 3)?,
            generation: number(row, 4)?,
        })
    });
    Ok(link.optional()?)
}
