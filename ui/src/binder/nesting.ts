/**
 * What may stand in what, and where something that is dragged would come to stand.
 *
 * **Invariant:** no place is named that the novel would refuse: nothing goes into itself, a scene stands in a chapter,
 * notes stay beside the manuscript.
 */
import type { NodeKind, OutlineNode } from "../host/host";
import type { Row } from "./binder.svelte";

/** `null` is the top of the manuscript, or of the notes. */
export function fitsIn(kind: NodeKind, holder: NodeKind | null): boolean {
  switch (kind) {
    case "part":
      return holder === null;
    case "chapter":
      return holder === null || holder === "part";
    case "scene":
      return holder === "chapter";
    case "note":
    case "folder":
      return holder === null || holder === "folder";
    default:
      return false;
  }
}

export const isNote = (kind: NodeKind) => kind === "note" || kind === "folder";

/** A place among the children of `parent`: behind `after`, or first. `mark` is where the line is drawn for it. */
export type Spot = { parent: string | null; after: string | null };
export type Drop = Spot & { mark: { row: string; edge: "before" | "after" | "into"; level: number } };

/** What is dragged, what it is dragged over, and how far down in that row, 0 to 1. */
export type Over = { dragged: readonly Row[]; row: Row; down: number };

/** Where it would come to stand; `null` where it may not. `rows` are the visible ones of that list, from the top. */
export function dropAt({ dragged, row, down }: Over, rows: readonly Row[]): Drop | null {
  const line = lineOf(row, rows);
  const moved = new Set(dragged.map(({ node }) => node.id));
  if (dragged.length === 0 || line.some(({ node }) => moved.has(node.id))) return null;
  const list = isNote(row.node.kind);
  if (dragged.some(({ node }) => isNote(node.kind) !== list)) return null;
  const fits = (holder: OutlineNode | null) =>
    dragged.every(({ node }) => fitsIn(node.kind, holder?.kind ?? null));
  const open = rows.some(({ parent }) => parent?.id === row.node.id);
  const middle = fits(row.parent) ? down >= 0.25 && (open || down <= 0.75) : true;
  if (fits(row.node) && middle) return into(row, moved, open);
  // The nearest around the row that it may stand beside.
  const beside = line.find(({ parent }) => fits(parent));
  if (!beside) return null;
  return before(row, beside, down, rows) ? ahead(beside, moved, rows) : behind(beside, rows);
}

/** The row with everything that holds it, itself first. */
function lineOf(row: Row, rows: readonly Row[]): Row[] {
  const line = [row];
  for (let holder = row.parent; holder; ) {
    const found: Row | undefined = rows.find(({ node }) => node.id === holder?.id);
    if (!found) break;
    line.push(found);
    holder = found.parent;
  }
  return line;
}

function into(row: Row, moved: ReadonlySet<string>, open: boolean): Drop {
  const { node, level } = row;
  // An open one shows its first place; a folded one hides them all, and takes it in behind the last.
  if (open) return { parent: node.id, after: null, mark: { row: node.id, edge: "after", level: level + 1 } };
  const last = node.children.filter(({ id }) => !moved.has(id)).at(-1);
  return { parent: node.id, after: last?.id ?? null, mark: { row: node.id, edge: "into", level } };
}

/** In the upper half of everything that stands in `beside`. */
function before(row: Row, beside: Row, down: number, rows: readonly Row[]): boolean {
  const inside = within(beside, rows);
  const at = inside.findIndex(({ node }) => node.id === row.node.id);
  return (at + down) / inside.length < 0.5;
}

function ahead(beside: Row, moved: ReadonlySet<string>, rows: readonly Row[]): Drop {
  const { node, parent, level } = beside;
  const siblings = rows.filter((row) => row.parent?.id === parent?.id).map((row) => row.node.id);
  const after = siblings
    .slice(0, siblings.indexOf(node.id))
    .filter((id) => !moved.has(id))
    .at(-1);
  return { parent: parent?.id ?? null, after: after ?? null, mark: { row: node.id, edge: "before", level } };
}

function behind(beside: Row, rows: readonly Row[]): Drop {
  const { node, parent, level } = beside;
  const last = within(beside, rows).at(-1) ?? beside;
  return { parent: parent?.id ?? null, after: node.id, mark: { row: last.node.id, edge: "after", level } };
}

/** The row with the visible rows below it. */
function within(row: Row, rows: readonly Row[]): Row[] {
  const at = rows.findIndex(({ node }) => node.id === row.node.id);
  const next = rows.findIndex(({ level }, index) => index > at && level <= row.level);
  return rows.slice(at, next < 0 ? undefined : next);
}
