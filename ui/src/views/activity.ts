/**
 * Tells the program that the author is there, so that it does not lock the vault under their hands.
 *
 * **Guarantees:** at most one call in {@link PAUSE}; nothing of what was typed or pointed at goes with it; a pointer
 * that the system reports without having moved does not count.
 */
const PAUSE = 20_000;

export class Activity {
  readonly #tell: () => Promise<void>;
  #told = Number.NEGATIVE_INFINITY;
  #at = "";

  constructor(tell: () => Promise<void>) {
    this.#tell = tell;
  }

  stirred(event: Event, now = Date.now()): void {
    if (event.type === "pointermove") {
      const { screenX, screenY } = event as PointerEvent;
      const at = `${screenX} ${screenY}`;
      const moved = at !== this.#at && this.#at !== "";
      this.#at = at;
      if (!moved) return;
    }
    if (now - this.#told < PAUSE) return;
    this.#told = now;
    void this.#tell().catch(() => undefined);
  }
}
