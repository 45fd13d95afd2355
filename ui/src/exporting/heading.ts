/**
 * How a heading of a template will read: an example beside the field. The file's own headings are made by
 * `seshat-interchange/src/export/heading.rs`, which this follows for the numbers of the first chapters.
 */
const WORDS: Readonly<Record<string, string>> = {
  en: "One Two Three Four Five Six Seven Eight Nine Ten Eleven Twelve",
  de: "Eins Zwei Drei Vier Fünf Sechs Sieben Acht Neun Zehn Elf Zwölf",
  fr: "Un Deux Trois Quatre Cinq Six Sept Huit Neuf Dix Onze Douze",
  es: "Uno Dos Tres Cuatro Cinco Seis Siete Ocho Nueve Diez Once Doce",
  ja: "一 二 三 四 五 六 七 八 九 十 十一 十二",
  zh: "一 二 三 四 五 六 七 八 九 十 十一 十二",
};
const ROMAN = "I II III IV V VI VII VIII IX X XI XII".split(" ");
const DANGLING = /^[\s:\-–—,.·]+|[\s:\-–—,.·]+$/gu;

/** Every sign that a template may hold. */
export const SIGNS = ["#t", "#d", "#w", "#W", "#R", "#r"] as const;
export type Sign = (typeof SIGNS)[number];

/** The heading that `template` makes of a number from 1 to 12 and a title. */
export function heading(template: string, number: number, title: string, language: string): string {
  const made = template
    .replace(/#([tdwWrR#])/g, (_, sign: string) => (sign === "#" ? "#" : says(sign, number, title, language)))
    .trim();
  return title === "" && template.includes("#t") ? made.replace(DANGLING, "") : made;
}

function says(sign: string, number: number, title: string, language: string): string {
  if (sign === "t") return title;
  const figures = String(number);
  if (sign === "d") return figures;
  const roman = ROMAN[number - 1] ?? figures;
  if (sign === "R") return roman;
  if (sign === "r") return roman.toLowerCase();
  const words = WORDS[language.split("-")[0]?.toLowerCase() ?? ""]?.split(" ")[number - 1] ?? figures;
  return sign === "W" ? words.toLocaleUpperCase(language) : words;
}
