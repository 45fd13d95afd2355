//! Joining by approval: a new laptop asks, one that has the vault lets it in, and the author compares six digits.
//!
//! **Invariants:** nothing that opens anything is sent before the author has said that both codes are the same. What a
//! server puts in between shows as two different codes. Questions live in memory, on both sides, for ten minutes.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use seshat_protocol::{AccountId, Blob, Bytes64, DeviceId, ErrorCode, JoinId, OpenJoin};
use seshat_store::VaultOrigin;
use seshat_sync::{
    DeskError, HttpTransport, JoinTicket, RequestSigner, Transport, TransportError, VaultFetched,
};
use seshat_vault::{DeviceRecord, JoinError, Joined, Joining, Offering, vault};

use crate::account::checked_email;
use crate::changing::origin_of;
use crate::clock::{OsEntropy, now_ms};
use crate::syncing::{update_of, wait_for};
use crate::vaulting::Settling;
use crate::{Desk, Failure, JoinAsking, JoinState, JoinStep};

/// What a laptop is called that nobody has named; it gives itself its own name then.
const UNNAMED: &str = "New laptop";

/// How often a vault that another laptop changed meanwhile is merged and put again.
const TRIES: usize = 5;

/// A question of this laptop, while it waits.
pub(crate) struct Asking {
    server: String,
    email: String,
    transport: HttpTransport,
    ticket: JoinTicket,
    joining: Joining,
    /// What the other laptop offered, once this one has answered it.
    offer: Option<Blob>,
}

/// A question of another laptop.
pub(crate) struct Asked {
    offering: Offering,
    /// What this laptop offers, until the server has it.
    unsent: Option<Blob>,
    reveal: Option<Blob>,
    code: Option<String>,
    asked_at: u64,
}

/// Questions of other laptops, by name.
pub(crate) type AskedBy = BTreeMap<JoinId, Asked>;

/// The new laptop.
impl Desk {
    /// Asks the account's other laptops to let this one in.
    ///
    /// # Errors
    /// When there is a vault here already, or the server cannot be reached.
    pub fn ask_to_join(&self, server: &str, email: &str) -> Result<(), Failure> {
        self.must_be_absent()?;
        let email = checked_email(email)?;
        let transport = HttpTransport::new(server)?;
        let mut entropy = OsEntropy;
        let joining = Joining::begin(DeviceId(entropy.id()?), &mut entropy)?;
        let ticket = wait_for(transport.ask_to_join(&email, joining.commitment()))??;
        let asking = Asking {
            server: server.trim().to_owned(),
            email,
            transport,
            ticket,
            joining,
            offer: None,
        };
        *self.asking() = Some(asking);
        Ok(())
    }

    /// How far it is; asks the server. To be called every second or two.
    ///
    /// # Errors
    /// When the server cannot be reached, or what it brings does not open.
    pub fn join_state(&self) -> Result<JoinState, Failure> {
        let mut asking = self.asking();
        let Some(open) = asking.as_mut() else { return Ok(JoinStep::Ended.without_code()) };
        let answer = match wait_for(open.transport.join_progress(&open.ticket))? {
            Ok(answer) => answer,
            Err(
                TransportError::SignInRequired
                | TransportError::Refused { code: ErrorCode::NotFound, .. },
            ) => {
                *asking = None;
                return Ok(JoinStep::Ended.without_code());
            }
            Err(error) => return Err(error.into()),
        };
        if answer.denied {
            *asking = None;
            return Ok(JoinStep::Denied.without_code());
        }
        let Some(offer) = open.offer.clone().or(answer.offer) else {
            return Ok(JoinStep::Waiting.without_code());
        };
        let code = open.joining.code(&offer)?.to_string();
        if open.offer.is_none() {
            let reveal = open.joining.reveal();
            wait_for(open.transport.reveal_join(&open.ticket, reveal))??;
            open.offer = Some(offer.clone());
        }
        let Some(grant) = answer.grant else {
            return Ok(JoinState { step: JoinStep::Compare, code: Some(code) });
        };
        // From here on it has worked or it has not: the question is used up.
        let granted = asking.take();
        drop(asking);
        let Some(granted) = granted else { return Ok(JoinStep::Ended.without_code()) };
        self.arrive_approved(granted, &offer, &grant)?;
        Ok(JoinState { step: JoinStep::Joined, code: Some(code) })
    }

