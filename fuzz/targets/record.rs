//! Records: fields in any shape, and edits of a real record's header, body and signature.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seshat_fuzz::{DESK, SCENE, edited};
use seshat_protocol::{FieldReader, FieldWriter, Record};

fuzz_target!(|data: &[u8]| {
    fields(data);
    let vault = &DESK.vault;
    if let Ok(record) = serde_json::from_slice::<Record>(data) {
        judge(&record);
    }
    let Some((&part, script)) = data.split_first() else { return };
    let mut record = DESK.record.clone();
    match part % 4 {
        0 => record.header.0 = edited(&record.header.0, script),
        1 => record.body.0 = edited(&record.body.0, script),
        2 => record.sequence ^= script.first().map_or(0, |&byte| u64::from(byte)),
        _ => {
            let signature = edited(&record.signature.0, script_within(script));
            record.signature.0.copy_from_slice(&signature);
        }
    }
    judge(&record);
    assert!(vault.open_header(&record).is_err() || record.header == DESK.record.header);
});

/// The edits that leave 64 bytes 64 bytes long.
fn script_within(script: &[u8]) -> &[u8] {
    let fits = |edit: &[u8]| edit[0] == 0 && edit[1] < 64;
    let edits = script.chunks_exact(3).take_while(|edit| fits(edit)).count();
    &script[..edits * 3]
}

fn judge(record: &Record) {
    let vault = &DESK.vault;
    let unchanged = *record == DESK.record;
    assert_eq!(vault.verify_record(record).is_ok(), unchanged, "a changed record has a signature");
    let opened = vault.open_body(record, &SCENE).is_ok();
    assert!(opened || !unchanged, "the real record does not open");
}

fn fields(data: &[u8]) {
    let mut reader = FieldReader::new(data);
    let mut writer = FieldWriter::new();
    while let Ok(field) = reader.bytes() {
        writer = writer.bytes(field);
    }
    let rest = reader.finish();
    let written = writer.finish();
    assert!(data.starts_with(&written), "fields read and written again are other fields");
    assert_eq!(rest.is_ok(), written.len() == data.len());
    let _ = FieldReader::new(data).u32();
    let _ = FieldReader::new(data).u64();
    let _ = FieldReader::new(data).text();
    let _ = FieldReader::new(data).array::<32>();
}
