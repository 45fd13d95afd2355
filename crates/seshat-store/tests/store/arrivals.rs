use seshat_protocol::DocumentId;
use seshat_store::Write;

use crate::common::{OURS, THEIRS, Writer, folder, page, place, store};

#[test]
fn what_came_after_an_arrival_is_named_with_its_place_and_without_its_content() {
    let dir = folder();
    let mut store = store(dir.path());
    store.link_server("https://sync.example", "anna@example.org").unwrap();
    assert_eq!(store.last_arrival().unwrap(), 0);
    assert!(store.arrived_after(0).unwrap().is_empty());
    let mut ours = Writer::new(OURS);
    store.append(&ours.write(&[b"one", b"two"])).unwrap();
    let before = store.last_arrival().unwrap();

    let mut theirs = Writer::new(THEIRS);
    let here = (theirs.record(b"three".to_vec()), Some(place(1, 4)));
    let aside = (theirs.record(b"four".to_vec()), None);
    store.accept(&page(&[here.clone(), aside.clone()], 2)).unwrap();
    let arrived = store.arrived_after(before).unwrap();
    let seen: Vec<_> = arrived.iter().map(|it| (it.id, it.device, it.sequence, it.place)).collect();
    assert_eq!(seen, [(here.0.id, THEIRS, 1, Some(place(1, 4))), (aside.0.id, THEIRS, 2, None)]);
    assert_eq!(store.last_arrival().unwrap(), arrived[1].arrival);
    assert!(store.arrived_after(arrived[1].arrival).unwrap().is_empty());
}

#[test]
fn a_documents_numbers_are_those_of_its_records_alone() {
    let dir = folder();
    let mut store = store(dir.path());
    let mut writer = Writer::new(OURS);
    let records = [(1, 1), (1, 2), (1, 1)]
        .map(|(novel, document)| writer.new_record(vec![1], place(novel, document)));
    store.append(&Write { records: records.to_vec(), ..Write::default() }).unwrap();
    let numbers = store.numbers_of(DocumentId([1; 16])).unwrap();
    assert_eq!(numbers.iter().map(|it| it.sequence).collect::<Vec<_>>(), [1, 3]);
    assert!(numbers.iter().all(|it| it.device == OURS && it.place == Some(place(1, 1))));
}
