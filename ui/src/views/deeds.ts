/**
 * What the author did to the binder, so that it can be taken back and done again.
 *
 * **Guarantees:** deeds are taken back in the opposite order, one at a time; a deed that cannot be taken back stays
 * where it is. Nothing of a novel is kept here but what the deeds themselves hold, and {@link forget} drops those.
 */
export type Deed = { undo: () => Promise<void>; redo: () => Promise<void> };

const MOST = 50;

export class Deeds {
  #done: Deed[] = [];
  #undone: Deed[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  did(deed: Deed): void {
    this.#done.push(deed);
    if (this.#done.length > MOST) this.#done.shift();
    this.#undone = [];
  }

  /** The last deed, or this one if it still stands. False: there is nothing to take back. */
  undo(wanted?: Deed): Promise<boolean> {
    return this.#inTurn(async () => {
      const deed = wanted ?? this.#done.at(-1);
      if (!deed || !this.#done.includes(deed)) return false;
      await deed.undo();
      this.#done = this.#done.filter((one) => one !== deed);
      this.#undone.push(deed);
      return true;
    });
  }

  redo(): Promise<boolean> {
    return this.#inTurn(async () => {
      const deed = this.#undone.at(-1);
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
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}
