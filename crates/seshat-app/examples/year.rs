//! A year of writing in a minute, for the test of the room that it takes: every day a few sentences, saved as they are
//! typed, now and then a word taken back; every week the vault is tended as the window does it when nobody types.
//!
//! `year HOME PASSWORD_FILE NOVEL DAYS` prints the bytes and words of what stands there in the end, and how often it was
//! saved, as JSON.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for tests; whatever fails ends it"
)]

use std::path::PathBuf;

use seshat_app::{Attributes, Desk, Edit, EditOp, NewNode, NodeKind};

/// Saves of a day: one for each few seconds of typing that come together.
const SAVES: usize = 24;
/// Days after which a new scene begins.
const SCENE: u32 = 6;
const WEEK: u32 = 7;

/// The same words every time (a linear congruence by Knuth), and no two books alike.
struct Typing(u64);

impl Typing {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    fn word(&mut self) -> String {
        let length = 2 + self.below(7);
        (0..length).map(|_| char::from(b'a' + u8::try_from(self.below(26)).unwrap())).collect()
    }
}

struct Scene {
    id: String,
    session: u64,
    sequence: u64,
    text: String,
}

fn main() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("four arguments");
    let (home, password_file, title, days) = (next(), next(), next(), next());
    let password = std::fs::read_to_string(password_file).unwrap();
    let desk = Desk::at(PathBuf::from(home), "year".to_owned());
    desk.vault_state().unwrap();
    desk.unlock(password.trim_end().to_owned()).unwrap();
    let novel = desk.find_novel(&title).unwrap();
    let mut typing = Typing(1);
    let (mut bytes, mut saves) = (0, 0);
    let mut scene = begin(&desk, &novel, 0);
    for day in 1..=days.parse::<u32>().unwrap() {
        for _ in 0..SAVES {
            type_once(&desk, &novel, &mut scene, &mut typing);
            saves += 1;
        }
        if day % SCENE == 0 {
            bytes += scene.text.len();
            scene = begin(&desk, &novel, day);
        }
        if day % WEEK == 0 {
            let _report = desk.sync().unwrap();
            // Texts that were let alone for ten minutes are due; this week took no ten minutes.
            let _report = desk.compact(true).unwrap();
            let _report = desk.sync().unwrap();
        }
    }
    bytes += scene.text.len();
    let words = desk.library().unwrap()[0].words;
    println!("{}", serde_json::json!({ "bytes": bytes, "words": words, "saves": saves }));
}

fn begin(desk: &Desk, novel: &str, day: u32) -> Scene {
    let new = |kind, parent, title| NewNode { kind, parent, after: None, title };
    let chapter = new(NodeKind::Chapter, None, format!("Day {day}"));
    let chapter = desk.add_node(novel, &chapter).unwrap();
    let node = new(NodeKind::Scene, Some(chapter.id), String::new());
    let id = desk.add_node(novel, &node).unwrap().scene.unwrap();
    let session = desk.open_scene(novel, &id).unwrap().session;
    Scene { id, session, sequence: 0, text: String::new() }
}

/// A few words, and now and then one of them is taken back; then it is saved.
fn type_once(desk: &Desk, novel: &str, scene: &mut Scene, typing: &mut Typing) {
    let words: Vec<String> = (0..4 + typing.below(4)).map(|_| typing.word()).collect();
    let new = format!("{} ", words.join(" "));
    // Position 0 is the paragraph itself.
    let at = 1 + scene.text.len();
    let mut ops = vec![EditOp::Insert { at, text: new.clone(), attributes: Attributes::new() }];
    scene.text.push_str(&new);
    if typing.below(5) == 0 {
        let length = words.last().map_or(0, String::len) + 1;
        let kept = scene.text.len() - length;
        ops.push(EditOp::Delete { at: 1 + kept, length });
        scene.text.truncate(kept);
    }
    scene.sequence += 1;
    let edit = Edit {
        novel: novel.to_owned(),
        scene: scene.id.clone(),
        session: scene.session,
        sequence: scene.sequence,
        ops,
        typed: true,
    };
    desk.edit_scene(&edit).unwrap();
    desk.flush().unwrap();
}
