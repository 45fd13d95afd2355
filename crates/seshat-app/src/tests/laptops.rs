//! Laptops of one account without a server: what one wrote is handed to another as a round of sync would. The password
//! is stretched once for all tests.

use std::sync::OnceLock;

use seshat_protocol::{AccountId, DeviceId};
use seshat_store::{AcceptedRecord, Fault, HeldRecord, Page, StoredPlace, VaultOrigin};
use seshat_vault::{
    AccountCodeUse, KdfParams, Kind, NewVault, Password, RecoveryPhrase, Secret, vault,
};
use tempfile::TempDir;

use crate::clock::OsEntropy;
use crate::session::{binder_document, stored};
use crate::vaulting::Settling;
use crate::{Attributes, Desk, Edit, EditOp, OutlineNode, SceneView};

/// One of them. Its home goes with it.
pub(super) struct Laptop {
    pub(super) desk: Desk,
    pub(super) device: DeviceId,
    pub(super) _home: TempDir,
}

/// The phrase and the blob of a vault without laptops.
pub(super) fn account() -> &'static (String, Vec<u8>) {
    static ACCOUNT: OnceLock<(String, Vec<u8>)> = OnceLock::new();
    ACCOUNT.get_or_init(|| {
        let password = Password::new("lantern gravel oboe tuesday".to_owned());
        let new = NewVault {
            account: AccountId([7; 16]),
            password: &password,
            kdf: KdfParams::FLOOR,
            account_code: AccountCodeUse::None,
        };
        let mut made = vault::create(&new, &mut OsEntropy).unwrap();
        let blob = made.vault.to_blob(&mut OsEntropy).unwrap();
        (made.phrase.words().to_string(), blob)
    })
}

fn open(blob: &[u8]) -> seshat_vault::OpenVault {
    let phrase = RecoveryPhrase::parse(&account().0).unwrap();
    vault::unlock(blob, Secret::Recovery(&phrase), None).unwrap()
}

/// Laptops of these names with open vaults.
pub(super) fn laptops<const N: usize>(names: [&str; N]) -> [Laptop; N] {
    let mut whole = open(&account().1);
    let devices = names.map(|name| {
        let id = DeviceId(OsEntropy.id().unwrap());
        (name, whole.make_device(name, 1, id, &mut OsEntropy).unwrap())
    });
    let blob = whole.to_blob(&mut OsEntropy).unwrap();
    devices.map(|(name, device)| {
        let home = tempfile::tempdir().unwrap();
        let desk = Desk::at(home.path().join("vault"), name.to_owned());
        let id = device.id();
        let server = Some(("https://sync.example.org", "ada@example.org"));
        let (vault, origin) = (open(&blob), VaultOrigin::Here);
        desk.settle(Settling { vault, device, blob: blob.clone(), origin, server }).unwrap();
        Laptop { desk, device: id, _home: home }
    })
}

/// A laptop with a novel of one chapter with one empty scene: the novel's and the scene's id.
pub(super) fn novel(laptop: &Laptop) -> (String, String) {
    let novel = laptop.desk.create_novel("The Ferry", "en-GB").unwrap().id;
    let scene = laptop.outline(&novel)[0].children[0].scene.clone().unwrap();
    (novel, scene)
}

pub(super) fn insert(at: usize, text: &str) -> EditOp {
    EditOp::Insert { at, text: text.to_owned(), attributes: Attributes::new() }
}

impl Laptop {
    pub(super) fn outline(&self, novel: &str) -> Vec<OutlineNode> {
        self.desk.outline(novel).unwrap().nodes
    }

    pub(super) fn flat(&self, novel: &str, scene: &str) -> String {
        self.desk.flush().unwrap();
        self.desk.show_scene(novel, scene).unwrap().flat
    }

    /// The scene's text as an editor gets it.
    pub(super) fn open(&self, novel: &str, scene: &str) -> SceneView {
        self.desk.open_scene(novel, scene).unwrap()
    }

    /// One edit in an opening.
    pub(super) fn edit(
        &self,
        (novel, scene): (&str, &str),
        (session, sequence): (u64, u64),
        ops: Vec<EditOp>,
    ) -> Result<(), crate::Failure> {
        let (novel, scene) = (novel.to_owned(), scene.to_owned());
        self.desk
            .edit_scene(&Edit { novel, scene, session, sequence, ops, typed: false })
            .map(|_| ())
    }

