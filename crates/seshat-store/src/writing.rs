//! The transaction that every write goes through.

use std::ops::Deref;

use rusqlite::Transaction;

use crate::StoreError;

/// A write that a test wants to fail.
#[cfg(feature = "faults")]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Fault {
    /// Nothing of it happens, as when the power goes before it is on the disk.
    BeforeCommit,
    /// All of it happens, and nobody hears of it, as when the power goes just after.
    AfterCommit,
}

/// A transaction that writes. Dropped without a commit it has never been.
pub(crate) struct Writing<'a> {
    transaction: Transaction<'a>,
    #[cfg(feature = "faults")]
    fault: Option<Fault>,
}

impl<'a> Writing<'a> {
    #[cfg(not(feature = "faults"))]
    pub(crate) fn new(transaction: Transaction<'a>) -> Self {
        Self { transaction }
    }

    #[cfg(feature = "faults")]
    pub(crate) fn new(transaction: Transaction<'a>, fault: Option<Fault>) -> Self {
        Self { transaction, fault }
    }

    /// When it returns, all of it is on the disk.
    pub(crate) fn commit(self) -> Result<(), StoreError> {
        #[cfg(feature = "faults")]
        if self.fault == Some(Fault::BeforeCommit) {
            return Err(asked_for());
        }
        self.transaction.commit()?;
        #[cfg(feature = "faults")]
        if self.fault == Some(Fault::AfterCommit) {
            return Err(asked_for());
        }
        Ok(())
    }
}

#[cfg(feature = "faults")]
fn asked_for() -> StoreError {
    StoreError::Io("a test asked for this".into())
}

impl<'a> Deref for Writing<'a> {
    type Target = Transaction<'a>;

    fn deref(&self) -> &Self::Target {
        &self.transaction
    }
}
