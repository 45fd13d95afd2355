//! Accounts: connecting this vault to a server, and fetching a vault to a new laptop.
//!
//! **Invariant:** what is sent is public keys, sealed bytes and signatures. A password is stretched here, within
//! bounds, and goes nowhere.

use seshat_protocol::{
    AccountId, Blob, Bytes32, Bytes64, ChallengeReply, ChallengeRequest, CreateAccount,
    DeviceEntry, ErrorCode, FieldReader, FieldWriter, Receipt, SignInKey, SignInRequest,
    VaultReply, VaultUpdate, create_account_message, sign_in_message,
};
use seshat_store::{Store, VaultOrigin};
use seshat_sync::{HttpTransport, Transport, TransportError, VaultFetched};
use seshat_vault::{OpenVault, Password, SignIn, SignInWith, receipt_holds, vault};

use crate::clock::OsEntropy;
use crate::security::measured;
use crate::session::Session;
use crate::syncing::{update_of, wait_for};
use crate::vaulting::{Settling, read_kit, wrong_kit};
use crate::{Desk, Failure, FailureCode, VaultState};

/// How often a vault that another laptop changed meanwhile is fetched again while this one joins.
const TRIES: usize = 5;

impl Desk {
    /// Makes an account for this vault on a server, and connects to it.
    ///
    /// # Errors
    /// When the vault is locked, the server is not there or is no Seshat server, or the address is taken there.
    pub fn connect(&self, server: &str, email: &str) -> Result<(), Failure> {
        self.connect_with(server, email, None)
    }

