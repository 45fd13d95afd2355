//! The Emergency Kit as a page for the printer, made on this laptop.
//!
//! **Invariant:** the page loads nothing from anywhere and has no script in it: opening it in a browser tells nobody.

use zeroize::Zeroizing;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>Seshat Emergency Kit</title>
<style>
  @page { margin: 20mm }
  body { font: 12pt/1.5 Georgia, "Times New Roman", serif; color: #1c1a17; background: #fff; max-width: 34em;
         margin: 3em auto; padding: 0 1.5em }
  h1 { font-size: 20pt; font-weight: normal; letter-spacing: .02em; margin: 0 0 .2em }
  .rule { border: 0; border-top: 1.5pt solid #1c1a17; margin: .8em 0 1.4em }
  ol { columns: 3; column-gap: 2em; padding: 1.1em 1em 1.1em 2.6em; margin: 1.6em 0; border: 1pt solid #1c1a17 }
  li { font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 11pt; line-height: 2;
       break-inside: avoid }
  dl { display: grid; grid-template-columns: 9em 1fr; margin: 1.4em 0 }
  dt { color: #5b554c } dd { margin: 0; font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 11pt }
  .mind { font-weight: bold }
</style>
</head>
<body>
<h1>Seshat Emergency Kit</h1>
<hr class="rule">
<p>This page opens your novels when the password is forgotten or every laptop is lost. Nobody can do that without it:
not even the people who run the server.</p>
<p class="mind">Keep it where you keep your passport. Whoever holds this page can read everything you have written: do not
photograph it, and do not send it to anyone.</p>
"#;

const FOOT: &str = "<p>How to use it: start Seshat on any computer, choose to open your vault with the Emergency Kit, and type the
words in their order. Then choose a new password. Your text does not change, and the words stay valid.</p>
</body>
</html>
";

/// The page. `check` is the check line of the kit's text, so that a page typed in again can be verified.
pub(crate) fn page(
    email: Option<&str>,
    words: &[&str],
    code: Option<&str>,
    check: &str,
) -> Zeroizing<String> {
    let mut page = Zeroizing::new(String::with_capacity(8 * 1024));
    page.push_str(HEAD);
    page.push_str("<ol>\n");
    for word in words {
        page.push_str("<li>");
        push_escaped(&mut page, word);
        page.push_str("</li>\n");
    }
    page.push_str("</ol>\n<dl>\n");
    for (name, value) in [
        ("Account", email.unwrap_or("none yet")),
        ("Account code", code.unwrap_or("none")),
        ("Check", check),
    ] {
        page.push_str("<dt>");
        page.push_str(name);
        page.push_str("</dt><dd>");
        push_escaped(&mut page, value);
        page.push_str("</dd>\n");
    }
    page.push_str("</dl>\n");
    page.push_str(FOOT);
    page
}

fn push_escaped(page: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            other => page.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_word_and_loads_nothing() {
        let words: Vec<String> = (1..=24).map(|number| format!("word{number}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let made = page(Some("a<b>@example.org"), &words, Some("ABCD-1234"), "77AA-QQ12");
        assert!(words.iter().all(|word| made.contains(&format!("<li>{word}</li>"))));
        assert!(made.contains("ABCD-1234") && made.contains("77AA-QQ12"));
        assert!(made.contains("a&lt;b&gt;@example.org"), "an address is text");
        for loading in ["http:", "https:", "src=", "href=", "<script", "url(", "@import"] {
            assert!(!made.contains(loading), "{loading} is in the page");
        }
    }
}
