//! One account that all schedules begin with: a vault that knows every laptop, a novel that every laptop has, and the
//! laptops' homes as bytes. The password is stretched once and not for every schedule.

use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use seshat_protocol::{AccountId, DeviceId};
use seshat_store::VaultOrigin;
use seshat_vault::{AccountCodeUse, KdfParams, NewVault, Password, RecoveryPhrase, Secret, vault};

use super::laptop::Laptop;
use super::ledger::Ledger;
use super::server::{Account, Network};
use super::{START, rig};
use crate::clock::OsEntropy;
use crate::vaulting::Settling;
use crate::{Desk, NewNode, NodeKind};

/// Laptops that are in the vault. A schedule uses some of them.
pub(crate) const LAPTOPS: usize = 4;

/// Where every schedule begins.
pub(crate) struct Template {
    pub(crate) phrase: String,
    /// Each laptop's database.
    pub(crate) homes: Vec<Vec<u8>>,
    pub(crate) account: Account,
    pub(crate) novel: String,
    pub(crate) ledger: Ledger,
}

static TEMPLATE: OnceLock<Template> = OnceLock::new();

/// The one of this process.
pub(crate) fn template() -> &'static Template {
    TEMPLATE.get_or_init(make)
}

fn make() -> Template {
    rig::begin(1, START);
    let password = Password::new("lantern gravel oboe tuesday".to_owned());
    let new = NewVault {
        account: AccountId([7; 16]),
        password: &password,
        kdf: KdfParams::FLOOR,
        account_code: AccountCodeUse::None,
    };
    let mut made = vault::create(&new, &mut OsEntropy).expect("a vault");
    let phrase = made.phrase.words().to_string();
    let devices: Vec<_> = (0..LAPTOPS)
        .map(|number| {
            let id = DeviceId(OsEntropy.id().expect("random bytes"));
            let name = format!("laptop {number}");
            made.vault.make_device(&name, START, id, &mut OsEntropy).expect("a device")
        })
        .collect();
    let blob = made.vault.to_blob(&mut OsEntropy).expect("a blob");
    let account = Arc::new(Mutex::new(Account::new(blob.clone())));
    let folder = tempfile::tempdir().expect("a folder");
    let laptops: Vec<_> = devices
        .into_iter()
        .enumerate()
        .map(|(number, device)| {
            let home = folder.path().join(number.to_string());
            let desk = Desk::at(home.clone(), format!("laptop {number}"));
            let parsed = RecoveryPhrase::parse(&phrase).expect("24 words");
            let vault = vault::unlock(&blob, Secret::Recovery(&parsed), None).expect("it opens");
            let origin = VaultOrigin::Server { revision: "1" };
            let server = Some(("https://sync.example.org", "ada@example.org"));
            let settling = Settling { vault, device, blob: blob.clone(), origin, server };
            desk.settle(settling).expect("a home");
            let network = Network::new(Arc::clone(&account), 0);
            Laptop::with(desk, home, network)
        })
        .collect();
    let mut ledger = Ledger::default();
    let novel = write_novel(&laptops[0].desk, &mut ledger);
    for laptop in laptops.iter().chain(&laptops) {
        laptop.round(None).expect("not cut off").expect("a round");
    }
    drop(laptops);
    let homes = (0..LAPTOPS).map(|number| read(&folder.path().join(number.to_string()))).collect();
    rig::end();
    let account = account.lock().expect("nobody panicked").clone();
    Template { phrase, homes, account, novel, ledger }
}

fn read(home: &Path) -> Vec<u8> {
    std::fs::read(home.join("seshat.db")).expect("a database")
}

/// Two chapters of two scenes, with words in all but the last.
fn write_novel(desk: &Desk, ledger: &mut Ledger) -> String {
    let novel = desk.create_novel("The Ferry", "en-GB").expect("a novel").id;
    let second =
        NewNode { kind: NodeKind::Chapter, parent: None, after: None, title: "Second".to_owned() };
    desk.add_node(&novel, &second).expect("a chapter");
    let chapters = desk.outline(&novel).expect("an outline").nodes;
    for chapter in &chapters {
        let scene = NewNode {
            kind: NodeKind::Scene,
            parent: Some(chapter.id.clone()),
            after: None,
            title: String::new(),
        };
        desk.add_node(&novel, &scene).expect("a scene");
    }
    let outline = desk.outline(&novel).expect("an outline");
    let scenes = outline.nodes.iter().flat_map(|chapter| &chapter.children).take(3);
    for scene in scenes {
        let words: Vec<String> = (0..6).map(|_| ledger.new_word()).collect();
        ledger.written(&words);
        let id = scene.scene.as_ref().expect("a scene has a text");
        desk.append_markdown(&novel, id, &words.join(" ")).expect("it can be written");
    }
    novel
}
