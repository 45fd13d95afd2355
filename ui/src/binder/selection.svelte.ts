/**
 * Which rows of the binder are chosen together.
 *
 * **Invariant:** only rows that can be seen are chosen, so nothing is moved or thrown away unseen.
 */
import type { Row } from "./binder.svelte";
import { isNote } from "./nesting";

export class Selection {
  #ids = $state.raw<ReadonlySet<string>>(new Set());
  /** Where a range begins. */
  #anchor: string | null = null;
  readonly #rows: () => readonly Row[];

  constructor(rows: () => readonly Row[]) {
    this.#rows = rows;
  }

  /** The chosen rows from top to bottom; none when only the focus is anywhere. */
  get rows(): Row[] {
    return this.#ids.size === 0 ? [] : this.#rows().filter(({ node }) => this.#ids.has(node.id));
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  get any(): boolean {
    return this.rows.length > 0;
  }

  /** The chosen rows without those that stand in another chosen one: what is done to them is done to all. */
  get tops(): Row[] {
    return topsOf(this.rows);
  }

  /** Nothing is chosen, and the next range begins here. */
  clear(anchor: string | null = null): void {
    if (this.#ids.size > 0) this.#ids = new Set();
    this.#anchor = anchor;
  }

  /** In or out. The first one brings the row that the author is at. */
  toggle(id: string, here: string | null): void {
    const next = new Set(this.rows.map(({ node }) => node.id));
    const from = this.#rows().find(({ node }) => node.id === here);
    if (next.size === 0 && from && here !== id) next.add(from.node.id);
    if (!next.delete(id)) next.add(id);
    this.#ids = next;
    this.#anchor = id;
  }

  /** Everything from where the range began to this row. */
  extend(to: string, here: string | null): void {
    const rows = this.#rows();
    const end = rows.findIndex(({ node }) => node.id === to);
    const anchor = this.#anchor ?? here;
    const start = rows.findIndex(({ node }) => node.id === anchor);
    const [first, last] = [rows[start], rows[end]];
    if (!last) return;
    const apart = !first || isNote(first.node.kind) !== isNote(last.node.kind);
    this.#anchor = apart ? to : anchor;
    const range = apart ? [last] : rows.slice(Math.min(start, end), Math.max(start, end) + 1);
    this.#ids = new Set(range.map(({ node }) => node.id));
  }

  /** Everything that stands where this row stands. */
  siblings(of: Row): void {
    const beside = this.#rows().filter(
      (row) => row.parent?.id === of.parent?.id && isNote(row.node.kind) === isNote(of.node.kind),
    );
    this.#ids = new Set(beside.map(({ node }) => node.id));
    this.#anchor = of.node.id;
  }
}

export function topsOf(rows: readonly Row[]): Row[] {
  const ids = new Set(rows.map(({ node }) => node.id));
  const inside = new Set<string>();
  for (const { node } of rows) for (const child of node.children) spread(child, inside);
  return rows.filter(({ node }) => ids.has(node.id) && !inside.has(node.id));
}

function spread(node: Row["node"], into: Set<string>): void {
  into.add(node.id);
  for (const child of node.children) spread(child, into);
}
