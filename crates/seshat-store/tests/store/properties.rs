use std::collections::HashSet;

use proptest::prelude::*;
use seshat_protocol::{Record, RecordId};
use seshat_store::{Ack, Store, Write};

use crate::common::{OURS, THEIRS, Writer, all, folder, page, place, reopen, store};

/// What may happen to a laptop, in any order.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// This many records are written here.
    Write(usize),
    /// The other laptop's records reach the server.
    TheyWrite(usize),
    /// A batch of this size is pushed; whether the answer arrives.
    Push(usize, Reply),
    /// A page of this size is pulled.
    Pull(usize),
    /// The server is restored from an empty backup, and the client finds out.
    Restore,
    /// The program is closed and opened.
    Reopen,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Reply {
    Arrives,
    IsLost,
    RejectsTheFirst,
}

fn step() -> impl Strategy<Value = Step> {
    let reply = prop_oneof![
        3 => Just(Reply::Arrives),
        1 => Just(Reply::IsLost),
        1 => Just(Reply::RejectsTheFirst)
    ];
    prop_oneof![
        3 => (1..4_usize).prop_map(Step::Write),
        2 => (1..4_usize).prop_map(Step::TheyWrite),
        3 => (1..6_usize, reply).prop_map(|(size, reply)| Step::Push(size, reply)),
        3 => (1..6_usize).prop_map(Step::Pull),
        1 => Just(Step::Restore),
        1 => Just(Step::Reopen),
    ]
}

struct World {
    dir: tempfile::TempDir,
    store: Option<Store>,
    ours: Writer,
    theirs: Writer,
    written: Vec<RecordId>,
    server: Vec<Record>,
    epoch: u32,
    rejected: HashSet<RecordId>,
}

impl World {
    fn new() -> Self {
        let dir = folder();
        let mut store = store(dir.path());
        store.link_server("https://sync.example.org", "ada@example.org").unwrap();
        Self {
            dir,
            store: Some(store),
            ours: Writer::new(OURS),
            theirs: Writer::new(THEIRS),
            written: Vec::new(),
            server: Vec::new(),
            epoch: 0,
            rejected: HashSet::new(),
        }
    }

    fn store(&mut self) -> &mut Store {
        self.store.as_mut().unwrap()
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Write(count) => {
                let records: Vec<_> =
                    (0..count).map(|_| self.ours.new_record(vec![1; 40], place(1, 1))).collect();
                self.written.extend(records.iter().map(|new| new.record.id));
                self.store().append(&Write { records, ..Write::default() }).unwrap();
            }
            Step::TheyWrite(count) => {
                self.server.extend((0..count).map(|_| self.theirs.record(vec![2; 40])));
            }
            Step::Push(size, reply) => self.push(size, reply),
            Step::Pull(size) => self.pull(size),
            Step::Restore => {
                self.server.clear();
                self.epoch += 1;
                self.rejected.clear();
                self.store().offer_again().unwrap();
            }
            Step::Reopen => {
                self.store = None;
                self.store = Some(reopen(self.dir.path()));
            }
        }
    }

    fn push(&mut self, size: usize, reply: Reply) {
        let batch = self.store().outbox(size, 1 << 20).unwrap();
        let mut acks = Vec::new();
        for (index, record) in batch.into_iter().enumerate() {
            if reply == Reply::RejectsTheFirst && index == 0 && !self.has(record.id) {
                self.rejected.insert(record.id);
                acks.push((record.id, Ack::Rejected("no".to_owned())));
                continue;
            }
            acks.push((record.id, Ack::Stored));
            if !self.has(record.id) {
                self.server.push(record);
            }
        }
        if reply != Reply::IsLost {
            self.store().acknowledge(&acks).unwrap();
        }
    }

    fn has(&self, id: RecordId) -> bool {
        self.server.iter().any(|record| record.id == id)
    }

    fn pull(&mut self, size: usize) {
        let from = self.cursor();
        let records: Vec<_> = self.server.iter().skip(from).take(size).cloned().collect();
        let next = u64::try_from(from + records.len()).unwrap();
        let records: Vec<_> =
            records.into_iter().map(|record| (record, Some(place(1, 1)))).collect();
        let mut page = page(&records, next);
        page.epoch = self.epoch.to_string();
        self.store().accept(&page).unwrap();
    }

    fn cursor(&mut self) -> usize {
        usize::try_from(self.store().server().unwrap().unwrap().cursor).unwrap()
    }

    /// What must hold after every step.
    fn check(&mut self) {
        let held: Vec<_> = all(self.store()).iter().map(|record| record.id).collect();
        let set: HashSet<_> = held.iter().copied().collect();
        assert_eq!(held.len(), set.len(), "a record is held twice");
        assert!(self.written.iter().all(|id| set.contains(id)), "a written record is gone");
        let cursor = self.cursor();
        assert!(
            self.server[..cursor].iter().all(|r| set.contains(&r.id)),
            "the cursor is ahead of the rows"
        );
        let waiting: HashSet<_> =
            self.store().outbox(9999, 1 << 30).unwrap().iter().map(|record| record.id).collect();
        assert_eq!(self.store().waiting().unwrap(), waiting.len());
        let rejected: HashSet<_> = self.store().rejected().unwrap().iter().map(|r| r.id).collect();
        assert_eq!(rejected, self.rejected, "a rejection is lost or made up");
        for id in set {
            let accounted = waiting.contains(&id) || rejected.contains(&id) || self.has(id);
            assert!(accounted, "acknowledged, but the server does not have it");
        }
        let digest = self.store().digest().unwrap();
        assert_eq!(
            usize::try_from(digest.count).unwrap(),
            held.len() - waiting.len() - rejected.len()
        );
        self.store().integrity().unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_every_record_is_held_once_and_waits_until_the_server_has_it(
        steps in prop::collection::vec(step(), 1..30)
    ) {
        let mut world = World::new();
        for step in steps {
            world.take(step);
            world.check();
        }
    }
}
