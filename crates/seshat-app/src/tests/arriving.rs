//! The first sync of a new laptop.

use super::laptops::laptops;
use super::online::{Server, novel_of, words_of};

#[test]
fn a_first_sync_that_is_cut_anywhere_goes_on_and_its_first_novel_can_be_written_in_before() {
    let [anna, ben] = laptops(["Desk", "Attic"]);
    let server = Server::of(&anna);
    server.round(&anna);
    let novels: Vec<String> =
        ["First", "Second", "Third"].iter().map(|title| novel_of(&anna, title, 6)).collect();
    server.rest(&[&anna]);
    server.set_page_limit(4);
    let total = anna.records() as u64;
    let mut written = false;
    let mut last = 0;
    let mut cuts = 0;
    let report = loop {
        // The vault, and one or two pages.
        if let Some(report) = server.round_cut(&ben, Some(3 + cuts % 2)) {
            break report;
        }
        cuts += 1;
        assert!(cuts < 100, "it does not come to its end");
        let first = ben.desk.status(u64::MAX).sync.first.expect("its progress is not shown");
        assert!(first.done >= last && first.done <= first.total, "{first:?}");
        last = first.done;
        if !written && first.ready.contains(&novels[0]) {
            assert!(ben.records() as u64 * 2 < total, "most of the rest was here already");
            let scene = ben.outline(&novels[0])[0].children[0].scene.clone().unwrap();
            ben.write(&novels[0], &scene, 1, "Early. ");
            written = true;
        }
    };
    assert!(written && cuts > 5, "{cuts}");
    assert!(report.complete, "{report:?}");
    let sync = ben.desk.status(u64::MAX).sync;
    assert_eq!(sync.first, None);
    server.rest(&[&anna, &ben]);
    for novel in &novels {
        assert_eq!(words_of(&ben, novel), words_of(&anna, novel));
    }
    assert!(words_of(&anna, &novels[0]).contains(&"Early.".to_owned()));
}
