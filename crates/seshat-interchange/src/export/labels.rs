//! The few words that an export adds of its own, in the novel's language.

use super::Role;

/// Words that stand in exports and that no author wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels {
    /// The list of contents.
    pub contents: &'static str,
    /// The notes behind a chapter.
    pub notes: &'static str,
    /// The picture in front.
    pub cover: &'static str,
    /// The page with the title.
    pub title_page: &'static str,
    /// The page of rights.
    pub copyright: &'static str,
    /// The dedication.
    pub dedication: &'static str,
    /// The motto.
    pub epigraph: &'static str,
    /// What somebody else says first.
    pub foreword: &'static str,
    /// What the author says first.
    pub preface: &'static str,
    /// A part, before its number.
    pub part: &'static str,
    /// A chapter, before its number.
    pub chapter: &'static str,
    /// What is said behind the text.
    pub afterword: &'static str,
    /// Thanks.
    pub acknowledgements: &'static str,
    /// About the author.
    pub about_author: &'static str,
    /// Other books.
    pub also_by: &'static str,
    /// "by", before the author's name on a manuscript.
    pub by: &'static str,
    /// The link from a note back to the text.
    pub back: &'static str,
    /// How long a manuscript is; `#` stands for the number.
    pub about_words: &'static str,
    /// What parts thousands in a number.
    pub thousands: &'static str,
    /// Behind a manuscript's last line.
    pub end: &'static str,
}

impl Labels {
    /// The words of a language (a BCP 47 tag); English where we do not know them.
    #[must_use]
    pub fn of(language: &str) -> &'static Self {
        let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
        match primary.as_str() {
            "de" => &GERMAN,
            "fr" => &FRENCH,
            "es" => &SPANISH,
            "it" => &ITALIAN,
            "ru" => &RUSSIAN,
            "he" => &HEBREW,
            "ja" => &JAPANESE,
            _ => &ENGLISH,
        }
    }

    /// What a section of this role is called.
    #[must_use]
    pub fn role(&self, role: Role) -> &'static str {
        match role {
            Role::TitlePage => self.title_page,
            Role::Copyright => self.copyright,
            Role::Dedication => self.dedication,
            Role::Epigraph => self.epigraph,
            Role::Foreword => self.foreword,
            Role::Preface => self.preface,
            Role::Part => self.part,
            Role::Chapter => self.chapter,
            Role::Afterword => self.afterword,
            Role::Acknowledgements => self.acknowledgements,
            Role::AboutAuthor => self.about_author,
            Role::AlsoBy => self.also_by,
        }
    }
}

static ENGLISH: Labels = Labels {
    contents: "Contents",
    notes: "Notes",
    cover: "Cover",
    title_page: "Title Page",
    copyright: "Copyright",
    dedication: "Dedication",
    epigraph: "Epigraph",
    foreword: "Foreword",
    preface: "Preface",
    part: "Part",
    chapter: "Chapter",
    afterword: "Afterword",
    acknowledgements: "Acknowledgements",
    about_author: "About the Author",
    also_by: "Also by the Author",
    by: "by",
    back: "Back to the text",
    about_words: "about # words",
    thousands: ",",
    end: "END",
};

static GERMAN: Labels = Labels {
    contents: "Inhalt",
    notes: "Anmerkungen",
    cover: "Umschlag",
    title_page: "Titel",
    copyright: "Impressum",
    dedication: "Widmung",
    epigraph: "Motto",
    foreword: "Geleitwort",
    preface: "Vorwort",
    part: "Teil",
    chapter: "Kapitel",
    afterword: "Nachwort",
    acknowledgements: "Danksagung",
    about_author: "Über die Autorin oder den Autor",
    also_by: "Weitere Bücher",
    by: "von",
    back: "Zurück zum Text",
    about_words: "etwa # Wörter",
    thousands: ".",
    end: "ENDE",
};

