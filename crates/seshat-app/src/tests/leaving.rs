//! Signing out, and coming back.

use super::laptops::{laptops, novel};
use crate::{FailureCode, Link};

#[test]
fn a_laptop_that_left_keeps_everything_shows_no_link_and_sends_what_waited_when_it_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let [anna, ben] = laptops(["Anna's", "Ben's"]);
    let (title, scene) = novel(&anna);
    anna.desk.create_folder(folder.path()).unwrap();
    ben.desk.connect_folder(folder.path()).unwrap();
    assert!(anna.desk.sync().unwrap().complete);
    anna.desk.append_markdown(&title, &scene, "Not sent before she left.").unwrap();
    let waited = anna.desk.leave_server().unwrap();
    assert!(waited >= 1, "what was written waits");

    let status = anna.desk.status(0);
    assert_eq!((status.link, status.server, status.waiting), (Link::None, None, 0));
    assert_eq!((status.message, status.sync.headline.as_str()), (None, ""));
    assert_eq!(anna.desk.sync().unwrap_err().code, FailureCode::NotFound);
    assert_eq!(anna.desk.status(0).link, Link::None, "a sync that cannot be changes nothing");
    let twice = anna.desk.leave_server().unwrap_err();
    assert_eq!(twice.code, FailureCode::NotFound, "{}", twice.message);

    anna.desk.append_markdown(&title, &scene, "Written without any server.").unwrap();
    anna.desk.connect_folder(folder.path()).unwrap();
    let report = anna.desk.sync().unwrap();
    assert!(report.complete && report.waiting == 0, "{report:?}");
    assert!(ben.desk.sync().unwrap().complete);
    for laptop in [&anna, &ben] {
        let text = laptop.flat(&title, &scene);
        assert_eq!(text.matches("Not sent before she left.").count(), 1, "{text}");
        assert_eq!(text.matches("Written without any server.").count(), 1, "{text}");
    }
    let report = anna.desk.sync().unwrap();
    assert_eq!((report.up, report.down), (0, 0), "coming back doubled nothing");
}
