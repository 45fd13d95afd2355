//! Putting a whole novel away: all of it goes to the trash, and the novel says that it is no longer wanted.
//!
//! **Invariant:** a novel in which something stands is not put away, whatever it says: what another laptop wrote in the
//! meantime comes back from the trash, and the novel with it. Nor is one whose last scene its author trashed later.

use loro::{LoroValue, ValueOrContainer};

use crate::binder::{Binder, BinderError};
use crate::tree::write;

/// The field of the novel, part of the saved format: when it was put away, as the trash has it; 0 where it was brought
/// back.
const PUT_AWAY: &str = "put_away";

impl Binder {
    /// Moves everything to the trash and says that the novel is put away; `at_ms` and `seen` as in [`Binder::trash`].
    ///
    /// # Errors
    /// When the tree refuses.
    pub fn put_away(&mut self, at_ms: u64, seen: &str) -> Result<(), BinderError> {
        for top in self.outline().into_iter().chain(self.notes()) {
            self.trash(top.id, at_ms, seen)?;
        }
        self.say_put_away(at_ms)
    }

    /// Takes everything out of the trash and says that the novel is wanted.
    ///
    /// # Errors
    /// When the tree refuses.
    pub fn bring_back(&mut self) -> Result<(), BinderError> {
        // The last one first: each knows where it stood when those before it were gone already.
        for top in self.trashed().into_iter().rev() {
            self.restore(top.id)?;
        }
        self.say_put_away(0)
    }

    /// Whether the novel was put away, and neither came anything back nor went anything to the trash since.
    #[must_use]
    pub fn is_put_away(&self) -> bool {
        let at = match self.novel_meta().get(PUT_AWAY) {
            Some(ValueOrContainer::Value(LoroValue::I64(at))) => u64::try_from(at).unwrap_or(0),
            _ => 0,
        };
        let earlier = |at_ms: Option<u64>| at_ms.is_none_or(|at_ms| at_ms <= at);
        at > 0
            && self.outline().is_empty()
            && self.notes().is_empty()
            && self.trashed().iter().all(|top| earlier(top.trashed_at))
    }

    fn say_put_away(&mut self, at_ms: u64) -> Result<(), BinderError> {
        let at = i64::try_from(at_ms).unwrap_or(i64::MAX);
        write(&self.novel_meta(), PUT_AWAY, at.into())?;
        self.replica.commit();
        Ok(())
    }
}
