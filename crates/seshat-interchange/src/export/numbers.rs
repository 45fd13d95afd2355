//! Numbers of chapters in words, where the language's words are known.

/// The number in words of the language (a BCP 47 tag), beginning with a capital; in digits from 1000 on and in
/// languages whose words we do not know.
pub(super) fn words(number: usize, language: &str) -> String {
    if !(1..1000).contains(&number) {
        return number.to_string();
    }
    let primary = language.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let words = match primary.as_str() {
        "en" => english(number),
        "de" => german(number),
        "fr" => french(number),
        "es" => spanish(number),
        "ja" | "zh" => return chinese(number),
        _ => return number.to_string(),
    };
    capital(&words)
}

fn capital(words: &str) -> String {
    let mut rest = words.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

fn pick(list: &'static str, at: usize) -> &'static str {
    list.split(' ').nth(at).unwrap_or_default()
}

fn english(number: usize) -> String {
    const SMALL: &str = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen";
    const TENS: &str = "- - twenty thirty forty fifty sixty seventy eighty ninety";
    match number {
        0..20 => pick(SMALL, number).to_owned(),
        20..100 => joined(pick(TENS, number / 10), "-", number % 10, english),
        _ => joined(&format!("{} hundred", english(number / 100)), " and ", number % 100, english),
    }
}

/// `head` alone, or with the rest behind it.
fn joined(head: &str, by: &str, rest: usize, say: fn(usize) -> String) -> String {
    if rest == 0 { head.to_owned() } else { format!("{head}{by}{}", say(rest)) }
}

fn german(number: usize) -> String {
    const SMALL: &str = "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn";
    const TENS: &str = "- - zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig";
    let before = |digit: usize| if digit == 1 { "ein".to_owned() } else { german(digit) };
    match number {
        0..20 => pick(SMALL, number).to_owned(),
        20..100 => {
            let tens = pick(TENS, number / 10);
            let ones = number % 10;
            if ones == 0 { tens.to_owned() } else { format!("{}und{tens}", before(ones)) }
        }
        _ => joined(&format!("{}hundert", before(number / 100)), "", number % 100, german),
    }
}

fn french(number: usize) -> String {
    const SMALL: &str = "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf";
    const TENS: &str =
        "- - vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt";
    match number {
        0..20 => pick(SMALL, number).to_owned(),
        80 => "quatre-vingts".to_owned(),
        20..100 => {
            let ten = number / 10;
            let rest = if ten == 7 || ten == 9 { number % 20 } else { number % 10 };
            let and = matches!(rest, 1 | 11) && number < 80;
            joined(pick(TENS, ten), if and { " et " } else { "-" }, rest, french)
        }
        _ => {
            let hundreds = number / 100;
            let plural = if number.is_multiple_of(100) { "s" } else { "" };
            let head = match hundreds {
                1 => "cent".to_owned(),
                _ => format!("{} cent{plural}", french(hundreds)),
            };
            joined(&head, " ", number % 100, french)
        }
    }
}

fn spanish(number: usize) -> String {
    const SMALL: &str = "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve";
    const TENS: &str = "- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa";
    const HUNDREDS: &str = "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos";
    match number {
        0..30 => pick(SMALL, number).to_owned(),
        30..100 => joined(pick(TENS, number / 10), " y ", number % 10, spanish),
        100 => "cien".to_owned(),
        _ => joined(pick(HUNDREDS, number / 100), " ", number % 100, spanish),
    }
}

/// As Japanese and Chinese books number chapters: 一, 十, 二十三, 百五.
fn chinese(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let mut text = String::new();
    let mut push = |digit: usize, unit: &str| match digit {
        0 => {}
        1 if !unit.is_empty() => text.push_str(unit),
        _ => {
            text.push_str(DIGITS.get(digit).copied().unwrap_or_default());
            text.push_str(unit);
        }
    };
    push(number / 100, "百");
    push(number / 10 % 10, "十");
    push(number % 10, "");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_as_their_language_says_them() {
        let cases = [
            ("en", 21, "Twenty-one"),
            ("en-GB", 118, "One hundred and eighteen"),
            ("de", 1, "Eins"),
            ("de", 21, "Einundzwanzig"),
            ("de", 101, "Einhunderteins"),
            ("fr", 21, "Vingt et un"),
            ("fr", 71, "Soixante et onze"),
            ("fr", 80, "Quatre-vingts"),
            ("fr", 81, "Quatre-vingt-un"),
            ("fr", 99, "Quatre-vingt-dix-neuf"),
            ("fr", 200, "Deux cents"),
            ("es", 22, "Veintidós"),
            ("es", 31, "Treinta y uno"),
            ("es", 100, "Cien"),
            ("ja", 10, "十"),
            ("ja", 23, "二十三"),
            ("he", 7, "7"),
            ("en", 1000, "1000"),
        ];
        for (language, number, said) in cases {
            assert_eq!(words(number, language), said, "{number} in {language}");
        }
    }
}