    /// Asks no more.
    pub fn cancel_join(&self) {
        *self.asking() = None;
    }

    fn arrive_approved(&self, asking: Asking, offer: &Blob, grant: &Blob) -> Result<(), Failure> {
        let Asking { server, email, joining, .. } = asking;
        let joined = Arc::new(joining.open(offer, grant)?);
        let signer = Arc::new(NewDevice(Arc::clone(&joined)));
        let transport = HttpTransport::for_device(&server, signer)?;
        let reply = match wait_for(transport.vault(None))?? {
            VaultFetched::Reply(reply) => reply,
            VaultFetched::NotModified => return Err(altered()),
        };
        drop(transport);
        let joined = Arc::into_inner(joined).ok_or_else(altered)?;
        let (vault, device) = vault::unlock_joined(&reply.vault.0, joined)?;
        let origin = VaultOrigin::Server { revision: &reply.revision };
        let blob = reply.vault.0.clone();
        let server = Some((server.as_str(), email.as_str()));
        self.settle(Settling { vault, device, blob, origin, server })?;
        let name = self.shared.device_name.clone();
        self.change_vault(|vault, device| {
            let unnamed = |it: &DeviceRecord| it.entry.id == device.id() && it.name == UNNAMED;
            if vault.devices().any(unnamed) {
                let _listed = vault.rename_device(device.id(), &name);
            }
            Ok(())
        })?;
        // Brings the server's receipt; without the network it comes another time.
        let _asked = self.devices().is_ok();
        Ok(())
    }

    fn asking(&self) -> std::sync::MutexGuard<'_, Option<Asking>> {
        self.shared.asking.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The laptop that has the vault.
impl Desk {
    /// Who asks to join, with the code to compare once it is there.
    ///
    /// # Errors
    /// When the vault is locked or no server is connected or reached.
    pub fn joins(&self) -> Result<Vec<JoinAsking>, Failure> {
        let transport = self.transport()?;
        let open = wait_for(transport.joins())??;
        self.look_at(&open)?;
        for (join, offer) in self.unsent() {
            let taken = wait_for(transport.offer_join(join, offer))?;
            let mut asked = self.asked();
            match taken {
                Ok(()) => {
                    if let Some(it) = asked.get_mut(&join) {
                        it.unsent = None;
                    }
                }
                // Another laptop answered first: it is not ours to answer.
                Err(TransportError::Refused { .. }) => drop(asked.remove(&join)),
                // The same bytes are offered again the next time.
                Err(_) => {}
            }
        }
        let asked = self.asked();
        let list = asked.iter().map(|(join, asked)| JoinAsking {
            join: join.to_string(),
            code: asked.code.clone(),
            asked_at: asked.asked_at,
        });
        let list: Vec<_> = list.collect();
        drop(asked);
        self.shared.board.show(|status| status.joins = crate::scenes::to_u64(list.len()));
        Ok(list)
    }

    /// The offers that the server does not have yet, as far as this laptop knows.
    fn unsent(&self) -> Vec<(JoinId, Blob)> {
        let asked = self.asked();
        asked.iter().filter_map(|(join, it)| Some((*join, it.unsent.clone()?))).collect()
    }

    /// Takes in what the server says about open questions, and makes an offer for each new one.
    fn look_at(&self, open: &[OpenJoin]) -> Result<(), Failure> {
        for it in open.iter().filter(|it| !it.offered && !self.asked().contains_key(&it.join)) {
            // The vault is asked before the list is held: locking the vault clears the list.
            let (offering, offer) = self.with_session(|session, _| {
                Ok(session.vault.offer_join(&session.device, it.commitment, &mut OsEntropy)?)
            })?;
            let unsent = Some(offer);
            let asked = Asked { offering, unsent, reveal: None, code: None, asked_at: it.asked_at };
            self.asked().insert(it.join, asked);
        }
        let mut asked = self.asked();
        asked.retain(|join, _| open.iter().any(|it| it.join == *join));
        for it in open {
            if let (Some(known), Some(reveal)) = (asked.get_mut(&it.join), &it.reveal) {
                known.code = known.offering.code(reveal).ok().map(|code| code.to_string());
                known.reveal = Some(reveal.clone());
            }
        }
        drop(asked);
        Ok(())
    }

