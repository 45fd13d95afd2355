/**
 * Rows of the binder carried with the mouse or a pen.
 *
 * Pointer events, not the browser's own drag and drop: those work alike in every system's web view, scroll the list,
 * and end with Escape. A finger scrolls and carries nothing; the keys do all of this too (Alt and an arrow).
 *
 * **Guarantee:** nothing is moved before the button is let go over a place that is shown, and a press without a way is
 * a click.
 */
import type { Binder, Row } from "./binder.svelte";
import { type Drop, dropAt, isNote } from "./nesting";

/** How far the pointer goes before a press becomes carrying, in CSS pixels. */
const WAY = 5;
/** How near an edge of the list makes it scroll, and how far at each frame. */
const EDGE = 28;
const STEP = 9;
/** How long it rests on a folded row before that opens. */
const REST = 700;

export class Drag {
  /** What is carried and where it would go; `null` when nothing is. */
  carried = $state.raw<{ rows: readonly Row[]; at: { x: number; y: number }; drop: Drop | null } | null>(
    null,
  );
  readonly #binder: () => Binder;
  readonly #ondrop: (rows: readonly Row[], drop: Drop) => void;
  #pressed: { row: Row; x: number; y: number } | null = null;
  #ended = false;
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;
  #restsOn: string | null = null;

  constructor(binder: () => Binder, ondrop: (rows: readonly Row[], drop: Drop) => void) {
    this.#binder = binder;
    this.#ondrop = ondrop;
  }

  down(event: PointerEvent, row: Row): void {
    this.#ended = false;
    const onText = event.target instanceof Element && event.target.closest("input, button") !== null;
    if (event.button !== 0 || event.pointerType === "touch" || onText) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || row.node.kind === "other") return;
    this.#pressed = { row, x: event.clientX, y: event.clientY };
  }

  move(event: PointerEvent): void {
    const pressed = this.#pressed;
    if (!pressed) return;
    if (event.buttons === 0) {
      // The button was let go outside of the window.
      this.cancel();
      return;
    }
    const { clientX: x, clientY: y } = event;
    if (!this.carried && Math.hypot(x - pressed.x, y - pressed.y) < WAY) return;
    const rows = this.carried?.rows ?? this.#taken(pressed.row);
    this.carried = { rows, at: { x, y }, drop: this.#dropUnder(rows, x, y) };
    this.#scroll();
  }

  up(): void {
    const { carried } = this;
    this.cancel();
    this.#ended = carried !== null;
    if (carried?.drop) this.#ondrop(carried.rows, carried.drop);
  }

  cancel(): void {
    this.#ended = this.carried !== null;
    this.#pressed = null;
    this.carried = null;
    clearTimeout(this.#rest);
    this.#restsOn = null;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** Whether a click is only the end of carrying, and nobody's wish. */
  get wasCarrying(): boolean {
    const ended = this.#ended;
    this.#ended = false;
    return ended;
  }

  /** All that is chosen, if it is taken by one of the chosen rows. */
  #taken(row: Row): readonly Row[] {
    const { selection } = this.#binder();
    if (selection.has(row.node.id)) return selection.tops;
    selection.clear(row.node.id);
    return [row];
  }

  #dropUnder(rows: readonly Row[], x: number, y: number): Drop | null {
    const line = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-node]");
    const binder = this.#binder();
    const row = binder.rows.find(({ node }) => node.id === line?.dataset.node);
    this.#openUnder(row);
    if (!line || !row) return null;
    const box = line.getBoundingClientRect();
    const down = (y - box.top) / box.height;
    const list = isNote(row.node.kind) ? binder.notes : binder.manuscript;
    return dropAt({ dragged: rows, row, down }, list);
  }

  #openUnder(row: Row | undefined): void {
    const binder = this.#binder();
    const folded = row && row.node.children.length > 0 && binder.folded.has(row.node.id) ? row.node.id : null;
    if (folded === this.#restsOn) return;
    clearTimeout(this.#rest);
    this.#restsOn = folded;
    if (folded) this.#rest = setTimeout(() => binder.fold(folded, "open"), REST);
  }

  /** Near its upper or lower edge the list comes along. */
  #scroll(): void {
    cancelAnimationFrame(this.#frame);
    const { carried } = this;
    const list = document.querySelector<HTMLElement>("[data-pane=binder]");
    if (!carried || !list) return;
    const box = list.getBoundingClientRect();
    const { x, y } = carried.at;
    const by = y < box.top + EDGE ? -STEP : y > box.bottom - EDGE ? STEP : 0;
    if (by === 0) return;
    this.#frame = requestAnimationFrame(() => {
      const before = list.scrollTop;
      list.scrollTop += by;
      if (!this.carried || list.scrollTop === before) return;
      this.carried = { ...this.carried, drop: this.#dropUnder(this.carried.rows, x, y) };
      this.#scroll();
    });
  }
}
