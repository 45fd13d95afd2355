//! The outline on its own: for a table (CSV, RFC 4180) and for outliners (OPML 2.0).

use std::fmt::Write as _;

use super::{OutlineLine, xml};

/// A table with a line for each part, chapter and scene. It begins with a byte order mark, because spreadsheets take
/// a file without one for another encoding. A cell that a spreadsheet would calculate begins with an apostrophe.
#[must_use]
pub fn csv(lines: &[OutlineLine]) -> String {
    let mut out = String::from("\u{feff}Level,Kind,Title,Words,Status,Label,Synopsis\r\n");
    for line in lines {
        let words = line.words.map(|words| words.to_string()).unwrap_or_default();
        let level = (line.depth + 1).to_string();
        let cells =
            [&level, &line.kind, &line.title, &words, &line.status, &line.label, &line.synopsis];
        let cells: Vec<String> = cells.into_iter().map(|text| cell(text)).collect();
        let _ = write!(out, "{}\r\n", cells.join(","));
    }
    out
}

fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) || text != text.trim() {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// The outline as nested lines; what a text is about is its note.
#[must_use]
pub fn opml(title: &str, lines: &[OutlineLine]) -> String {
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head><title>{}</title></head>\n<body>\n",
        xml::text(title)
    );
    let mut open: Vec<usize> = Vec::new();
    for line in lines {
        while open.last().is_some_and(|depth| *depth >= line.depth) {
            out.push_str("</outline>\n");
            open.pop();
        }
        let name = if line.title.is_empty() { &line.kind } else { &line.title };
        let _ = write!(out, "<outline text=\"{}\"", xml::value(name));
        for (attribute, value) in [
            ("kind", line.kind.as_str()),
            ("status", &line.status),
            ("label", &line.label),
            ("_note", &line.synopsis),
        ] {
            if !value.is_empty() {
                let _ = write!(out, " {attribute}=\"{}\"", xml::value(value));
            }
        }
        if let Some(words) = line.words {
            let _ = write!(out, " words=\"{words}\"");
        }
        out.push_str(">\n");
        open.push(line.depth);
    }
    open.iter().for_each(|_| out.push_str("</outline>\n"));
    out.push_str("</body>\n</opml>\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<OutlineLine> {
        let line = |depth, title: &str, synopsis: &str| OutlineLine {
            depth,
            kind: "scene".to_owned(),
            title: title.to_owned(),
            synopsis: synopsis.to_owned(),
            ..OutlineLine::default()
        };
        vec![
            line(0, "One, or \"first\"", "=SUM(A1)"),
            line(1, "Rain & wind", "Two\nlines"),
            line(2, "", ""),
            line(0, "Two", ""),
        ]
    }

    #[test]
    fn a_table_keeps_commas_quotes_and_lines_and_calculates_nothing() {
        let table = csv(&lines());
        assert!(table.contains("\r\n1,scene,\"One, or \"\"first\"\"\",,,,'=SUM(A1)\r\n"));
        assert!(table.contains("\r\n2,scene,Rain & wind,,,,\"Two\nlines\"\r\n"));
    }

    #[test]
    fn an_outline_nests_as_the_novel_does() {
        let text = opml("A & B", &lines());
        assert_eq!(text.matches("<outline").count(), text.matches("</outline>").count());
        assert!(text.contains("<title>A &amp; B</title>"));
        assert!(text.contains("_note=\"Two&#10;lines\""));
        let two = text.find("text=\"Two\"").expect("it is there");
        let before = text.get(..two).expect("a prefix");
        assert_eq!(before.matches("<outline").count() - 1, before.matches("</outline>").count());
    }
}