static FRENCH: Labels = Labels {
    contents: "Table des matières",
    notes: "Notes",
    cover: "Couverture",
    title_page: "Page de titre",
    copyright: "Copyright",
    dedication: "Dédicace",
    epigraph: "Épigraphe",
    foreword: "Avant-propos",
    preface: "Préface",
    part: "Partie",
    chapter: "Chapitre",
    afterword: "Postface",
    acknowledgements: "Remerciements",
    about_author: "À propos de l’auteur",
    also_by: "Autres livres",
    by: "par",
    back: "Retour au texte",
    about_words: "environ # mots",
    thousands: "\u{a0}",
    end: "FIN",
};

static SPANISH: Labels = Labels {
    contents: "Índice",
    notes: "Notas",
    cover: "Cubierta",
    title_page: "Portada",
    copyright: "Derechos",
    dedication: "Dedicatoria",
    epigraph: "Epígrafe",
    foreword: "Presentación",
    preface: "Prefacio",
    part: "Parte",
    chapter: "Capítulo",
    afterword: "Epílogo",
    acknowledgements: "Agradecimientos",
    about_author: "Sobre el autor",
    also_by: "Otros libros",
    by: "por",
    back: "Volver al texto",
    about_words: "unas # palabras",
    thousands: ".",
    end: "FIN",
};

static ITALIAN: Labels = Labels {
    contents: "Indice",
    notes: "Note",
    cover: "Copertina",
    title_page: "Frontespizio",
    copyright: "Copyright",
    dedication: "Dedica",
    epigraph: "Epigrafe",
    foreword: "Presentazione",
    preface: "Prefazione",
    part: "Parte",
    chapter: "Capitolo",
    afterword: "Postfazione",
    acknowledgements: "Ringraziamenti",
    about_author: "L’autore",
    also_by: "Altri libri",
    by: "di",
    back: "Torna al testo",
    about_words: "circa # parole",
    thousands: ".",
    end: "FINE",
};

static RUSSIAN: Labels = Labels {
    contents: "Содержание",
    notes: "Примечания",
    cover: "Обложка",
    title_page: "Титульный лист",
    copyright: "Выходные данные",
    dedication: "Посвящение",
    epigraph: "Эпиграф",
    foreword: "Вступительное слово",
    preface: "Предисловие",
    part: "Часть",
    chapter: "Глава",
    afterword: "Послесловие",
    acknowledgements: "Благодарности",
    about_author: "Об авторе",
    also_by: "Другие книги автора",
    by: "—",
    back: "Назад к тексту",
    about_words: "около # слов",
    thousands: "\u{a0}",
    end: "КОНЕЦ",
};

static HEBREW: Labels = Labels {
    contents: "תוכן העניינים",
    notes: "הערות",
    cover: "כריכה",
    title_page: "שער",
    copyright: "זכויות יוצרים",
    dedication: "הקדשה",
    epigraph: "מוטו",
    foreword: "הקדמה",
    preface: "פתח דבר",
    part: "חלק",
    chapter: "פרק",
    afterword: "אחרית דבר",
    acknowledgements: "תודות",
    about_author: "על המחבר",
    also_by: "ספרים נוספים",
    by: "מאת",
    back: "חזרה לטקסט",
    about_words: "כ־# מילים",
    thousands: ",",
    end: "סוף",
};

static JAPANESE: Labels = Labels {
    contents: "目次",
    notes: "注",
    cover: "表紙",
    title_page: "扉",
    copyright: "奥付",
    dedication: "献辞",
    epigraph: "題辞",
    foreword: "序文",
    preface: "はじめに",
    part: "部",
    chapter: "章",
    afterword: "あとがき",
    acknowledgements: "謝辞",
    about_author: "著者について",
    also_by: "著者の他の本",
    by: "著",
    back: "本文に戻る",
    about_words: "約#語",
    thousands: ",",
    end: "了",
};
