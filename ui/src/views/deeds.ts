/**
 * What the author did to the binder, so that it can be taken back and done again; and when, among what was typed.
 *
 * **Guarantees:** deeds are taken back in the opposite order, one at a time; a deed that cannot be taken back stays
 * where it is. Between two strokes there is one order over both: see {@link Deeds.next}. Nothing of a novel is kept
 * here but what the deeds themselves hold, and {@link forget} drops those.
 */
import type { Stroke } from "../editor/sheet.svelte";

export type Deed = { undo: () => Promise<void>; redo: () => Promise<void> };

/** Something typed into a scene, as much of it as one undo takes back. */
type Typed = { readonly scene: string };

const MOST = 50;
/** Beyond the undo that the editors keep themselves. */
const STROKES = 500;

export class Deeds {
  /** In the order in which it happened. */
  #done: (Deed | Typed)[] = [];
  #undone: (Deed | Typed)[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  /** A deed is being taken back or done again: what it writes itself is not typed. */
  #working = false;

  did(deed: Deed): void {
    this.#done.push(deed);
    const deeds = this.#done.filter(isDeed);
    if (deeds.length > MOST) this.#done.splice(this.#done.indexOf(deeds[0] as Deed), 1);
    this.#undone = [];
  }

  /** What became of a scene's own undo. */
  stroke(scene: string, stroke: Stroke): void {
    if (this.#working) return;
    if (stroke === "typed" || stroke === "same") this.#undone = [];
    if (stroke === "typed") this.#done.push({ scene });
    if (this.#done.length > STROKES) this.#done.shift();
    if (stroke === "undone") shift(this.#done, this.#undone, scene);
    if (stroke === "redone") shift(this.#undone, this.#done, scene);
  }

  /**
   * Whose turn it is: the deed's when nothing was typed since, anywhere; else the text's. What was typed and taken
   * back is as if it had never been.
   */
  next(how: "undo" | "redo"): "deed" | "text" {
    const last = (how === "undo" ? this.#done : this.#undone).at(-1);
    return last && isDeed(last) ? "deed" : "text";
  }

  /** The last deed, or this one if it still stands. False: there is nothing to take back. */
  undo(wanted?: Deed): Promise<boolean> {
    return this.#inTurn(async () => {
      const deed = wanted ?? this.#done.findLast(isDeed);
      if (!deed || !this.#done.includes(deed)) return false;
      await deed.undo();
      this.#done = this.#done.filter((one) => one !== deed);
      this.#undone.push(deed);
      return true;
    });
  }

  redo(): Promise<boolean> {
    return this.#inTurn(async () => {
      const deed = this.#undone.findLast(isDeed);
      if (!deed) return false;
      await deed.redo();
      this.#undone = this.#undone.filter((one) => one !== deed);
      this.#done.push(deed);
      return true;
    });
  }

  forget(): void {
    this.#done = [];
    this.#undone = [];
  }

  #inTurn(work: () => Promise<boolean>): Promise<boolean> {
    const turn = this.#turn.then(async () => {
      this.#working = true;
      return work().finally(() => {
        this.#working = false;
      });
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

const isDeed = (one: Deed | Typed): one is Deed => "undo" in one;

/** The scene's last stroke from one row to the end of the other. */
function shift(from: (Deed | Typed)[], to: (Deed | Typed)[], scene: string): void {
  const at = from.findLastIndex((one) => !isDeed(one) && one.scene === scene);
  const [stroke] = at < 0 ? [] : from.splice(at, 1);
  if (stroke) to.push(stroke);
}
