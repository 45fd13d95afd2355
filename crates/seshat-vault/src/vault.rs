//! Making, opening and closing a vault.
//!
//! **Invariant:** an [`OpenVault`] exists only where a secret opened a slot, the MAC over the whole blob
//! verified and the body opened; a failure on the way leaves nothing behind. Nothing here knows a file, a
//! server or the time.

use seshat_protocol::{AccountId, Bytes16, Bytes32, Bytes64, NovelId, SignInDescription, limits};
use std::collections::BTreeMap;

use crate::blob::{self, ParseError, Parsed, Slots, body_context};
use crate::body::Body;
use crate::kdf::make_kdf;
use crate::key::Key;
use crate::keys_by_epoch::KeysByEpoch;
use crate::kit_again::KeptPhrase;
use crate::lineage::{KeyId, Vouched};
use crate::locks::{Locks, OpenNovel};
use crate::padding::{Compress, pad, unpad};
use crate::root::{SecretKeys, recovery_exchange};
use crate::seal_to::exchange_public;
use crate::signing::{public_of, sign};
use crate::slot::{ByPassword, ByPhrase, CodeFlag, Slot};
use crate::{
    AccountCode, AccountCodeUse, DescribeError, Entropy, KdfParams, OpenError, Password,
    RecoveryPhrase, SealError, SignIn, UnlockError, VaultError, envelope,
};

pub use crate::join::unlock_joined;
pub use crate::remember::unlock_remembered;

/// What a new vault is made of.
pub struct NewVault<'a> {
    /// 16 random bytes that name the account for ever.
    pub account: AccountId,
    /// Must be hard to guess: [`crate::Strength::is_accepted`].
    pub password: &'a Password,
    /// How costly it is to try one password.
    pub kdf: KdfParams,
    /// Whether an account code is made as a second secret.
    pub account_code: AccountCodeUse,
}

/// A new vault and what goes into its Emergency Kit.
pub struct Created {
    /// The vault, open, with no novel and no device in it. [`OpenVault::to_blob`] makes it storable.
    pub vault: OpenVault,
    /// To be shown, then dropped. [`OpenVault::recovery_phrase`] gives it again.
    pub phrase: RecoveryPhrase,
    /// The account code, where one was asked for.
    pub code: Option<AccountCode>,
}

/// What the author gives to open a vault.
#[derive(Clone, Copy)]
pub enum Secret<'a> {
    /// The everyday way.
    Password {
        /// As typed.
        password: &'a Password,
        /// Needed where the vault uses one; not looked at where it does not.
        code: Option<&'a AccountCode>,
    },
    /// From the Emergency Kit.
    Recovery(&'a RecoveryPhrase),
}

/// Which sign-in key signs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignInWith {
    /// The one that comes from the password.
    Password,
    /// The one that comes from the recovery phrase.
    Recovery,
}

/// What a blob says about itself to anybody. Not verified: to be shown or checked, never to be trusted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlobInfo {
    /// The account.
    pub account: AccountId,
    /// Counts the times that the vault was written.
    pub generation: u64,
    /// How the password is stretched.
    pub kdf: KdfParams,
    /// Argon2id's salt.
    pub salt: Bytes16,
    /// Whether the account code is needed beside the password.
    pub account_code: bool,
}

/// A vault that was opened. Holds every key of the account; dropping it wipes them.
///
/// Deliberately neither `Clone`, `Debug`, `PartialEq` nor `Serialize`:
/// ```compile_fail
/// fn show(vault: seshat_vault::OpenVault) { println!("{vault:?}"); }
/// ```
/// ```compile_fail
/// fn copy(vault: &seshat_vault::OpenVault) -> seshat_vault::OpenVault { vault.clone() }
/// ```
pub struct OpenVault {
    pub(crate) account: AccountId,
    pub(crate) generation: u64,
    pub(crate) key: Key,
    pub(crate) slots: Slots,
    pub(crate) body: Body,
    /// The password's keys, while they fit the password slot.
    pub(crate) by_password: Option<SecretKeys>,
    /// The phrase's keys, where the phrase opened this vault or made it.
    pub(crate) by_phrase: Option<SecretKeys>,
    /// The name of the vault key whose holder has reason to believe this one.
    pub(crate) vouched_to: Option<(KeyId, Vouched)>,
    /// Novels with a passphrase of their own that are open now. Never in the body.
    pub(crate) opened: BTreeMap<NovelId, OpenNovel>,
}

