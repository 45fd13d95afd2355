/** Flat text and what an operation does to it, in its simplest form: the measure that the binding is held against. */
import { type Cell, cellsOf, runsOf } from "../editor/flat";
import type { DiffPiece, DiffView, EditOp, Run } from "./host";

export function cellsFromRuns(runs: readonly Run[]): Cell[] {
  return runs.flatMap((run) => cellsOf(run.text, run.attributes));
}

/** Refuses what the real scene refuses: places outside the text, cut characters, and the first newline touched. */
export function applyOps(cells: readonly Cell[], ops: readonly EditOp[]): Cell[] {
  return ops.reduce<Cell[]>(applyOp, [...cells]);
}

function applyOp(cells: Cell[], op: EditOp): Cell[] {
  if (op.op === "insert") {
    if (op.at === 0) throw new Error("inserted before the first paragraph");
    boundary(cells, op.at);
    if (op.text.toWellFormed() !== op.text) throw new Error("inserted half a character");
    return [...cells.slice(0, op.at), ...cellsOf(op.text, op.attributes), ...cells.slice(op.at)];
  }
  if (op.op === "delete") {
    if (op.at === 0) throw new Error("deleted the first newline");
    boundary(cells, op.at);
    boundary(cells, op.at + op.length);
    return [...cells.slice(0, op.at), ...cells.slice(op.at + op.length)];
  }
  if (op.op === "note") return cells;
  boundary(cells, op.from);
  boundary(cells, op.to);
  return cells.map((cell, index) => {
    if (index < op.from || index >= op.to) return cell;
    const attributes = { ...cell.attributes };
    if (op.value === null) delete attributes[op.key];
    else attributes[op.key] = op.value;
    return { unit: cell.unit, attributes };
  });
}

/** The texts of footnotes by their ids; those whose marks were taken out stay. */
export type NoteCells = Record<string, Cell[]>;

const EMPTY: readonly Cell[] = [{ unit: "\n", attributes: {} }];

/** What operations do to the notes of a scene: a mark makes one, and a note that was never made is refused. */
export function applyNotes(notes: NoteCells, ops: readonly EditOp[]): NoteCells {
  const made = { ...notes };
  for (const op of ops) {
    const { kind, id } = (op.op === "insert" ? (op.attributes.atom ?? {}) : {}) as {
      kind?: string;
      id?: string;
    };
    if (kind === "footnote" && id) made[id] ??= [...EMPTY];
    if (op.op !== "note") continue;
    const text = made[op.note];
    if (!text) throw new Error("there is no such footnote");
    made[op.note] = applyOps(text, op.ops);
  }
  return made;
}

/** The notes whose marks stand in the text, as the program gives them. */
export function notesIn(cells: readonly Cell[], notes: NoteCells): Record<string, Run[]> {
  const ids = cells.map(({ attributes }) => (attributes.atom as { id?: string } | undefined)?.id ?? "");
  return Object.fromEntries(
    ids.flatMap((id) => (notes[id] ? [[id, runsOf(notes[id])] as [string, Run[]]] : [])),
  );
}

function boundary(cells: readonly Cell[], at: number): void {
  if (at < 0 || at > cells.length) throw new Error(`no place ${at} in a text of ${cells.length}`);
  const [before, after] = [cells[at - 1]?.unit ?? "", cells[at]?.unit ?? ""];
  if (/[\ud800-\udbff]/.test(before) && /[\udc00-\udfff]/.test(after))
    throw new Error(`cut a character at ${at}`);
}

export function plainText(cells: readonly Cell[]): string {
  return cells.map((cell) => (cell.unit === "\n" ? " " : cell.unit)).join("");
}

export function wordsIn(cells: readonly Cell[]): number {
  return plainText(cells)
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

export const excerpt = (cells: readonly Cell[]): string => plainText(cells).trim().slice(0, 60);

type Paragraph = { block: string; text: string };

function paragraphsOf(cells: readonly Cell[]): Paragraph[] {
  const paragraphs: Paragraph[] = [];
  for (const { unit, attributes } of cells) {
    const last = paragraphs.at(-1);
    if (unit === "\n") paragraphs.push({ block: String(attributes.block ?? "body"), text: "" });
    else if (last) last.text += unit;
  }
  return paragraphs;
}

/** What became of the old words, paragraph by paragraph and inside a changed one word by word. */
export function differenceOf(old: readonly Cell[], made: readonly Cell[]): DiffView {
  const view: DiffView = { paragraphs: [], added: 0, removed: 0 };
  const put = (block: string, pieces: DiffPiece[]) => {
    view.paragraphs.push({ block, pieces: joined(pieces) });
    view.added += words(pieces, "added");
    view.removed += words(pieces, "removed");
  };
  let gone: Paragraph[] = [];
  const same = (a: Paragraph, b: Paragraph) => a.text === b.text && a.block === b.block;
  for (const { kind, item } of edits(paragraphsOf(old), paragraphsOf(made), same)) {
    if (kind === "removed") gone.push(item);
    else if (kind === "added") put(item.block, wordEdits(gone.shift()?.text ?? "", item.text));
    else {
      for (const one of gone) put(one.block, wordEdits(one.text, ""));
      gone = [];
      put(item.block, [{ kind: "same", text: item.text }]);
    }
  }
  for (const one of gone) put(one.block, wordEdits(one.text, ""));
  return view;
}

function wordEdits(old: string, made: string): DiffPiece[] {
  const split = (text: string) => text.split(/(?<=\s)(?=\S)/).filter(Boolean);
  return edits(split(old), split(made), (a, b) => a === b).map(({ kind, item }) => ({ kind, text: item }));
}

function joined(pieces: readonly DiffPiece[]): DiffPiece[] {
  const result: DiffPiece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (last?.kind === piece.kind) last.text += piece.text;
    else if (piece.text !== "") result.push({ ...piece });
  }
  return result;
}

function words(pieces: readonly DiffPiece[], kind: DiffPiece["kind"]): number {
  const texts = pieces.filter((piece) => piece.kind === kind).map((piece) => piece.text);
  return texts.flatMap((text) => text.split(/\s+/)).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}

type Fate<T> = { kind: "same" | "added" | "removed"; item: T };

/** The longest common row; what goes stands before what comes. */
function edits<T>(old: readonly T[], made: readonly T[], same: (a: T, b: T) => boolean): Fate<T>[] {
  const best = Array.from({ length: old.length + 1 }, () => new Array<number>(made.length + 1).fill(0));
  const at = (i: number, j: number) => best[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1)
    for (let j = made.length - 1; j >= 0; j -= 1)
      (best[i] as number[])[j] = same(old[i] as T, made[j] as T)
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
  const fates: Fate<T>[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < made.length) {
    if (i < old.length && j < made.length && same(old[i] as T, made[j] as T)) {
      fates.push({ kind: "same", item: made[j] as T });
      [i, j] = [i + 1, j + 1];
    } else if (i < old.length && (j === made.length || at(i + 1, j) >= at(i, j + 1))) {
      fates.push({ kind: "removed", item: old[i] as T });
      i += 1;
    } else {
      fates.push({ kind: "added", item: made[j] as T });
      j += 1;
    }
  }
  return fates;
}
