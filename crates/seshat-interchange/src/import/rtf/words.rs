//! What each control word means.

use super::encoding::Coding;
use super::reader::Reader;
use super::state::{Dest, Held, Layout};
use crate::flow::{Align, Break, Inline};

/// A twip number or level that cannot be in the format is as good as none.
fn small(number: Option<i32>) -> u8 {
    number.and_then(|number| u8::try_from(number).ok()).unwrap_or(0)
}

impl Reader {
    /// A control symbol.
    pub(super) fn symbol(&mut self, symbol: u8) {
        match symbol {
            b'*' => {
                self.starred = true;
                return;
            }
            b'~' => self.say("\u{a0}"),
            b'_' => self.say("\u{2011}"),
            b'-' => self.say("\u{ad}"),
            b'\n' => self.break_paragraph(),
            b'\t' => self.say("\t"),
            b'{' | b'}' | b'\\' => self.say(char::from(symbol).encode_utf8(&mut [0; 4])),
            _ => {}
        }
        self.starred = false;
    }

    /// A control word.
    pub(super) fn word(&mut self, name: &str, number: Option<i32>) {
        let starred = std::mem::take(&mut self.starred);
        let on = number != Some(0);
        let known = match self.state.dest {
            Dest::Fonts => return self.font_word(name, number, starred),
            Dest::Styles => return self.style_word(name, number, starred),
            _ => {
                self.destination(name)
                    || self.character(name, number)
                    || self.look(name, number, on)
                    || self.layout(name, number)
                    || self.document(name, number)
            }
        };
        if starred && !known {
            self.state.dest = Dest::Skip;
        }
    }

    fn font_word(&mut self, name: &str, number: Option<i32>, starred: bool) {
        match name {
            "f" => self.font.number = number.unwrap_or(0),
            "fcharset" => self.font.charset = number,
            _ if starred || name == "fontemb" => self.state.dest = Dest::Skip,
            _ => {}
        }
    }

    fn style_word(&mut self, name: &str, number: Option<i32>, starred: bool) {
        match name {
            "s" => self.style.0 = number,
            "outlinelevel" => self.style.1.outline = number.map(|n| small(Some(n))),
            "qc" => self.style.1.align = Some(Align::Center),
            "qj" => self.style.1.align = Some(Align::Justify),
            "qr" => self.style.1.align = Some(Align::Right),
            _ if starred => self.state.dest = Dest::Skip,
            _ => {}
        }
    }

    /// Words that say where the rest of their group goes.
    fn destination(&mut self, name: &str) -> bool {
        let dest = match name {
            "fonttbl" => Dest::Fonts,
            "stylesheet" => Dest::Styles,
            "info" | "sp" => Dest::Silent,
            "title" => return self.hold_if(Dest::Silent, Held::Title),
            "author" => return self.hold_if(Dest::Silent, Held::Author),
            "sn" => return self.hold_if(Dest::Silent, Held::PropertyName),
            "sv" => return self.hold_if(Dest::Silent, Held::PropertyValue),
            "footnote" => Dest::Note,
            "annotation" => Dest::Comment,
            "shptxt" | "dptxbxtext" => Dest::TextBox,
            "shp" | "do" => Dest::Shape,
            "field" => Dest::Field,
            "pict" => Dest::Picture,
            "fldinst" => return self.held(Held::Instruction),
            "atnauthor" => return self.held(Held::CommentAuthor),
            "atrfstart" => return self.held(Held::CommentFrom),
            "atrfend" => return self.held(Held::CommentTo),
            "atnref" => return self.held(Held::CommentRef),
            "atndate" => return self.held(Held::CommentDate),
            "listtext" | "pntext" => return self.held(Held::Label),
            "header" | "headerl" | "headerr" | "headerf" | "footer" | "footerl" | "footerr"
            | "footerf" => return self.held(Held::Header),
            "fldrslt" => {
                self.result();
                return true;
            }
            "upr" => {
                self.state.outer = self.state.dest;
                self.state.dest = Dest::Silent;
                return true;
            }
            "ud" => {
                self.state.dest = self.state.outer;
                return true;
            }
            // What stands in them is text or image of the place where they stand.
            "shpinst" | "shppict" | "picprop" | "shpgrp" | "object" | "result" => return true,
            "colortbl" | "listtable" | "listoverridetable" | "revtbl" | "rsidtbl" | "pgptbl"
            | "filetbl" | "nonshppict" | "shprslt" | "objdata" | "objclass" | "themedata"
            | "datastore" | "xmlnstbl" | "mmathPr" | "latentstyles" | "generator" | "ftnsep"
            | "ftnsepc" | "ftncn" | "aftnsep" | "aftnsepc" | "aftncn" | "atnid" | "atnicn"
            | "atnparent" | "atntime" | "bkmkstart" | "bkmkend" | "pnseclvl" | "pn" | "xe"
            | "tc" | "NeXTGraphic" | "blipuid" | "datafield" | "formfield" => Dest::Skip,
            _ => return false,
        };
        match dest {
            Dest::Skip | Dest::Silent => self.state.dest = dest,
            _ => self.begin(dest),
        }
        true
    }

    fn held(&mut self, held: Held) -> bool {
        self.hold(held);
        true
    }

    /// Words that are a destination only inside of another one.
    fn hold_if(&mut self, inside: Dest, held: Held) -> bool {
        let fits = self.state.dest == inside;
        if fits {
            self.hold(held);
        }
        fits
    }

