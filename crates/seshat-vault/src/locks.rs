//! The locks of novels that have a passphrase of their own, as they stand in the vault's body.
//!
//! ```text
//! entry = "novel-lock" | novel | lock id[16] | generation u64 | state u8 | kdf | wrap | copy
//!         state 0, in force: kdf as in a password slot, the lock key sealed under the passphrase, copy empty
//!                            or recovery exchange public[32] | the lock key sealed to it[80]
//!         state 1, removed:  kdf empty, the lock key itself, copy empty
//! entry = "locked-novel-key" | novel | epoch u32 | key id[16] | lock id[16] | sealed(novel key)
//! ```
//!
//! **Invariant:** a lock is never forgotten, so one that was removed does not come back with another laptop;
//! and its id is the id of its key, so nobody can remove it who does not have that key.

use std::collections::BTreeMap;

use seshat_protocol::{
    AccountId, Bytes32, FieldReader, FieldWriter, FieldsError, KdfDescription, NovelId, Sealed,
};

use crate::context::Context;
use crate::kdf::{encode_kdf, parse_kdf};
use crate::key::Key;
use crate::keys_by_epoch::KeysByEpoch;
use crate::lineage::KeyId;
use crate::{Entropy, EntropyError, envelope};

/// A novel that is open now: its keys, and the keys of the locks that were opened.
#[derive(Default)]
pub(crate) struct OpenNovel {
    pub(crate) keys: KeysByEpoch,
    pub(crate) locks: BTreeMap<KeyId, Key>,
}

/// One lock.
pub(crate) struct Lock {
    /// The vault generation in which it was made or removed.
    pub(crate) generation: u64,
    pub(crate) state: LockState,
}

/// Whether it locks.
pub(crate) enum LockState {
    InForce(Passphrase),
    /// With its key in the clear, so that what another laptop still locked under it can be read.
    Removed(Key),
}

/// What a passphrase opens. Nothing in it is secret that is not sealed.
#[derive(Clone)]
pub(crate) struct Passphrase {
    pub(crate) kdf: KdfDescription,
    pub(crate) wrap: Sealed,
    pub(crate) copy: Option<Copied>,
}

/// The lock key for whoever has the kit.
#[derive(Clone)]
pub(crate) struct Copied {
    pub(crate) to: Bytes32,
    pub(crate) sealed: Sealed,
}

/// A novel key under a lock.
struct LockedKey {
    epoch: u32,
    sealed: Sealed,
}

/// All locks, and the keys under them.
#[derive(Default)]
pub(crate) struct Locks {
    locks: BTreeMap<(NovelId, KeyId), Lock>,
    keys: BTreeMap<(NovelId, KeyId, KeyId), LockedKey>,
}

pub(crate) const LOCK_TAG: &str = "novel-lock";
pub(crate) const KEY_TAG: &str = "locked-novel-key";

fn key_context(
    account: AccountId,
    (novel, lock, id): (NovelId, KeyId, KeyId),
    epoch: u32,
) -> Vec<u8> {
    let extra = FieldWriter::new().bytes(&lock.0).bytes(&id.0).finish();
    let mut context = Context::new(KEY_TAG, account);
    context.novel = Some(novel);
    context.epoch = Some(epoch);
    context.extra = &extra;
    context.bytes()
}

impl Lock {
    fn passphrase(&self) -> Option<&Passphrase> {
        match &self.state {
            LockState::InForce(passphrase) => Some(passphrase),
            LockState::Removed(_) => None,
        }
    }

    fn has_copy_for(&self, public: &Bytes32) -> bool {
        let copy = self.passphrase().and_then(|passphrase| passphrase.copy.as_ref());
        copy.is_some_and(|copy| copy.to == *public)
    }

    /// Whether this says more than `other` about the same lock.
    fn is_newer(&self, other: &Self, recovery: &Bytes32) -> bool {
        let rank = |lock: &Self| {
            let removed = matches!(lock.state, LockState::Removed(_));
            (lock.generation, removed, lock.has_copy_for(recovery))
        };
        rank(self) > rank(other)
    }

