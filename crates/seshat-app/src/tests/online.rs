//! Laptops of one account with a server in memory between them.

use std::path::Path;
use std::sync::{Arc, Mutex};

use seshat_protocol::DeviceId;
use seshat_sync::{SyncError, sync_once};
use seshat_vault::{RecoveryPhrase, Secret, vault};
use tempfile::TempDir;

use super::laptops::{Laptop, account, laptops};
use crate::images::Fetching;
use crate::simulation::laptop::poll;
use crate::simulation::server::{Account, Network};
use crate::vaulting::found;
use crate::{Desk, NewNode, NodeKind, SyncReport};

/// The server, as one laptop reaches it.
pub(super) struct Server(Arc<Mutex<Account>>);

/// Laptops of these names, and their server. Each has had its first round.
pub(super) fn online<const N: usize>(names: [&str; N]) -> (Server, [Laptop; N]) {
    let laptops = laptops(names);
    let server = Server::of(&laptops[0]);
    for laptop in &laptops {
        server.round(laptop);
    }
    (server, laptops)
}

impl Server {
    /// A server with this laptop's vault and nothing else.
    pub(super) fn of(laptop: &Laptop) -> Self {
        let blob = laptop.desk.with_session(|_, store| Ok(store.vault()?.unwrap().blob)).unwrap();
        Self(Arc::new(Mutex::new(Account::new(blob))))
    }

    /// So many records at most in one page.
    pub(super) fn set_page_limit(&self, limit: usize) {
        self.0.lock().unwrap().set_page_limit(limit);
    }

    /// A round of sync, and what follows it.
    pub(super) fn round(&self, laptop: &Laptop) -> SyncReport {
        self.round_cut(laptop, None).unwrap()
    }

    /// The same, cut off after so many requests; `None` when it was.
    pub(super) fn round_cut(&self, laptop: &Laptop, requests: Option<usize>) -> Option<SyncReport> {
        let network = Network::new(Arc::clone(&self.0), 0);
        laptop.desk.flush().unwrap();
        let mut cut = false;
        let report = laptop.desk.round_by(|side, options| {
            let whole = async {
                let report = sync_once(&network, side, options).await?;
                let fetched = side.fetch_images(&network, Fetching::All).await;
                fetched.map(|_| report).map_err(SyncError)
            };
            poll(whole, requests).ok_or_else(|| {
                cut = true;
                crate::Failure::locked()
            })
        });
        if cut {
            return None;
        }
        let report = report.unwrap();
        if report.complete {
            laptop.desk.settle_double(&network).unwrap();
        }
        Some(report)
    }

    /// How many images it has.
    pub(super) fn images(&self) -> usize {
        self.0.lock().unwrap().images().kept.len()
    }

    /// Records that were sent before what they name.
    pub(super) fn refused_for_images(&self) -> usize {
        self.0.lock().unwrap().images().refused
    }

    pub(super) fn set_image_room(&self, room: bool) {
        self.0.lock().unwrap().images().full = !room;
    }

    /// It gives this out in the place of every image.
    pub(super) fn swap_images(&self, other: &[u8]) {
        self.0.lock().unwrap().images().swapped = Some(other.to_vec());
    }

    pub(super) fn heal_images(&self) {
        self.0.lock().unwrap().images().swapped = None;
    }

    /// A backup of its first moment takes its place, and has no image.
    pub(super) fn restore_without_images(&self) {
        let mut account = self.0.lock().unwrap();
        account.images().kept.clear();
        account.restore(0);
    }

    pub(super) fn has_bytes(&self, canary: &[u8]) -> bool {
        let all = self.0.lock().unwrap().bytes();
        all.windows(canary.len()).any(|window| window == canary)
    }

    /// A round, and nothing of what follows it.
    pub(super) fn carry(&self, laptop: &Laptop) {
        let network = Network::new(Arc::clone(&self.0), 0);
        let carried = laptop.desk.carried_by(|side, options| {
            Ok(poll(sync_once(&network, side, options), None).unwrap())
        });
        assert!(carried.unwrap().unwrap().complete);
    }

    /// Everybody has had rounds until nobody has news.
    pub(super) fn rest(&self, laptops: &[&Laptop]) {
        for _ in 0..8 {
            let reports: Vec<_> = laptops.iter().map(|laptop| self.round(laptop)).collect();
            if reports.iter().all(|it| it.complete && it.up + it.down + it.waiting == 0) {
                return;
            }
        }
        panic!("they do not come to rest");
    }
}

/// A novel with so many scenes, each with a word of its own: its id.
pub(super) fn novel_of(laptop: &Laptop, title: &str, scenes: usize) -> String {
    let novel = laptop.desk.create_novel(title, "en-GB").unwrap().id;
    let chapter = laptop.outline(&novel)[0].id.clone();
    for _ in 1..scenes {
        let parent = Some(chapter.clone());
        let new = NewNode { kind: NodeKind::Scene, parent, after: None, title: String::new() };
        laptop.desk.add_node(&novel, &new).unwrap();
    }
    for (number, row) in laptop.outline(&novel)[0].children.iter().enumerate() {
        let scene = row.scene.as_ref().unwrap();
        laptop.desk.append_markdown(&novel, scene, &format!("Word{number} here.")).unwrap();
    }
    novel
}

/// How many scenes stand in a novel.
pub(super) fn standing(laptop: &Laptop, novel: &str) -> usize {
    laptop.outline(novel).iter().map(|chapter| chapter.children.len()).sum()
}

/// All words of a novel, in order.
pub(super) fn words_of(laptop: &Laptop, novel: &str) -> Vec<String> {
    let outline = laptop.outline(novel);
    let scenes = outline.iter().flat_map(|chapter| &chapter.children);
    let texts = scenes.map(|row| laptop.flat(novel, row.scene.as_ref().unwrap()));
    let texts: Vec<String> = texts.collect();
    texts.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect()
}

impl Laptop {
    /// Its folder, copied to another laptop and opened there.
    pub(super) fn copied(&self) -> Self {
        let home = tempfile::tempdir().unwrap();
        copy(self.desk.home(), &home.path().join("vault"));
        let desk = Desk::at(home.path().join("vault"), "Copy".to_owned());
        let mut state = desk.state();
        let found = found(desk.store(&mut state).unwrap()).unwrap();
        drop(state);
        let phrase = RecoveryPhrase::parse(&account().0).unwrap();
        let opened = vault::unlock(&found.blob, Secret::Recovery(&phrase), None).unwrap();
        desk.open_session(opened, &found).unwrap();
        Self::of(desk, home)
    }

    /// Who it is now.
    pub(super) fn is_now(&self) -> DeviceId {
        self.desk.with_session(|session, _| Ok(session.device_id())).unwrap()
    }

    fn of(desk: Desk, home: TempDir) -> Self {
        let device = desk.with_session(|session, _| Ok(session.device_id())).unwrap();
        Self { desk, device, _home: home }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}
