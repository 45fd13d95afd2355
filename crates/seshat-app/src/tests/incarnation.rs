//! A laptop whose folder was copied, or set back.

use super::online::{novel_of, online, standing, words_of};

#[test]
fn a_copied_laptop_becomes_one_of_its_own_and_no_word_of_either_is_lost() {
    for copy_is_first in [false, true] {
        let (server, [anna, ben]) = online(["Desk", "Lap"]);
        let novel = novel_of(&anna, "The Ferry", 3);
        server.rest(&[&anna, &ben]);
        let copy = anna.copied();
        let scene = |number: usize| anna.outline(&novel)[0].children[number].scene.clone().unwrap();
        anna.write(&novel, &scene(0), 1, "Original. ");
        copy.write(&novel, &scene(0), 1, "Copied. ");
        copy.write(&novel, &scene(1), 1, "Copied too. ");
        let order = if copy_is_first { [&copy, &anna] } else { [&anna, &copy] };
        server.round(order[0]);
        server.round(order[1]);
        // Both go on.
        anna.write(&novel, &scene(2), 1, "Later. ");
        copy.write(&novel, &scene(2), 1, "Later there. ");
        server.rest(&[&anna, &copy, &ben]);
        let words = words_of(&ben, &novel);
        for word in ["Original.", "Copied.", "too.", "Later.", "there."] {
            assert_eq!(words.iter().filter(|it| *it == word).count(), 1, "{word} in {words:?}");
        }
        for laptop in [&anna, &copy] {
            assert_eq!(words_of(laptop, &novel), words);
            assert!(laptop.desk.refused_records().unwrap().is_empty());
        }
        assert_ne!(anna.is_now(), copy.is_now());
        let second = order[1];
        assert_ne!(second.is_now(), anna.device);
        let names = second.desk.known_devices().unwrap();
        let names: Vec<_> = names.iter().map(|device| device.name.as_str()).collect();
        assert!(names[0] == "Desk (2)" && names.contains(&"Desk"), "{names:?}");
        let notice = second.desk.status(0).notice.unwrap();
        assert!(notice.starts_with("There are two of “Desk”: "), "{notice}");
    }
}

#[test]
fn a_laptop_that_was_set_back_fetches_what_it_wrote_and_goes_on_as_a_new_one() {
    let (server, [anna, ben]) = online(["Desk", "Lap"]);
    let novel = novel_of(&anna, "The Ferry", 2);
    server.rest(&[&anna, &ben]);
    let image = anna.copied();
    let scene = anna.outline(&novel)[0].children[0].scene.clone().unwrap();
    for word in ["One. ", "Two. ", "Three. "] {
        anna.write(&novel, &scene, 1, word);
    }
    server.rest(&[&anna, &ben]);
    // The disk dies; the image of last week is brought back, and written on before it is online.
    image.write(&novel, &scene, 1, "Since. ");
    server.rest(&[&image, &ben]);
    assert_ne!(image.is_now(), anna.device);
    let words = words_of(&ben, &novel);
    for word in ["One.", "Two.", "Three.", "Since."] {
        assert_eq!(words.iter().filter(|it| *it == word).count(), 1, "{word} in {words:?}");
    }
    assert_eq!(words_of(&image, &novel), words);
    assert_eq!(standing(&image, &novel), 2);
    image.write(&novel, &scene, 1, "Again. ");
    server.rest(&[&image, &ben]);
    assert!(words_of(&ben, &novel).contains(&"Again.".to_owned()));
}

#[test]
fn a_laptop_without_a_double_stays_who_it_is() {
    let (server, [anna, ben]) = online(["Desk", "Lap"]);
    let novel = novel_of(&anna, "The Ferry", 2);
    server.rest(&[&anna, &ben]);
    // Everything comes again, as after a restored server.
    anna.desk.with_session(|_, store| Ok(store.read_all_again()?)).unwrap();
    server.rest(&[&anna, &ben]);
    assert_eq!((anna.is_now(), ben.is_now()), (anna.device, ben.device));
    assert_eq!(standing(&ben, &novel), 2);
}