/// Makes a vault: a random vault key behind a password slot and a recovery slot, an identity and the first
/// header key. Runs Argon2id once.
///
/// # Errors
/// [`VaultError`]: the password is easy to guess, the KDF is out of bounds, or random bytes are missing.
pub fn create(new: &NewVault<'_>, entropy: &mut dyn Entropy) -> Result<Created, VaultError> {
    if !new.password.is_strong() {
        return Err(VaultError::WeakPassword);
    }
    new.kdf.check(None)?;
    let account = new.account;
    let phrase = RecoveryPhrase::make(entropy)?;
    let by_phrase = SecretKeys::of_phrase(account, &phrase);
    let code = match new.account_code {
        AccountCodeUse::None => None,
        AccountCodeUse::Make => Some(AccountCode::make(entropy)?),
    };
    let kdf = make_kdf(new.kdf, entropy)?;
    let by_password = SecretKeys::of_password(account, new.password, code.as_ref(), (&kdf, None))?;
    let key = Key::make(entropy)?;
    let mut account_keys = KeysByEpoch::default();
    account_keys.make_next(entropy)?;
    let mut body = Body {
        identity: Key::make(entropy)?,
        novel_keys: BTreeMap::new(),
        account_keys,
        devices: BTreeMap::new(),
        password_public: by_password.sign_in_public(),
        code: code.as_ref().map(AccountCode::duplicate),
        recovery_wrap: by_phrase.wrap.duplicate(),
        recovery_public: by_phrase.sign_in_public(),
        recovery_exchange_public: exchange_public(&recovery_exchange(account, &phrase)),
        phrase: None,
        retired: Vec::new(),
        locks: Locks::default(),
        unknown: Vec::new(),
    };
    let kind = ByPassword { kdf, code: CodeFlag::of(code.as_ref()) };
    let first = (account, 1);
    let slots = Slots {
        password: Slot::seal(kind, first, (&key, &by_password.wrap), entropy)?,
        recovery: Slot::seal(ByPhrase, first, (&key, &by_phrase.wrap), entropy)?,
        devices: Vec::new(),
        unknown: Vec::new(),
    };
    let kit = (&by_password.kit, &by_phrase.kit);
    body.phrase = Some(KeptPhrase::seal(account, &slots, kit, entropy)?);
    let (by_password, by_phrase) = (Some(by_password), Some(by_phrase));
    let mut vault = OpenVault::new((account, 0), key, slots, body);
    (vault.by_password, vault.by_phrase) = (by_password, by_phrase);
    Ok(Created { vault, phrase, code })
}

/// Says what anybody can see of a blob.
///
/// # Errors
/// [`DescribeError`] when it is no blob, or a newer release's.
pub fn describe(blob: &[u8]) -> Result<BlobInfo, DescribeError> {
    let parsed = blob::parse(blob)?;
    let ByPassword { kdf, code } = parsed.slots.password.kind;
    Ok(BlobInfo {
        account: parsed.account,
        generation: parsed.generation,
        kdf: (&kdf).into(),
        salt: kdf.salt,
        account_code: code == CodeFlag::Used,
    })
}

/// Opens a vault. With a password this runs Argon2id once, after its parameters were checked against the
/// bounds and against `pinned`: what this device knows from before.
///
/// # Errors
/// [`UnlockError`]. A wrong secret and an altered slot cannot be told apart; nothing is changed by either.
pub fn unlock(
    blob: &[u8],
    secret: Secret<'_>,
    pinned: Option<KdfParams>,
) -> Result<OpenVault, UnlockError> {
    let parsed = blob::parse(blob)?;
    match secret {
        Secret::Recovery(phrase) => {
            let keys = SecretKeys::of_phrase(parsed.account, phrase);
            OpenVault::by_phrase(parsed, keys)
        }
        Secret::Password { password, code } => {
            let ByPassword { kdf, code: flag } = parsed.slots.password.kind;
            let code = match flag {
                CodeFlag::Unused => None,
                CodeFlag::Used => Some(code.ok_or(UnlockError::CodeNeeded)?),
            };
            let keys = SecretKeys::of_password(parsed.account, password, code, (&kdf, pinned))?;
            OpenVault::by_password(parsed, keys)
        }
    }
}

/// Opens the vault that a sign-in on a new laptop has fetched, without stretching the password once more.
///
/// # Errors
/// As [`unlock`]; [`UnlockError::Damaged`] also where the blob does not name the account, the KDF and the use
/// of the account code that were signed in with.
pub fn unlock_signed_in(blob: &[u8], sign_in: &SignIn) -> Result<OpenVault, UnlockError> {
    let parsed = blob::parse(blob)?;
    if parsed.account != sign_in.account() {
        return Err(UnlockError::Damaged);
    }
    match sign_in.stretched_with() {
        None => OpenVault::by_phrase(parsed, sign_in.keys().duplicate()),
        Some(expected) if *expected == parsed.slots.password.kind => {
            OpenVault::by_password(parsed, sign_in.keys().duplicate())
        }
        Some(_) => Err(UnlockError::Damaged),
    }
}

