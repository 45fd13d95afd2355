//! Pictures between two laptops and the real server: larger than a part, cut off on the way, sealed wherever they lie.

use std::path::Path;

use seshat_app::{Desk, SecondSecret};
use seshat_testkit::{PASSWORD, Random, Server, files_below};
use seshat_tests::EMAIL;
use tempfile::TempDir;

/// Bytes of noise in a picture: it is sent in three parts.
const NOISE: usize = 9 * 1024 * 1024;

/// A PNG whose picture is noise: nothing decodes it here, and nothing can be made smaller.
fn png(seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut noise = vec![0; NOISE];
    noise.fill_with(|| u8::try_from(random.below(256)).expect("a byte"));
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    let head = [0, 0, 16, 0, 0, 0, 16, 0, 8, 2, 0, 0, 0];
    for (name, content) in [(b"IHDR", &head[..]), (b"IDAT", &noise), (b"IEND", &[])] {
        let length = u32::try_from(content.len()).expect("a short picture");
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(name);
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(&[0; 4]);
    }
    bytes
}

fn desk(folder: &Path, name: &str) -> Desk {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    Desk::at(folder.join(name), name.to_owned())
}

/// A laptop with an account on the server, and a second one that has joined it.
fn two(folder: &Path, server: &Server) -> (Desk, Desk) {
    let (anna, ben) = (desk(folder, "anna"), desk(folder, "ben"));
    let _kit = anna.create_vault(PASSWORD.to_owned(), SecondSecret::None).expect("a vault is made");
    anna.connect(&server.url(), EMAIL).expect("an account is made");
    ben.join(&server.url(), EMAIL, PASSWORD.to_owned(), None).expect("it joins");
    (anna, ben)
}

/// A novel that shows a picture: the novel's id and the picture's name.
fn shown(desk: &Desk, picture: &[u8]) -> (String, String) {
    let novel = desk.create_novel("The Ferry", "en-GB").expect("a novel").id;
    let scene = desk.find_scene(&novel, "1/1").expect("a scene");
    let image = desk.put_image(&novel, picture).expect("it is a picture").image;
    let text = format!("Before.\n\n![a map](image:{image})\n");
    let _words = desk.append_markdown(&novel, &scene, &text).expect("text");
    (novel, image)
}

fn nowhere_below(folder: &Path, canary: &[u8]) {
    for (file, bytes) in files_below(folder) {
        let found = bytes.windows(canary.len()).any(|window| window == canary);
        assert!(!found, "{} holds a picture in the clear", file.display());
    }
}

#[test]
fn a_picture_of_several_parts_goes_through_the_real_server_and_is_open_nowhere() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::start(folder.path(), "server");
    let (anna, ben) = two(folder.path(), &server);
    let picture = png(1);
    let (novel, image) = shown(&anna, &picture);
    let up = anna.sync().expect("it syncs");
    assert!(up.complete && up.waiting == 0, "{up:?}");
    let down = ben.sync().expect("it syncs");
    assert!(down.complete, "{down:?}");
    assert!(ben.image(&novel, &image).expect("it came") == picture);
    assert_eq!(ben.check().expect("a check").problems, [""; 0]);
    anna.lock().expect("it locks");
    ben.lock().expect("it locks");
    let middle = picture.len() / 2;
    nowhere_below(folder.path(), &picture[middle..middle + 24]);
}

#[test]
fn a_server_that_dies_over_a_picture_gets_the_rest_of_it_when_it_is_back_and_no_text_before() {
    let folder = TempDir::new().expect("a folder");
    let mut server = Server::start(folder.path(), "server");
    let (anna, ben) = two(folder.path(), &server);
    let picture = png(2);
    let _settled = anna.sync().expect("it syncs");
    let (novel, image) = shown(&anna, &picture);
    server.kill();
    let offline = anna.sync().expect("being offline is no error");
    assert!(!offline.online && offline.waiting > 0, "{offline:?}");
    server.restart();
    assert!(anna.sync().expect("it syncs").complete);
    assert!(ben.sync().expect("it syncs").complete);
    assert!(ben.image(&novel, &image).expect("it came") == picture);
}
