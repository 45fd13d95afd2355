//! What the tests of compaction, backups and checks share: a laptop that writes much, and records that are damaged.

use seshat_manuscript::SceneText;
use seshat_protocol::{DocumentId, NovelId, Sealed};
use seshat_store::{Ack, Cover, HeldRecord, Page, Store};
use seshat_vault::{Kind, Place, RecoveryPhrase, Secret, vault};

use super::laptops::{Laptop, account};
use crate::compacting::write_covers;
use crate::session::{Batch, Content, Session};
use crate::vaulting::found;
use crate::{Desk, Failure};

impl Laptop {
    /// Works on the open vault.
    pub(super) fn inside<T>(
        &self,
        work: impl FnOnce(&mut Session, &mut Store) -> Result<T, Failure>,
    ) -> T {
        self.desk.with_session(work).unwrap()
    }

    /// Goes on without a server.
    pub(super) fn alone(self) -> Self {
        self.inside(|_, store| Ok(store.unlink()?));
        self
    }

    /// The program ends without a word, something happens to its folder, and it is started again.
    pub(super) fn stopped(mut self, meanwhile: impl FnOnce(&Desk)) -> Self {
        let home = self.desk.home().to_owned();
        // The old desk holds the folder until it is gone.
        self.desk = Desk::at(home.join("nowhere"), String::new());
        let desk = Desk::at(home, "again".to_owned());
        meanwhile(&desk);
        unlock(&desk);
        self.desk = desk;
        self
    }

    /// The program has ended; only the folder is left.
    pub(super) fn gone(mut self) -> Self {
        self.desk = Desk::at(self.desk.home().join("nowhere"), String::new());
        self
    }

    /// Types so many words, each a record of its own.
    pub(super) fn write_words(&self, (novel, scene): (&str, &str), count: usize) {
        for number in 0..count {
            self.write(novel, scene, 1, &format!("word{number} "));
        }
    }

    /// Everything that waits has come to the server.
    pub(super) fn acknowledge_all(&self) {
        self.inside(|_, store| {
            let ids: Vec<_> =
                store.all_records().map(|it| (it.unwrap().record.id, Ack::Stored)).collect();
            Ok(store.acknowledge(&ids)?)
        });
    }

    /// Hands over what the other one lacks, as a round of sync would.
    pub(super) fn send(&self, to: &Self) {
        let all: Vec<HeldRecord> =
            self.inside(|_, store| Ok(store.all_records().map(Result::unwrap).collect()));
        to.inside(|session, store| {
            let records: Vec<_> =
                all.into_iter().map(|held| session.look_at(held.record)).collect();
            let next = store.server()?.unwrap().cursor + records.len() as u64;
            let page = Page { records, next, epoch: "1".to_owned(), at: 1 };
            let accepted = store.accept(&page)?.new;
            let new = page.records.iter().filter(|it| accepted.contains(&it.record.id));
            session.take_in(new.filter_map(|it| Some((&it.record, it.place?))));
            Ok(())
        });
    }

    /// How many records a document has.
    pub(super) fn records_of(&self, document: &str) -> usize {
        let document: DocumentId = document.parse().unwrap();
        self.inside(|_, store| Ok(store.numbers_of(document)?.len()))
    }

    /// What a check says.
    pub(super) fn problems(&self) -> Vec<String> {
        self.desk.check().unwrap().problems
    }
}

/// Flips a bit in the body of a document's record with this place in the order of arrival, in the file of a vault that
/// nobody has open.
pub(super) fn damage(desk: &Desk, document: &str, index: usize) {
    let document: DocumentId = document.parse().unwrap();
    let path = desk.home().join("seshat.db");
    let store = Store::open(desk.home()).unwrap();
    let Sealed(body) = store.records_of(document).unwrap()[index].record.body.clone();
    drop(store);
    let mut file = std::fs::read(&path).unwrap();
    // Enough of it to be told apart, and little enough to lie in one page.
    let part = &body[..64];
    let at = file.windows(64).position(|window| window == part).unwrap();
    file[at + 40] ^= 1;
    std::fs::write(&path, file).unwrap();
}

/// Opens the vault of a desk by the phrase, which is much faster than by the password.
pub(super) fn unlock(desk: &Desk) {
    let found = found(desk.store(&mut desk.state()).unwrap()).unwrap();
    let phrase = RecoveryPhrase::parse(&account().0).unwrap();
    let vault = vault::unlock(&found.blob, Secret::Recovery(&phrase), found.pin).unwrap();
    desk.open_session(vault, &found).unwrap();
}

impl Session {
    /// A snapshot as a faulty program would write it: it names all records of a scene, and contains so many.
    pub(super) fn write_faulty_snapshot(
        &mut self,
        store: &mut Store,
        (novel, scene): (&str, &str),
        contained: usize,
    ) -> Result<(), Failure> {
        let (novel, document): (NovelId, DocumentId) =
            (novel.parse().unwrap(), scene.parse().unwrap());
        let records = store.records_of(document)?;
        let bodies = self.open_bodies(&records[..contained], novel, document);
        let text = SceneText::load(self.entropy.peer()?, bodies.iter().map(Vec::as_slice))?;
        let numbers = records.iter().map(|it| Cover::one(it.record.device, it.record.sequence));
        let covers = Cover::joined(numbers);
        let content = Content {
            place: Place { kind: Kind::SceneSnapshot, novel, document },
            payload: text.history(&write_covers(&covers))?,
            replaces: records.iter().map(|it| it.record.id).collect(),
            covers,
            blobs: Vec::new(),
        };
        self.write(store, Batch { contents: vec![content], ..Batch::default() })?;
        self.scenes.clear();
        Ok(())
    }
}