    fn duplicate(&self) -> Self {
        let state = match &self.state {
            LockState::InForce(passphrase) => LockState::InForce(passphrase.clone()),
            LockState::Removed(key) => LockState::Removed(key.duplicate()),
        };
        Self { generation: self.generation, state }
    }
}

impl Locks {
    /// Whether a lock of this novel is in force.
    pub(crate) fn is_locked(&self, novel: NovelId) -> bool {
        self.in_force(novel).next().is_some()
    }

    /// The locks of a novel that are in force.
    pub(crate) fn in_force(
        &self,
        novel: NovelId,
    ) -> impl Iterator<Item = (KeyId, u64, &Passphrase)> {
        let range = (novel, KeyId([0; 16]))..=(novel, KeyId([0xFF; 16]));
        self.locks.range(range).filter_map(|((_, id), lock)| {
            lock.passphrase().map(|passphrase| (*id, lock.generation, passphrase))
        })
    }

    /// Novels with a lock in force.
    pub(crate) fn novels(&self) -> impl Iterator<Item = NovelId> {
        let locked = self.locks.iter().filter(|(_, lock)| lock.passphrase().is_some());
        locked.map(|((novel, _), _)| *novel)
    }

    pub(crate) fn put(&mut self, novel: NovelId, id: KeyId, lock: Lock) {
        self.locks.insert((novel, id), lock);
    }

    /// Puts a fresh copy for the kit beside a lock.
    pub(crate) fn put_copy(&mut self, novel: NovelId, id: KeyId, copy: Copied) {
        if let Some(Lock { state: LockState::InForce(passphrase), .. }) =
            self.locks.get_mut(&(novel, id))
        {
            passphrase.copy = Some(copy);
        }
    }

    /// Seals keys under a lock, but for those that are under it already.
    pub(crate) fn seal_keys(
        &mut self,
        account: AccountId,
        (novel, lock, lock_key): (NovelId, KeyId, &Key),
        keys: &KeysByEpoch,
        entropy: &mut dyn Entropy,
    ) -> Result<(), EntropyError> {
        for (epoch, key) in keys.iter() {
            let place = (novel, lock, KeyId::of(key));
            if self.keys.contains_key(&place) {
                continue;
            }
            let context = key_context(account, place, epoch);
            let sealed = envelope::seal(lock_key.expose(), &context, key.expose(), entropy)?;
            self.keys.insert(place, LockedKey { epoch, sealed });
        }
        Ok(())
    }

    /// The keys under a lock.
    pub(crate) fn open_keys(
        &self,
        account: AccountId,
        (novel, lock, lock_key): (NovelId, KeyId, &Key),
    ) -> KeysByEpoch {
        let range = (novel, lock, KeyId([0; 16]))..=(novel, lock, KeyId([0xFF; 16]));
        let mut opened = KeysByEpoch::default();
        for (place, LockedKey { epoch, sealed }) in self.keys.range(range) {
            let context = key_context(account, *place, *epoch);
            let key = envelope::open(lock_key.expose(), &context, &sealed.0);
            if let Some(key) = key.ok().and_then(|bytes| Key::copy_of(&bytes)) {
                opened.add(*epoch, key);
            }
        }
        opened
    }

    /// Takes the keys out from under locks that were removed.
    pub(crate) fn release(&mut self, account: AccountId) -> Vec<(NovelId, KeysByEpoch)> {
        let removed = self.locks.iter().filter_map(|((novel, id), lock)| match &lock.state {
            LockState::Removed(key) => Some((*novel, *id, key)),
            LockState::InForce(_) => None,
        });
        let released: Vec<_> =
            removed.map(|place| (place.0, place.1, self.open_keys(account, place))).collect();
        for (novel, lock, keys) in &released {
            for (_, key) in keys.iter() {
                self.keys.remove(&(*novel, *lock, KeyId::of(key)));
            }
        }
        released.into_iter().map(|(novel, _, keys)| (novel, keys)).collect()
    }

    /// Whether a key of a novel is under a lock that is in force.
    pub(crate) fn has_key(&self, novel: NovelId, key: &Key) -> bool {
        let id = KeyId::of(key);
        self.in_force(novel).any(|(lock, ..)| self.keys.contains_key(&(novel, lock, id)))
    }

