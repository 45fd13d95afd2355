import { describe, expect, test } from "vitest";
import { smarten } from "./typography";
import { conventionsFor } from "./typography-table";

/** What stands there after these keys, one by one. `·` is a narrow no-break space and `~` a no-break space. */
function typed(tag: string, keys: string): string {
  const language = conventionsFor(tag);
  let text = "";
  for (const key of keys) {
    const change = smarten(text, key, language);
    text += key;
    if (change) text = text.slice(0, change.from) + change.text + text.slice(change.to);
  }
  return text.replaceAll("\u202f", "·").replaceAll("\u00a0", "~");
}

/** Language, what is typed, what stands there. */
const ROWS: readonly [string, string, string][] = [
  ["en", `"Don't," he said, "call it 'art'."`, "“Don’t,” he said, “call it ‘art’.”"],
  ["en", `"'Yes,' she said," he said.`, "“‘Yes,’ she said,” he said."],
  ["en", `("so")`, "(“so”)"],
  ["en", `"But I--"`, "“But I—”"],
  ["en", `wait -- "now"`, "wait — “now”"],
  ["en", "the '90s and rock 'n' roll, 'tis, 'em.", "the ’90s and rock ’n’ roll, ’tis, ’em."],
  ["en", "the 1990's, James' and dogs' bones", "the 1990’s, James’ and dogs’ bones"],
  ["en", `6'2" tall`, "6′2″ tall"],
  ["en", `"I was 6"`, "“I was 6”"],
  ["en", "well... Well....", "well… Well…."],
  ["en", "a---b, 1914--18", "a—b, 1914–18"],
  ["en", "'Twas brillig", "’Twas brillig"],
  ["en", "'Em' he said", "‘Em’ he said"],
  ["en-GB", "wait -- 'now'", "wait – ‘now’"],
  ["en-AU", "wait -- then", "wait – then"],
  ["en-GB", "wait---then", "wait—then"],
  ["fr", `Il dit "bonjour"; l'été!`, "Il dit «·bonjour·»·; l’été·!"],
  ["fr", `Il dit : "Quoi ?"`, "Il dit~: «·Quoi·?·»"],
  ["fr", "Vraiment?! Oui: 12:30, http://x", "Vraiment·?! Oui~: 12:30, http://x"],
  ["fr", "« mot » et «mot»", "«·mot·» et «·mot·»"],
  ["fr", `le mot " clef " ici`, "le mot «·clef·» ici"],
  ["fr", "-- Viens, dit-il -- vite.", "— Viens, dit-il — vite."],
  ["fr", `Il dit 'oui' d'abord`, "Il dit “oui” d’abord"],
  ["fr", `"C'est l'été"`, "«·C’est l’été·»"],
  ["fr-CA", `Vraiment? "Oui": bon!`, "Vraiment? «~Oui~»~: bon!"],
  ["fr-CH", `Il dit "l'été 'beau'"!`, "Il dit «·l’été ‹beau›·»·!"],
  ["de", `"Ja", sagte er, "das ist 'gut'."`, "„Ja“, sagte er, „das ist ‚gut‘.“"],
  ["de", `Wie geht's? "'Wie geht's?'"`, "Wie geht’s? „‚Wie geht’s?‘“"],
  ["de", "Halt -- nein--", "Halt – nein–"],
  ["de-AT", `"Ja"`, "„Ja“"],
  ["de-CH", `"Ja" 'so'`, "«Ja» ‹so›"],
  ["es", `"Hola", dijo, 'bien'`, "«Hola», dijo, “bien”"],
  ["es", "Ven. Quién es? Nadie. Vete!", "Ven. ¿Quién es? Nadie. ¡Vete!"],
  ["es", "¿Quién es? ¡Vete!", "¿Quién es? ¡Vete!"],
  ["es", "Pero, quién es?", "Pero, quién es?"],
  ["es", "-- Quién?", "— ¿Quién?"],
  ["es-MX", `"Hola" 'bien'`, "“Hola” ‘bien’"],
  ["it", `"L'ho visto", disse -- "po'"`, "«L’ho visto», disse – «po’»"],
  ["pt-BR", `"Olá", 'bem' -- sim`, "“Olá”, ‘bem’ — sim"],
  ["pt-PT", `"Olá" 'bem'`, "«Olá» “bem”"],
  ["nl", `"Ja", 's avonds, zo'n 'ding' -- 't is`, "“Ja”, ’s avonds, zo’n ‘ding’ – ’t is"],
  ["sv", `"Ja", sa 'han' -- nej`, "”Ja”, sa ’han’ – nej"],
  ["fi", `"Kyllä" 'niin' vaa'an`, "”Kyllä” ’niin’ vaa’an"],
  ["da", `"Ja" 'så' -- nej`, "»Ja« ›så‹ – nej"],
  ["nb", `"Ja" 'så' -- nei`, "«Ja» ‘så’ – nei"],
  ["no", `"Ja"`, "«Ja»"],
  ["pl", `"Tak 'no' tak" -- nie`, "„Tak «no» tak” – nie"],
  ["pl", "-- Tak", "— Tak"],
  ["cs", `"Ano 'no'" -- ne`, "„Ano ‚no‘“ – ne"],
  ["ru", `"Да 'нет'" -- вот`, "«Да „нет“» — вот"],
  ["ru", "-- Да", "— Да"],
  ["el", `"Ναι" 'όχι'; ναι`, "«Ναι» “όχι”; ναι"],
  ["he", `"שלום" צה"ל ג'ירף`, "”שלום” צה״ל ג׳ירף"],
  ["ja", `"はい"と'いいえ'`, "「はい」と『いいえ』"],
  ["ja", `彼は"はい"と。don't`, "彼は「はい」と。don’t"],
  ["zh-TW", `他說"好"`, "他說「好」"],
  ["hu", `"Igen" -- nem`, "„Igen” – nem"],
  ["xx", `"so" -- 'so'`, "“so” — ‘so’"],
];

describe("a typed character becomes what the language writes", () => {
  test.each(ROWS)("%s: %s", (tag, keys, expected) => {
    expect(typed(tag, keys)).toBe(expected);
  });

  test("and no letter or digit is ever changed, added or lost", () => {
    const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, "");
    for (const [tag, keys] of ROWS) expect(letters(typed(tag, keys))).toBe(letters(keys));
  });
});
