//! Web pages: the whole book in one file that needs no other one, or a folder with a page for each section.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::edition::{Edition, Place};
use super::epub::contents;
use super::picture::Pictures;
use super::xhtml::{Page, Writer};
use super::{Contents, css, xml};

/// Only on the screen: a page is no wider than what is read easily.
const SCREEN: &str = "@media screen { body { max-width: 36em; margin: 0 auto; padding: 1em; } }\n";

/// The whole book as one page, its pictures inside it.
pub(super) fn one_page(edition: &Edition<'_>) -> String {
    let mut pictures = Pictures::new(edition.images);
    let mut body = String::new();
    let nav = nav(edition, |id| format!("#{id}"));
    let mut nav_due = edition.options.contents == Contents::Before;
    for section in &edition.sections {
        if nav_due && section.place != Place::Front {
            body.push_str(&nav);
            nav_due = false;
        }
        body.push_str(&Writer::new(edition, &mut pictures, Page::Web, "").section(section));
    }
    if edition.options.contents == Contents::After {
        body.push_str(&nav);
    }
    for (name, picture) in pictures.used() {
        let data =
            format!("src=\"data:{};base64,{}\"", picture.media, STANDARD.encode(picture.bytes));
        body = body.replace(&format!("src=\"{name}\""), &data);
    }
    let style = format!("<style>\n{}{SCREEN}</style>\n", css::sheet(edition));
    page(edition, &edition.title, &style, &body)
}

/// `index.html`, a page for each section, `style.css` and the pictures.
pub(super) fn pages(edition: &Edition<'_>) -> Vec<(String, Vec<u8>)> {
    const STYLE: &str = "<link rel=\"stylesheet\" href=\"style.css\">\n";
    let mut pictures = Pictures::new(edition.images);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut index = String::new();
    let others: Vec<_> =
        edition.sections.iter().filter(|section| section.place == Place::Body).collect();
    for section in &edition.sections {
        let text = Writer::new(edition, &mut pictures, Page::Web, "images/").section(section);
        if section.place != Place::Body {
            index.push_str(&text);
            continue;
        }
        let at = others.iter().position(|other| other.id == section.id).unwrap_or(0);
        let mut body = text;
        body.push_str("<nav class=\"pages\">\n<p>");
        for (rel, other) in [("prev", at.checked_sub(1)), ("next", Some(at + 1))] {
            if let Some(other) = other.and_then(|at| others.get(at)) {
                let (id, label) = (&other.id, xml::text(&other.label));
                let _ = write!(body, "<a rel=\"{rel}\" href=\"{id}.html\">{label}</a> ");
            }
        }
        let _ = writeln!(
            body,
            "<a href=\"index.html\">{}</a></p>\n</nav>",
            xml::text(edition.labels.contents)
        );
        let page = page(edition, &section.label, STYLE, &body);
        files.push((format!("{}.html", section.id), page.into_bytes()));
    }
    index.push_str(&nav(edition, |id| {
        let own = others.iter().any(|other| other.id == id);
        if own { format!("{id}.html") } else { format!("#{id}") }
    }));
    files
        .push(("index.html".to_owned(), page(edition, &edition.title, STYLE, &index).into_bytes()));
    let style = format!("{}{SCREEN}", css::sheet(edition));
    files.push(("style.css".to_owned(), style.into_bytes()));
    let used = pictures.used();
    files.extend(used.map(|(name, picture)| (format!("images/{name}"), picture.bytes.to_vec())));
    files
}

fn nav(edition: &Edition<'_>, address: impl Fn(&str) -> String) -> String {
    let label = xml::text(edition.labels.contents);
    let mut out =
        String::from("<nav id=\"contents\" role=\"doc-toc\" aria-labelledby=\"contents-title\">\n");
    let _ = writeln!(out, "<h2 id=\"contents-title\">{label}</h2>");
    contents(edition, address, &mut out);
    out.push_str("</nav>\n");
    out
}

fn page(edition: &Edition<'_>, title: &str, style: &str, body: &str) -> String {
    let language = xml::language(&edition.language);
    let language = language.map(|tag| format!(" lang=\"{tag}\"")).unwrap_or_default();
    let direction = if edition.is_right_to_left() { " dir=\"rtl\"" } else { "" };
    let mut head = format!("<title>{}</title>\n", xml::text(title));
    if !edition.author.is_empty() {
        let _ =
            writeln!(head, "<meta name=\"author\" content=\"{}\">", xml::value(&edition.author));
    }
    format!(
        "<!DOCTYPE html>\n<html{language}{direction}>\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n{head}{style}</head>\n<body>\n{body}</body>\n</html>\n"
    )
}
