//! One record's content for a scene: updates and snapshots with any operations behind a checksum that fits.
//! Loro may panic inside; the open scene must not notice.

#![no_main]

use std::cell::RefCell;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use seshat_fuzz::edited;
use seshat_manuscript::{Op, SceneText, Unit};

fn insert(text: &str) -> Op {
    Op::Insert { at: 1, text: text.into(), marks: Default::default() }
}

/// What another laptop wrote.
static UPDATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut writer = SceneText::new(1);
    writer.apply(&[insert("It was a dark night.\nAnd cold.")], Unit::Scalar).expect("it fits");
    writer.apply(&[Op::Delete { at: 4, len: 3 }], Unit::Scalar).expect("it fits");
    writer.take_update().expect("something was written")
});

thread_local! {
    static READER: RefCell<SceneText> = RefCell::new(reader());
}

fn reader() -> SceneText {
    let mut reader = SceneText::new(2);
    reader.apply(&[insert("mine")], Unit::Scalar).expect("it fits");
    reader
}

/// Loro's header: magic[4], zeros[12], checksum[4], mode[2]; the checksum is of everything from the mode on.
fn with_fitting_checksum(mut part: Vec<u8>) -> Vec<u8> {
    if part.len() > 21 {
        part[1..5].copy_from_slice(b"loro");
        part[5..17].fill(0);
        let sum = xxhash_rust::xxh32::xxh32(&part[21..], u32::from_le_bytes(*b"LORO"));
        part[17..21].copy_from_slice(&sum.to_le_bytes());
    }
    part
}

fuzz_target!(
    // The default hook ends the program at panics that are caught.
    init: std::panic::set_hook(Box::new(|_| ())),
    |data: &[u8]| {
        let noise = [&[1][..], data].concat();
        for part in [noise, edited(&UPDATE, data)] {
            judge(&with_fitting_checksum(part));
        }
    }
);

fn judge(part: &[u8]) {
    READER.with_borrow_mut(|scene| {
        let runs = scene.runs();
        if scene.merge(part).is_err() {
            assert_eq!(scene.runs(), runs, "a refused record changed the scene");
        } else {
            drop((scene.passage(), scene.flat(), scene.snapshot()));
            *scene = reader();
        }
        scene.apply(&[insert("x")], Unit::Scalar).expect("the scene goes on");
        scene.apply(&[Op::Delete { at: 1, len: 1 }], Unit::Scalar).expect("the scene goes on");
    });
    drop(SceneText::load(5, [part]));
}