    /// Takes over what the other side knows more or later.
    pub(crate) fn merge(&mut self, theirs: &Self, recovery: &Bytes32) {
        for (place, lock) in &theirs.locks {
            if self.locks.get(place).is_none_or(|ours| lock.is_newer(ours, recovery)) {
                self.locks.insert(*place, lock.duplicate());
            }
        }
        for (place, key) in &theirs.keys {
            self.keys
                .entry(*place)
                .or_insert_with(|| LockedKey { epoch: key.epoch, sealed: key.sealed.clone() });
        }
    }

    /// Whether `other` knows anything more or later.
    pub(crate) fn lack_any_of(&self, other: &Self, recovery: &Bytes32) -> bool {
        let lacks_lock = other.locks.iter().any(|(place, lock)| {
            self.locks.get(place).is_none_or(|known| lock.is_newer(known, recovery))
        });
        lacks_lock || other.keys.keys().any(|place| !self.keys.contains_key(place))
    }

    /// The entries of the body, each behind its tag.
    pub(crate) fn entries(&self, entry: fn(&str) -> FieldWriter) -> Vec<FieldWriter> {
        let locks = self.locks.iter().map(|((novel, id), lock)| {
            let head = entry(LOCK_TAG).bytes(novel.as_bytes()).bytes(&id.0).u64(lock.generation);
            match &lock.state {
                LockState::InForce(Passphrase { kdf, wrap, copy }) => {
                    let copy = copy.as_ref().map(|copy| [&copy.to.0[..], &copy.sealed.0].concat());
                    let wrapped = head.bytes(&[0]).bytes(&encode_kdf(kdf)).bytes(&wrap.0);
                    wrapped.bytes(&copy.unwrap_or_default())
                }
                LockState::Removed(key) => {
                    head.bytes(&[1]).bytes(&[]).bytes(key.expose()).bytes(&[])
                }
            }
        });
        let keys = self.keys.iter().map(|((novel, lock, id), key)| {
            entry(KEY_TAG)
                .bytes(novel.as_bytes())
                .u32(key.epoch)
                .bytes(&id.0)
                .bytes(&lock.0)
                .bytes(&key.sealed.0)
        });
        locks.chain(keys).collect()
    }

    /// Reads what stands behind the tag of a lock.
    pub(crate) fn read_lock(&mut self, mut fields: FieldReader<'_>) -> Result<(), FieldsError> {
        let (novel, id) = (NovelId(fields.array()?), KeyId(fields.array()?));
        let generation = fields.u64()?;
        let [state] = fields.array()?;
        let (kdf, wrap, copy) = (fields.bytes()?, fields.bytes()?, fields.bytes()?);
        fields.finish()?;
        let state = match (state, kdf, copy) {
            (0, kdf, copy) => {
                let copy = match copy.split_first_chunk() {
                    None if copy.is_empty() => None,
                    None => return Err(FieldsError),
                    Some((to, sealed)) => {
                        Some(Copied { to: Bytes32(*to), sealed: Sealed(sealed.to_vec()) })
                    }
                };
                let wrap = Sealed(wrap.to_vec());
                LockState::InForce(Passphrase { kdf: parse_kdf(kdf)?, wrap, copy })
            }
            (1, [], []) => {
                let key = Key::copy_of(wrap).filter(|key| KeyId::of(key) == id);
                LockState::Removed(key.ok_or(FieldsError)?)
            }
            _ => return Err(FieldsError),
        };
        if self.locks.contains_key(&(novel, id)) {
            return Err(FieldsError);
        }
        self.put(novel, id, Lock { generation, state });
        Ok(())
    }

    /// Reads what stands behind the tag of a key under a lock.
    pub(crate) fn read_key(&mut self, mut fields: FieldReader<'_>) -> Result<(), FieldsError> {
        let (novel, epoch) = (NovelId(fields.array()?), fields.u32()?);
        let (id, lock) = (KeyId(fields.array()?), KeyId(fields.array()?));
        let sealed = Sealed(fields.bytes()?.to_vec());
        fields.finish()?;
        if self.keys.contains_key(&(novel, lock, id)) {
            return Err(FieldsError);
        }
        self.keys.insert((novel, lock, id), LockedKey { epoch, sealed });
        Ok(())
    }
}
