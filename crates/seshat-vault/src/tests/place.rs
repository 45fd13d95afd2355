//! What things are bound to: the exact bytes, and that every one of them counts.

use seshat_protocol::{DeviceId, DocumentId, NovelId, RecordId};

use super::{ACCOUNT, SCENE};
use crate::context::Context;
use crate::{Kind, Place};

fn full() -> Context<'static> {
    let mut context = Context::at(&SCENE, ACCOUNT);
    context.record = Some(RecordId([1; 16]));
    context.epoch = Some(2);
    context.device = Some(DeviceId([3; 16]));
    context.sequence = Some(4);
    context.replaces = &[RecordId([5; 16])];
    context.extra = b"extra";
    context
}

#[test]
fn the_bytes_of_a_context_never_change() {
    let mut expected: Vec<u8> = Vec::new();
    let fields: [&[u8]; 11] = [
        b"seshat/v1",
        b"scene-update",
        &[0xAC; 16],
        &[0x0E; 16],
        &[0x5C; 16],
        &[1; 16],
        &[0, 0, 0, 2],
        &[3; 16],
        &[0, 0, 0, 0, 0, 0, 0, 4],
        &[5; 16],
        b"extra",
    ];
    for field in fields {
        expected.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
        expected.extend(field);
    }
    assert_eq!(full().bytes(), expected);
}

#[test]
fn every_field_of_a_context_counts() {
    let changes: [fn(&mut Context<'static>); 9] = [
        |c| c.novel = Some(NovelId([9; 16])),
        |c| c.document = Some(DocumentId([9; 16])),
        |c| c.record = None,
        |c| c.epoch = Some(3),
        |c| c.device = None,
        |c| c.sequence = Some(5),
        |c| c.replaces = &[],
        |c| c.extra = b"",
        |c| c.document = None,
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut changed = full();
        change(&mut changed);
        assert_ne!(changed.bytes(), full().bytes(), "change {index} does not show");
    }
    let other_kind = Place { kind: Kind::SceneSnapshot, ..SCENE };
    assert_ne!(Context::at(&other_kind, ACCOUNT).bytes(), Context::at(&SCENE, ACCOUNT).bytes());
}

#[test]
fn the_codes_of_kinds_never_change() {
    for (kind, code) in [
        (Kind::SceneUpdate, 1),
        (Kind::SceneSnapshot, 2),
        (Kind::BinderUpdate, 3),
        (Kind::BinderSnapshot, 4),
        (Kind::LocalSummary, 64),
        (Kind::LocalText, 65),
        (Kind::LocalReport, 66),
    ] {
        assert_eq!((kind.code(), Kind::from_code(code)), (code, Some(kind)));
    }
    assert_eq!(Kind::from_code(0), None);
    assert_eq!((0..=255).filter_map(Kind::from_code).count(), 7, "a code without a test");
}
