/** Flat text and what an operation does to it, in its simplest form: the measure that the binding is held against. */
import { type Cell, cellsOf } from "../editor/flat";
import type { EditOp, Run } from "./host";

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

function boundary(cells: readonly Cell[], at: number): void {
  if (at < 0 || at > cells.length) throw new Error(`no place ${at} in a text of ${cells.length}`);
  const [before, after] = [cells[at - 1]?.unit ?? "", cells[at]?.unit ?? ""];
  if (/[\ud800-\udbff]/.test(before) && /[\udc00-\udfff]/.test(after))
    throw new Error(`cut a character at ${at}`);
}