    /// Words that stand for characters.
    fn character(&mut self, name: &str, number: Option<i32>) -> bool {
        let text = match name {
            "u" => {
                self.unicode(number.unwrap_or(0xfffd));
                return true;
            }
            "tab" => "\t",
            "emdash" => "—",
            "endash" => "–",
            "emspace" => "\u{2003}",
            "enspace" => "\u{2002}",
            "qmspace" => "\u{2005}",
            "bullet" => "•",
            "lquote" => "‘",
            "rquote" => "’",
            "ldblquote" => "“",
            "rdblquote" => "”",
            "zwbo" => "\u{200b}",
            "zwnbo" => "\u{2060}",
            "zwj" => "\u{200d}",
            "zwnj" => "\u{200c}",
            "ltrmark" => "\u{200e}",
            "rtlmark" => "\u{200f}",
            "line" | "lbr" => {
                self.line_break();
                return true;
            }
            "par" => {
                self.break_paragraph();
                return true;
            }
            "cell" | "nestcell" | "row" | "nestrow" => {
                self.cell(name.ends_with("row"));
                return true;
            }
            "page" => {
                self.break_page(Break::Page);
                return true;
            }
            "sect" => {
                self.break_page(Break::Section);
                return true;
            }
            _ => return false,
        };
        self.say(text);
        true
    }

    fn in_body(&self) -> bool {
        matches!(self.state.dest, Dest::Body | Dest::Note | Dest::Comment | Dest::TextBox)
    }

    fn line_break(&mut self) {
        if self.in_body() && !self.state.look.deleted {
            self.push(Inline::Break);
        } else {
            self.say("\n");
        }
    }

    fn break_paragraph(&mut self) {
        if !self.in_body() {
            self.say("\n");
        } else if !self.state.look.deleted {
            // A deleted paragraph mark joins two paragraphs.
            self.paragraph();
        }
    }

    fn break_page(&mut self, what: Break) {
        if self.in_body() {
            self.page_break(what);
        }
    }

    fn cell(&mut self, is_row: bool) {
        if !self.in_body() {
            return;
        }
        if !is_row {
            self.state.layout.in_table = true;
            self.paragraph();
        }
        let Some(sink) = self.sinks.last_mut() else { return };
        if is_row {
            sink.row += 1;
            sink.column = 0;
        } else {
            sink.column += 1;
        }
    }

    /// Words about characters.
    fn look(&mut self, name: &str, number: Option<i32>, on: bool) -> bool {
        let plain = || self.state.look.plain(self.default_font, self.default_language);
        match name {
            "plain" => {
                self.state.look = plain();
                return true;
            }
            "lang" => {
                self.state.look.language = number;
                return true;
            }
            "uc" => {
                self.state.fallback = small(number);
                return true;
            }
            _ => {}
        }
        let look = &mut self.state.look;
        match name {
            "i" => look.emphasis = on,
            "b" => look.strong = on,
            "ai" => look.complex_emphasis = on,
            "ab" => look.complex_strong = on,
            "ulnone" => look.underline = false,
            "ul" | "uld" | "uldb" | "ulth" | "ulw" | "ulwave" | "uldash" | "uldashd"
            | "uldashdd" | "ulhwave" | "ulldash" | "ulthd" | "ulthdash" | "ululdbwave" => {
                look.underline = on
            }
            "strike" | "striked" => look.strike = on,
            "scaps" => look.smallcaps = on,
            "super" => (look.superscript, look.subscript) = (on, false),
            "sub" => (look.subscript, look.superscript) = (on, false),
            "nosupersub" => (look.superscript, look.subscript) = (false, false),
            "up" => look.superscript = number.unwrap_or(6) > 0,
            "dn" => look.subscript = number.unwrap_or(6) > 0,
            "v" => look.hidden = on,
            "deleted" => look.deleted = on,
            "revised" => look.inserted = on,
            "highlight" | "chcbpat" | "cb" => look.highlight = number.unwrap_or(0) > 0,
            "f" => look.font = number.unwrap_or(0),
            "af" => look.complex_font = number.unwrap_or(0),
            "fs" => look.size = number.unwrap_or(24),
            "cf" => look.colour = number.unwrap_or(0),
            "rtlch" => look.complex = true,
            "ltrch" => look.complex = false,
            _ => return false,
        }
        true
    }

    /// Words about paragraphs.
    fn layout(&mut self, name: &str, number: Option<i32>) -> bool {
        let layout = &mut self.state.layout;
        match name {
            "pard" => *layout = Layout::default(),
            "s" => layout.style = number.unwrap_or(0),
            "qc" => layout.align = Some(Align::Center),
            "qj" | "qd" => layout.align = Some(Align::Justify),
            "qr" => layout.align = (!layout.right_to_left).then_some(Align::Right),
            "ql" => layout.align = layout.right_to_left.then_some(Align::Left),
            "rtlpar" => {
                layout.right_to_left = true;
                layout.align = layout.align.filter(|align| *align != Align::Right);
            }
            "ltrpar" => layout.right_to_left = false,
            "outlinelevel" => layout.outline = number.map(|number| small(Some(number))),
            "li" => layout.left = number.unwrap_or(0),
            "ri" => layout.right = number.unwrap_or(0),
            "ls" => layout.list = number.unwrap_or(0),
            "ilvl" => layout.list_level = small(number),
            "intbl" => layout.in_table = true,
            "pagebb" => layout.page_before = number != Some(0),
            _ => return false,
        }
        true
    }

    /// Words about the document.
    fn document(&mut self, name: &str, number: Option<i32>) -> bool {
        match name {
            "ansicpg" => self.page = Coding::of_page(number.unwrap_or(1252)),
            "mac" => self.page = Coding::of_page(10000),
            "pc" => self.page = Coding::of_page(437),
            "pca" => self.page = Coding::of_page(850),
            "deff" => {
                self.default_font = number.unwrap_or(0);
                self.state.look.font = self.default_font;
                self.state.look.complex_font = self.default_font;
            }
            "deflang" => self.default_language = number,
            _ => return false,
        }
        true
    }
}
