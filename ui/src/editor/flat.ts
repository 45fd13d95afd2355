/**
 * The flat text as a row of cells, one for each UTF-16 unit: what the binding compares.
 *
 * **Invariant:** the number of cells of a document is the length of its flat text, because every paragraph is one
 * newline and every atom one object-replacement character.
 */
import type { Run } from "../host/host";
import type { Attributes } from "./schema";

export const ATOM = "\ufffc";

/** A stretch of the flat text, in UTF-16 units. */
export type Stretch = { from: number; to: number };

export type Cell = { unit: string; attributes: Attributes };

/** Cells of a text under the same attributes. */
export function cellsOf(text: string, attributes: Attributes): Cell[] {
  return text.split("").map((unit) => ({ unit, attributes }));
}

/** Neighbours with the same attributes as one run; a newline and an atom are always runs of their own. */
export function runsOf(cells: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  for (const { unit, attributes } of cells) {
    const last = runs.at(-1);
    const joins = last && !alone(unit) && !alone(last.text) && sameAttributes(last.attributes, attributes);
    if (joins) last.text += unit;
    else runs.push({ text: unit, attributes });
  }
  return runs;
}

/** A newline's attributes are its paragraph's and an atom's are what it is: neither shares an operation. */
export const alone = (text: string): boolean => text === "\n" || text === ATOM;

export function sameAttributes(a: Attributes, b: Attributes): boolean {
  if (a === b) return true;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => key in b && sameValue(a[key], b[key]));
}

/** Equality of JSON values; objects whatever the order of their keys. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, index) => sameValue(item, b[index]));
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return false;
  return sameAttributes(a as Attributes, b as Attributes);
}

/** Whether the two cells are the same thing in the text, whatever their marks: an atom is what it holds. */
export function sameThing(a: Cell, b: Cell): boolean {
  if (a.unit !== b.unit) return false;
  return a.unit !== ATOM || sameValue(a.attributes.atom, b.attributes.atom);
}

export const isHigh = (unit: string | undefined): boolean =>
  unit !== undefined && /[\ud800-\udbff]/.test(unit);
export const isLow = (unit: string | undefined): boolean =>
  unit !== undefined && /[\udc00-\udfff]/.test(unit);