    /// Lets a laptop in whose code the author has compared.
    ///
    /// # Errors
    /// When nobody asks so any more, or the server or the disk refuses; then nothing was sent that opens anything.
    pub fn approve_join(&self, join: &str, name: &str) -> Result<(), Failure> {
        let join = join_id(join)?;
        let transport = self.transport()?;
        // Taken out while it is answered, and put back where that fails: it can be tried again.
        let taken = self.asked().remove(&join);
        let approved = self.approve(&transport, join, taken.as_ref(), name);
        if let (Err(_), Some(taken)) = (&approved, taken) {
            self.asked().insert(join, taken);
        }
        approved
    }

    fn approve(
        &self,
        transport: &HttpTransport,
        join: JoinId,
        asked: Option<&Asked>,
        name: &str,
    ) -> Result<(), Failure> {
        let both = asked.and_then(|asked| Some((&asked.offering, asked.reveal.as_ref()?)));
        let Some((offering, reveal)) = both else {
            return Err(Failure::not_found(
                "Nobody asks to join so any more; nothing was sent; ask again on the new laptop.",
            ));
        };
        let name = if name.trim().is_empty() { UNNAMED } else { name.trim() };
        for _ in 0..TRIES {
            // On a copy: the server must know the new laptop before anything is sent to it.
            let (vault, blob, entry, grant, revision) = self.with_session(|session, store| {
                let stored = store.vault()?.ok_or_else(Failure::absent)?;
                let mut vault = session.vault_copy(&stored.blob)?;
                let (by, now) = (&session.device, now_ms());
                let granted = vault.grant_join(by, offering, reveal, name, now, &mut OsEntropy);
                let (entry, grant) = granted?;
                let blob = vault.to_blob(&mut OsEntropy)?;
                Ok((vault, blob, entry, grant, stored.revision))
            })?;
            let Some(revision) = revision else {
                self.sync()?;
                continue;
            };
            let update = update_of(&vault, blob, Some(entry));
            match wait_for(transport.put_vault(&update, &revision))? {
                Ok(stored) => {
                    self.keep_put(&update.vault.0, &stored.revision)?;
                    wait_for(transport.grant_join(join, grant))??;
                    self.shared.board.show(|status| status.joins = status.joins.saturating_sub(1));
                    return Ok(());
                }
                Err(TransportError::VaultChanged) => {
                    self.sync()?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(Failure::other(
            "Other laptops kept changing the vault at the same moment; the new laptop was not let in; try again.",
        ))
    }

    /// Takes over a vault that the server has just stored.
    fn keep_put(&self, blob: &[u8], revision: &str) -> Result<(), Failure> {
        self.with_session(|session, store| {
            let (vault, blob, ahead) = session.merged_with_put(store, blob)?;
            session.keep_vault(store, vault, &blob, origin_of(ahead, revision))
        })
    }

    /// Refuses a laptop.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub fn deny_join(&self, join: &str) -> Result<(), Failure> {
        let join = join_id(join)?;
        wait_for(self.transport()?.deny_join(join))??;
        self.asked().remove(&join);
        Ok(())
    }

    pub(crate) fn asked(&self) -> std::sync::MutexGuard<'_, AskedBy> {
        self.shared.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Signs requests of a laptop that was let in and has no session yet.
struct NewDevice(Arc<Joined>);

impl RequestSigner for NewDevice {
    fn account(&self) -> AccountId {
        self.0.account()
    }

    fn device(&self) -> DeviceId {
        self.0.device().id()
    }

    fn now_seconds(&self) -> u64 {
        now_ms() / 1000
    }

    fn nonce(&self) -> Result<[u8; 16], DeskError> {
        Ok(OsEntropy.id()?)
    }

    fn sign(&self, message: &[u8]) -> Result<Bytes64, DeskError> {
        Ok(self.0.device().sign(message))
    }
}

impl JoinStep {
    fn without_code(self) -> JoinState {
        JoinState { step: self, code: None }
    }
}

fn join_id(text: &str) -> Result<JoinId, Failure> {
    text.parse().map_err(|_| {
        Failure::not_found("Nobody asks to join so; nothing was sent; look at the list again.")
    })
}

fn altered() -> Failure {
    JoinError::Altered.into()
}