impl OpenVault {
    fn by_password(parsed: Parsed<'_>, keys: SecretKeys) -> Result<Self, UnlockError> {
        let key = parsed.slots.password.open(parsed.account, &keys.wrap);
        let mut vault = Self::verified(parsed, key.map_err(|_| UnlockError::WrongSecret)?)?;
        vault.by_password = Some(keys);
        Ok(vault)
    }

    fn by_phrase(parsed: Parsed<'_>, keys: SecretKeys) -> Result<Self, UnlockError> {
        let key = parsed.slots.recovery.open(parsed.account, &keys.wrap);
        let mut vault = Self::verified(parsed, key.map_err(|_| UnlockError::WrongSecret)?)?;
        vault.by_phrase = Some(keys);
        Ok(vault)
    }

    /// From a parsed blob and its vault key: checks the MAC, then opens the body.
    pub(crate) fn verified(parsed: Parsed<'_>, key: Key) -> Result<Self, UnlockError> {
        if !parsed.is_authentic(&key) {
            return Err(UnlockError::Damaged);
        }
        let Parsed { account, generation, slots, body, .. } = parsed;
        let body = Self::open_vault_body(account, generation, &key, body)
            .map_err(|_| UnlockError::Damaged)?;
        Ok(Self::new((account, generation), key, slots, body))
    }

    fn new((account, generation): (AccountId, u64), key: Key, slots: Slots, body: Body) -> Self {
        let (by_password, by_phrase, vouched_to, opened) = (None, None, None, BTreeMap::new());
        Self { account, generation, key, slots, body, by_password, by_phrase, vouched_to, opened }
    }

    fn open_vault_body(
        account: AccountId,
        generation: u64,
        key: &Key,
        sealed: &[u8],
    ) -> Result<Body, OpenError> {
        let padded = envelope::open(key.expose(), &body_context(account, generation), sealed)?;
        Body::parse(account, &unpad(&padded)?)
    }

    /// Seals the vault for disk and server, as the next generation. The slots are carried over as they are.
    ///
    /// # Errors
    /// [`SealError::Entropy`], or [`SealError::TooLarge`] above the server's limit for blobs; the generation
    /// is unchanged then.
    pub fn to_blob(&mut self, entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        let generation = self.generation.checked_add(1).ok_or(SealError::TooLarge)?;
        self.seal_open_novels(entropy)?;
        let padded = pad(&self.body.encode(), Compress::Never).map_err(|_| SealError::TooLarge)?;
        let context = body_context(self.account, generation);
        let body = envelope::seal(self.key.expose(), &context, &padded, entropy)?;
        let blob = blob::encode((self.account, generation), &self.slots, &body.0, &self.key);
        if blob.len() > limits::VAULT_BYTES {
            return Err(SealError::TooLarge);
        }
        self.generation = generation;
        Ok(blob)
    }

    /// What the next blob will be numbered.
    pub(crate) fn next_generation(&self) -> u64 {
        self.generation.saturating_add(1)
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.account
    }

    /// How often this vault was written; 0 for one that never was.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// The parameters to pin on this device: nothing weaker will be taken from a server.
    #[must_use]
    pub fn kdf(&self) -> KdfParams {
        (&self.slots.password.kind.kdf).into()
    }

    /// What the server must know for sign-ins with the password or the recovery phrase.
    #[must_use]
    pub fn sign_in_description(&self) -> SignInDescription {
        let ByPassword { kdf, code } = self.slots.password.kind;
        SignInDescription {
            kdf,
            account_code: code == CodeFlag::Used,
            password_key: self.body.password_public,
            recovery_key: self.body.recovery_public,
        }
    }

    /// Signs an answer to the server. `None` when this vault was not opened by that secret, or the secret was
    /// changed by another laptop since.
    #[must_use]
    pub fn sign(&self, with: SignInWith, message: &[u8]) -> Option<Bytes64> {
        let keys = match with {
            SignInWith::Password => &self.by_password,
            SignInWith::Recovery => &self.by_phrase,
        };
        keys.as_ref().map(|keys| sign(&keys.sign_in, message))
    }

    /// The account code, where one is in use: to be kept on this device and printed in a kit.
    #[must_use]
    pub fn account_code(&self) -> Option<&AccountCode> {
        self.body.code.as_ref()
    }

    /// The public half of the key that certifies this account's devices.
    #[must_use]
    pub fn identity_public(&self) -> Bytes32 {
        public_of(&self.body.identity)
    }
}

impl From<ParseError> for UnlockError {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Damaged => Self::Damaged,
            ParseError::Newer => Self::Newer,
        }
    }
}

impl From<ParseError> for DescribeError {
    fn from(error: ParseError) -> Self {
        match error {
            ParseError::Damaged => Self::Damaged,
            ParseError::Newer => Self::Newer,
        }
    }
}
