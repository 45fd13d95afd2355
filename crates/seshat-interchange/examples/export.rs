//! Exports a folder of chapters, for independent readers and for measurements:
//! `cargo run -p seshat-interchange --example export -- FOLDER FORMAT TARGET`.

use std::error::Error;
use std::path::Path;

use seshat_interchange::export::{self, CopyFacts, Edition, Look, Mark, Options};
use seshat_interchange::{ExportNovel, import};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, format, target] = arguments.as_slice() else {
        return Err("FOLDER FORMAT TARGET, please".into());
    };
    let novel = ExportNovel::from(import::folder(Path::new(folder))?);
    let options = Options::default();
    let mark = format.strip_suffix("-marked").map(|_| Mark::from_bytes(*b"seshA"));
    let copy = CopyFacts { made: 1_700_000_000, identifier: [7; 16], mark, ..CopyFacts::default() };
    let edition = Edition::new(&novel, &options, &copy)?;
    let bytes = match format.trim_end_matches("-marked") {
        "epub" => export::epub(&edition)?,
        "docx" => export::docx(&edition, Look::Book)?,
        "modern" => export::docx(&edition, Look::Modern)?,
        "classic" => export::docx(&edition, Look::Classic)?,
        "odt" => export::odt(&edition)?,
        "html" => export::html(&edition).into_bytes(),
        "pages" => {
            export::write_folder(&export::html_pages(&edition), Path::new(target))?;
            return Ok(());
        }
        "pandoc" => export::pandoc(&edition).into_bytes(),
        "commonmark" => export::commonmark(&edition).into_bytes(),
        "text" => export::text(&edition).into_bytes(),
        _ => return Err("this format is not known".into()),
    };
    std::fs::write(target, bytes)?;
    Ok(())
}
