/**
 * The sentences of the program behind the window, in the window's language. The program speaks English (in a terminal and
 * in a log too), and names no keys: a sentence is its own name. One that is not known here is said as it came.
 */
import { language } from "./i18n.svelte";
import { coreFr } from "./messages/core-fr";
import { exportsFr } from "./messages/core-fr-export";
import { importsFr, lossSentencesFr, piecesFr } from "./messages/core-fr-import";

type Known = { beginning: string; sounds: RegExp; names: string[]; told: string };
let known: readonly Known[] | null = null;
let pieces: readonly Known[] | null = null;

/** The scenes that wait, which begin several sentences. */
const WAITING: readonly [RegExp, (n: string) => string][] = [
  [/^The outline waits$/, () => "Le plan attend"],
  [/^1 scene waits$/, () => "1 scène attend"],
  [/^(\d+) scenes wait$/, (n) => `${n} scènes attendent`],
];

/** Places that hold words of the program's own. */
const PIECES = [
  "refusal",
  "advice",
  "what",
  "part",
  "version",
  "reason",
  "pictures",
  "comments",
  "texts",
  "items",
];

export function told(sentence: string): string {
  if (language.locale !== "fr" || language.override !== null) return sentence;
  known ??= [...coreFr, ...exportsFr, ...importsFr, ...lossSentencesFr].map(([said, told]) =>
    prepare(said, told),
  );
  return among(known, sentence) ?? sentence;
}

function among(all: readonly Known[], sentence: string): string | null {
  for (const { beginning, sounds, names, told } of all) {
    if (!sentence.startsWith(beginning)) continue;
    const found = sounds.exec(sentence);
    if (!found) continue;
    const values = new Map(names.map((name, at) => [name, found[at + 1] ?? ""]));
    return told.replace(/\{(\w+)\}/g, (_, name: string) => inner(name, values.get(name) ?? ""));
  }
  return null;
}

export const toldOrNull = (sentence: string | null): string | null =>
  sentence === null ? null : told(sentence);

function prepare(said: string, told: string): Known {
  const parts = said.split(/\{\w+\}/);
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const names = [...said.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  return { beginning: parts[0] ?? "", sounds: new RegExp(`^${escaped.join("(.*?)")}$`), names, told };
}

function inner(name: string, value: string): string {
  if (PIECES.includes(name)) {
    pieces ??= piecesFr.map(([said, told]) => prepare(said, told));
    return among(pieces, value) ?? value;
  }
  if (name !== "scenes") return value;
  for (const [sounds, say] of WAITING) {
    const found = sounds.exec(value);
    if (found) return say(found[1] ?? "");
  }
  return value;
}
