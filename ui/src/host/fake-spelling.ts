/** The invented spelling: a handful of slips that it knows, whatever the language, and the author's own words. */
import { failure } from "./fake-base";
import { FakeImages } from "./fake-images";
import type { Misspelling, SpellingFacts, SpellPiece } from "./host";

export class FakeSpelling extends FakeImages {
  /** What is misspelt, and what may have been meant. */
  slips = new Map<string, string[]>([
    ["teh", ["the", "ten", "tech"]],
    ["wich", ["which", "witch", "wick"]],
    ["recieve", ["receive", "relieve"]],
    ["seperate", ["separate", "desperate"]],
    ["lanturn", ["lantern", "lanterns", "return"]],
    ["bouy", ["buoy", "boy", "body"]],
    ["Zyx", []],
  ]);
  bundled = ["de", "en-GB", "en-US", "es", "fr"];
  brought: string[] = [];
  /** How many paragraphs were asked about. */
  judged = 0;
  readonly #words = new Map<string, Set<string>>();

  #wordsOf(novel: string): Set<string> {
    const words = this.#words.get(novel) ?? new Set();
    this.#words.set(novel, words);
    return words;
  }

  async misspelt(novel: string, paragraphs: SpellPiece[][]): Promise<Misspelling[][]> {
    this.mustBeOpen();
    this.judged += paragraphs.length;
    const own = this.#wordsOf(novel);
    return paragraphs.map((pieces) => {
      const text = pieces.map((piece) =>
        piece.language === null ? piece.text : " ".repeat(piece.text.length),
      );
      const words = text.join("").matchAll(/[\p{L}\p{M}’']+/gu);
      return [...words]
        .filter(([word]) => this.slips.has(word) && !own.has(word))
        .map((match) => ({ from: match.index, to: match.index + match[0].length }));
    });
  }

  async spellingSuggestions(_novel: string, _language: string | null, word: string): Promise<string[]> {
    return this.slips.get(word) ?? [];
  }

  async spelling(novel: string): Promise<SpellingFacts> {
    this.mustBeOpen();
    const language = this.novels.find((one) => one.card.id === novel)?.card.language ?? "en-GB";
    const main = language.split("-")[0];
    const dictionaries = [...new Set([...this.bundled, ...this.brought])].sort().map((tag) => ({
      language: tag,
      own: this.brought.includes(tag),
      used: tag === language || tag === main || (main === "en" && language === "en" && tag.startsWith("en")),
    }));
    return { language, words: [...this.#wordsOf(novel)].sort(), dictionaries };
  }

  async addOwnWord(novel: string, word: string): Promise<void> {
    if (/\s/.test(word))
      throw failure("other", "This is not one word, so it was not added; everything else is as it was.");
    this.#wordsOf(novel).add(word);
  }

  async removeOwnWord(novel: string, word: string): Promise<void> {
    this.#wordsOf(novel).delete(word);
  }

  async chooseDictionary(language: string): Promise<string | null> {
    this.brought = [...this.brought, language];
    return language;
  }

  async removeDictionary(language: string): Promise<void> {
    this.brought = this.brought.filter((one) => one !== language);
  }
}