    /// Opens a scene, types at a place, and puts that on the disk.
    pub(super) fn write(&self, novel: &str, scene: &str, at: usize, text: &str) {
        let view = self.open(novel, scene);
        self.edit((novel, scene), (view.session, 1), vec![insert(at, text)]).unwrap();
        self.desk.close_scene(novel, scene).unwrap();
    }

    /// How many records there are.
    pub(super) fn records(&self) -> usize {
        self.all().len()
    }

    fn all(&self) -> Vec<HeldRecord> {
        let all = |_: &mut crate::session::Session, store: &mut seshat_store::Store| {
            Ok(store.all_records().map(Result::unwrap).collect())
        };
        self.desk.with_session(all).unwrap()
    }

    /// The write after so many fails.
    pub(super) fn fail_write(&self, after: u32, fault: Fault) {
        self.desk
            .with_session(|_, store| {
                store.fail_write(after, fault);
                Ok(())
            })
            .unwrap();
    }

    /// Hands over the vault, with the keys of new novels.
    pub(super) fn give_vault(&self, to: &Self) {
        let blob = self.desk.with_session(|_, store| Ok(store.vault()?.unwrap().blob)).unwrap();
        to.desk
            .with_session(|session, store| {
                let vault = session.vault.reopen(&blob, Some(&session.device)).unwrap();
                store.save_vault(vault.account(), &blob, VaultOrigin::Here, &[])?;
                session.vault = vault;
                Ok(())
            })
            .unwrap();
    }

    /// Hands over everything, and the other one looks at it.
    pub(super) fn give(&self, to: &Self) {
        self.give_vault(to);
        self.hand_over(to, |_| true);
        to.desk.review().unwrap();
    }

    /// Hands over the records of scenes, or of binders, alone; nobody looks at them yet.
    pub(super) fn hand_over_binders(&self, to: &Self, binders: bool) {
        self.hand_over(to, |place| (place.document == binder_document(place.novel)) == binders);
    }

    /// Hands over the records of one text alone; nobody looks at them yet.
    pub(super) fn hand_over_text(&self, to: &Self, text: &str) {
        let document = text.parse().unwrap();
        self.hand_over(to, |place| place.document == document);
    }

    /// Hands over compacted histories alone, as a server does that has purged what they replace.
    pub(super) fn hand_over_snapshots(&self, to: &Self) {
        let is_snapshot = |code| Kind::from_code(code).is_some_and(Kind::is_snapshot);
        self.hand_over(to, |place| is_snapshot(place.kind));
    }

    fn hand_over(&self, to: &Self, which: impl Fn(&StoredPlace) -> bool) {
        let known: Vec<_> = to.all().into_iter().map(|held| held.record.id).collect();
        to.desk
            .with_session(|session, store| {
                let new = self.all().into_iter().map(|held| held.record);
                let records: Vec<_> = new
                    .filter(|record| !known.contains(&record.id))
                    .map(|record| {
                        let place = stored(session.vault.open_header(&record).unwrap().place);
                        (record, place)
                    })
                    .filter(|(_, place)| which(place))
                    .collect();
                let accepted = records.iter().map(|(record, place)| AcceptedRecord {
                    record: record.clone(),
                    place: Some(*place),
                    signed: true,
                    covers: Some(Vec::new()),
                });
                let next = store.server()?.unwrap().cursor + records.len() as u64;
                let records_of = accepted.collect();
                store.accept(&Page { records: records_of, next, epoch: "1".to_owned(), at: 1 })?;
                session.take_in(records.iter().map(|(record, place)| (record, *place)));
                Ok(())
            })
            .unwrap();
    }
}

/// They tell one another everything, until nobody has news.
pub(super) fn meet(laptops: &[&Laptop]) {
    for _ in 0..4 {
        for from in laptops {
            for to in laptops.iter().filter(|to| to.device != from.device) {
                from.hand_over(to, |_| true);
                to.desk.review().unwrap();
            }
        }
    }
    let counts: Vec<_> = laptops.iter().map(|laptop| laptop.records()).collect();
    assert!(
        counts.windows(2).all(|pair| pair[0] == pair[1]),
        "they do not come to rest: {counts:?}"
    );
}
