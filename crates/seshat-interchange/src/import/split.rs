//! Splits scenes that are too long for one document.

use seshat_manuscript::{Paragraph, Passage};

use super::{ImportedNovel, MAX_SCENE_WORDS};

/// Splits every scene over [`MAX_SCENE_WORDS`] at paragraph ends and says so in the novel's notes. A single
/// paragraph of more words stays whole.
pub(super) fn scenes(mut novel: ImportedNovel) -> ImportedNovel {
    for chapter in novel.parts.iter_mut().flat_map(|part| &mut part.chapters) {
        let before = chapter.scenes.len();
        let scenes = std::mem::take(&mut chapter.scenes);
        chapter.scenes = scenes.into_iter().flat_map(split).collect();
        let more = chapter.scenes.len() - before;
        if more > 0 {
            novel.notes.push(format!(
                "The chapter “{}” has a scene of more than {MAX_SCENE_WORDS} words: it was split at paragraph \
                 ends, which made {more} more scenes.",
                chapter.title
            ));
        }
    }
    novel
}

fn split(scene: Passage) -> Vec<Passage> {
    // A word has a byte at least and a space behind it, so most scenes need no count.
    let bytes: usize = scene.paragraphs.iter().map(|paragraph| paragraph.flat().len() + 1).sum();
    if bytes <= MAX_SCENE_WORDS || scene.words() <= MAX_SCENE_WORDS {
        return vec![scene];
    }
    let total = scene.words();
    // Even pieces: a rest of a few words would look like a mistake.
    let most = total.div_ceil(total.div_ceil(MAX_SCENE_WORDS));
    let mut scenes: Vec<(usize, Vec<Paragraph>)> = vec![(0, Vec::new())];
    for paragraph in scene.paragraphs {
        let words = paragraph.words();
        match scenes.last_mut() {
            Some((count, paragraphs))
                if *count == 0 || (*count < most && *count + words <= MAX_SCENE_WORDS) =>
            {
                *count += words;
                paragraphs.push(paragraph);
            }
            _ => scenes.push((words, vec![paragraph])),
        }
    }
    scenes.into_iter().map(|(_, paragraphs)| Passage { paragraphs }.normalized()).collect()
}