    /// The same on a server that takes new accounts by invitation.
    ///
    /// # Errors
    /// As [`Desk::connect`]; [`FailureCode::InvitationNeeded`] when the server wants a code, or this one does not do.
    pub fn connect_with(
        &self,
        server: &str,
        email: &str,
        invitation: Option<&str>,
    ) -> Result<(), Failure> {
        let email = checked_email(email)?;
        let transport = HttpTransport::new(server)?;
        let request = CreateAccount {
            invite: invitation.map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned),
            ..self.create_account(transport.origin(), &email)?
        };
        let receipt = match wait_for(transport.create_account(&request))? {
            Ok(receipt) => receipt_of(&receipt, request.account, &request.device)?,
            Err(TransportError::Refused { code: ErrorCode::AccountExists, .. }) => {
                match self.answered_before(server) {
                    Err(failure) if failure.code == FailureCode::Exists => {
                        self.enter_again(server, &email)?
                    }
                    receipt => receipt?,
                }
            }
            Err(error) => return Err(error.into()),
        };
        self.with_session(|_, store| {
            store.link_server(server.trim(), &email)?;
            store.set_setting(RECEIPT, Some(&receipt))?;
            self.show_server(store)
        })?;
        self.shared.wake.send();
        Ok(())
    }

    fn create_account(&self, origin: &str, email: &str) -> Result<CreateAccount, Failure> {
        self.with_session(|session, store| {
            let vault = &session.vault;
            let account = vault.account();
            let message = create_account_message(origin, account, email);
            let proof = vault.sign(SignInWith::Password, &message).ok_or_else(|| {
                Failure::new(
                    FailureCode::WrongPassword,
                    "The password was changed since this vault was opened; nothing was sent; lock it, unlock it with the new password, and connect again.",
                )
            })?;
            let device = vault.device_entry(session.device_id()).ok_or_else(Failure::locked)?;
            let blob = store.vault()?.ok_or_else(Failure::absent)?.blob;
            Ok(CreateAccount {
                account,
                email: email.to_owned(),
                identity_key: vault.identity_public(),
                sign_in: vault.sign_in_description(),
                vault: Blob(blob),
                device,
                proof,
                invite: None,
            })
        })
    }

    /// The account is this vault's, and its server does not know this laptop: the vault came out of a backup. What
    /// opened the vault signs in, and this laptop is added to what the server has.
    fn enter_again(&self, server: &str, email: &str) -> Result<Vec<u8>, Failure> {
        let arriving = Arriving::at(server, email)?;
        let account = self.with_session(|session, _| Ok(session.vault.account()))?;
        if arriving.challenge.account != account {
            return Err(taken());
        }
        self.sign_in_again(&arriving, account)?;
        for _ in 0..TRIES {
            let fetched = arriving.vault()?;
            let (update, entry) =
                self.with_session(|session, store| session.joined_with(store, &fetched))?;
            match wait_for(arriving.transport.put_vault(&update, &fetched.revision))? {
                Ok(stored) => {
                    self.with_session(|_, store| {
                        Ok(store.vault_stored(&update.vault.0, &stored.revision)?)
                    })?;
                    return match stored.receipt {
                        Some(receipt) => receipt_of(&receipt, account, &entry),
                        None => Err(taken()),
                    };
                }
                Err(TransportError::VaultChanged) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::other(
            "Other laptops kept changing the vault at the same moment; nothing was changed here; try again.",
        ))
    }

    fn sign_in_again(&self, arriving: &Arriving, account: AccountId) -> Result<(), Failure> {
        let challenge = arriving.challenge.challenge;
        let message = sign_in_message(arriving.transport.origin(), account, &challenge);
        let (key, signature) = self.with_session(|session, _| {
            let by = |with, key| Some((key, session.vault.sign(with, &message)?));
            let signed = by(SignInWith::Password, SignInKey::Password)
                .or_else(|| by(SignInWith::Recovery, SignInKey::Recovery));
            signed.ok_or_else(Failure::locked)
        })?;
        let request = SignInRequest { account, challenge, key, signature };
        match wait_for(arriving.transport.sign_in(&request))? {
            Ok(()) => Ok(()),
            Err(TransportError::SignInRequired) => Err(Failure::new(
                FailureCode::WrongPassword,
                "The password of this account was changed since this vault was backed up, so it was not connected; everything is safe here; join the account in another folder, and restore the backup there.",
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// The address or the account is taken. If it is this very account (an answer that got lost), the server
    /// knows this device and lists it.
    fn answered_before(&self, server: &str) -> Result<Vec<u8>, Failure> {
        let (account, device) = self.with_session(|session, _| {
            let device = session.vault.device_entry(session.device_id());
            Ok((session.vault.account(), device.ok_or_else(Failure::locked)?))
        })?;
        let transport = self.transport_to(server, account, device.id)?;
        let listed = match wait_for(transport.devices())? {
            Ok(devices) => devices.into_iter().find(|listed| listed.device.id == device.id),
            Err(TransportError::SignInRequired) => None,
            Err(error) => return Err(error.into()),
        };
        receipt_of(&listed.ok_or_else(taken)?.receipt, account, &device)
    }

    /// Fetches the vault of an account to this laptop, which has none, and makes it one of the account's.
    ///
    /// # Errors
    /// [`FailureCode::WrongPassword`] when the server does not accept the sign-in: it does not say whether the
    /// address or the password is wrong. [`FailureCode::CodeNeeded`] when the kit is needed too.
    pub fn join(
        &self,
        server: &str,
        email: &str,
        password: String,
        kit: Option<String>,
    ) -> Result<(), Failure> {
        self.must_be_absent()?;
        let password = Password::new(password);
        let kit = kit.map(read_kit).transpose()?;
        let code = kit.as_ref().and_then(|kit| kit.code.as_ref());
        let arriving = Arriving::at(server, email)?;
        let keys = SignIn::with_password(&arriving.challenge, &password, code, None)?;
        let fetched = arriving.sign_in(&keys, SignInKey::Password)?;
        let opened = vault::unlock_signed_in(&fetched.vault.0, &keys)?;
        self.arrive(&arriving, opened, fetched, |_| Ok(()))
    }

    /// Sets a new password with the Emergency Kit when the laptop is lost as well: fetches the vault to this one.
    ///
    /// # Errors
    /// When the kit is not this account's, the new password is weak, or the server refuses.
    pub fn recover_from(
        &self,
        server: &str,
        email: &str,
        kit: String,
        new: String,
    ) -> Result<(), Failure> {
        self.must_be_absent()?;
        let kit = read_kit(kit)?;
        let new = self.strong(new)?;
        let arriving = Arriving::at(server, email)?;
        let keys = SignIn::with_recovery(arriving.challenge.account, &kit.phrase);
        let fetched = arriving.sign_in(&keys, SignInKey::Recovery).map_err(wrong_kit)?;
        let opened = vault::unlock_signed_in(&fetched.vault.0, &keys)
            .map_err(|error| wrong_kit(error.into()))?;
        self.arrive(&arriving, opened, fetched, |vault| {
            let kdf = measured().at_least(vault.kdf());
            Ok(vault.change_password(&new, kdf, &mut OsEntropy)?)
        })
    }

    pub(crate) fn must_be_absent(&self) -> Result<(), Failure> {
        if self.vault_state()? == VaultState::Absent {
            return self.must_not_have_vanished();
        }
        Err(Failure::new(
            FailureCode::Exists,
            "There is a vault on this laptop already and it was not touched; use another folder for the other account.",
        ))
    }

    /// Adds this laptop to a fetched vault, tells the server, and keeps it.
    fn arrive(
        &self,
        arriving: &Arriving,
        mut opened: OpenVault,
        mut fetched: VaultReply,
        change: impl Fn(&mut OpenVault) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let device = self.make_device(&mut opened)?;
        change(&mut opened)?;
        for _ in 0..TRIES {
            let blob = opened.to_blob(&mut OsEntropy)?;
            let update = update_of(&opened, blob.clone(), opened.device_entry(device.id()));
            match wait_for(arriving.transport.put_vault(&update, &fetched.revision))? {
                Ok(stored) => {
                    let origin = VaultOrigin::Server { revision: &stored.revision };
                    let server = Some((arriving.server.as_str(), arriving.email.as_str()));
                    let given = stored.receipt.zip(update.device.as_ref());
                    let receipt = given
                        .map(|(receipt, entry)| receipt_of(&receipt, opened.account(), entry))
                        .transpose()?;
                    self.settle(Settling { vault: opened, device, blob, origin, server })?;
                    return self.with_session(|_, store| {
                        Ok(store.set_setting(RECEIPT, receipt.as_deref())?)
                    });
                }
                Err(TransportError::VaultChanged) => {
                    fetched = arriving.vault()?;
                    let theirs = opened.reopen(&fetched.vault.0, None)?;
                    opened
                        .merge(&theirs, &mut OsEntropy)
                        .map_err(|error| Failure::other(error.to_string()))?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::other(
            "Other laptops kept changing the vault at the same moment; nothing was changed here; try again.",
        ))
    }
}

fn taken() -> Failure {
    Failure::new(
        FailureCode::Exists,
        "This email address has an account on that server already, so nothing was sent; on a new laptop, join it; else use another address.",
    )
}

impl Session {
    /// The server's vault together with this one, which has this laptop in it; to be put, with the laptop's entry.
    fn joined_with(
        &mut self,
        store: &mut Store,
        theirs: &VaultReply,
    ) -> Result<(VaultUpdate, DeviceEntry), Failure> {
        let opened = self.vault.reopen(&theirs.vault.0, None)?;
        let ours = store.vault()?.ok_or_else(Failure::absent)?;
        let mut vault = self.vault_copy(&ours.blob)?;
        vault
            .merge(&opened, &mut self.entropy)
            .map_err(|error| Failure::other(error.to_string()))?;
        let blob = vault.to_blob(&mut self.entropy)?;
        let origin = VaultOrigin::Merged { revision: &theirs.revision };
        self.keep_vault(store, vault, &blob, origin)?;
        let entry = self.vault.device_entry(self.device_id()).ok_or_else(Failure::locked)?;
        Ok((update_of(&self.vault, blob, Some(entry.clone())), entry))
    }
}

/// A laptop that knows an email address and not yet its account.
struct Arriving {
    server: String,
    transport: HttpTransport,
    email: String,
    challenge: ChallengeReply,
}

impl Arriving {
    fn at(server: &str, email: &str) -> Result<Self, Failure> {
        let email = checked_email(email)?;
        let transport = HttpTransport::new(server)?;
        let request = ChallengeRequest { email: Some(email.clone()), account: None };
        let challenge = wait_for(transport.challenge(&request))??;
        Ok(Self { server: server.trim().to_owned(), transport, email, challenge })
    }

    fn sign_in(&self, keys: &SignIn, key: SignInKey) -> Result<VaultReply, Failure> {
        let account = keys.account();
        let challenge: Bytes32 = self.challenge.challenge;
        let signature = keys.sign(&sign_in_message(self.transport.origin(), account, &challenge));
        let request = SignInRequest { account, challenge, key, signature };
        match wait_for(self.transport.sign_in(&request))? {
            Ok(()) => self.vault(),
            Err(TransportError::SignInRequired) => Err(Failure::new(
                FailureCode::WrongPassword,
                "The server does not accept this email address with this password; nothing was changed; check both, and the server's address.",
            )),
            Err(error) => Err(error.into()),
        }
    }

    fn vault(&self) -> Result<VaultReply, Failure> {
        match wait_for(self.transport.vault(None))?? {
            VaultFetched::Reply(reply) => Ok(reply),
            VaultFetched::NotModified => {
                Err(TransportError::Nonsense { what: "a vault that was not asked about" }.into())
            }
        }
    }
}

/// The receipt by which the server has countersigned this laptop: `F(registered at u64, server key, signature)`.
pub(crate) const RECEIPT: &str = "receipt";

/// A receipt as it is kept, if it is one for this device.
pub(crate) fn receipt_of(
    receipt: &Receipt,
    account: AccountId,
    device: &DeviceEntry,
) -> Result<Vec<u8>, Failure> {
    if !receipt_holds(receipt, account, device) {
        return Err(Failure::other(
            "The server's receipt for this laptop does not hold, so it was not connected; everything is safe on this laptop; ask whoever runs the server.",
        ));
    }
    let fields = FieldWriter::new().u64(receipt.registered_at);
    Ok(fields.bytes(&receipt.server_key.0).bytes(&receipt.signature.0).finish())
}

/// The receipt that this laptop keeps.
pub(crate) fn kept_receipt(store: &Store) -> Result<Option<Receipt>, Failure> {
    let kept = store.setting(RECEIPT)?;
    Ok(kept.and_then(|kept| {
        let mut fields = FieldReader::new(&kept);
        Some(Receipt {
            registered_at: fields.u64().ok()?,
            server_key: Bytes32(fields.array().ok()?),
            signature: Bytes64(fields.array().ok()?),
        })
    }))
}

/// One line with something on both sides of an at sign; whether it exists is not ours to know.
pub(crate) fn checked_email(email: &str) -> Result<String, Failure> {
    let email = email.trim();
    let fits =
        email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty())
            && email.len() <= 254
            && !email.contains(|c: char| c.is_whitespace() || c.is_control());
    if fits {
        return Ok(email.to_owned());
    }
    Err(Failure::other(
        "This is no email address, so nothing was sent; it needs a name, an @ and a domain.",
    ))
}
