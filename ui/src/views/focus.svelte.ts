/**
 * The focus mode: everything but the text fades after three seconds of typing, and is back at the first movement
 * of the mouse or of the focus.
 */
const QUIET = 3000;

export class Focus {
  state = $state.raw<"off" | "on" | "faded">("off");
  #since: number | null = null;

  toggle(): void {
    this.state = this.state === "off" ? "on" : "off";
    this.#since = null;
  }

  /** A key of the author's text. */
  typed(now: number): void {
    if (this.state === "off") return;
    this.#since ??= now;
    if (now - this.#since >= QUIET) this.state = "faded";
  }

  stirred(): void {
    this.#since = null;
    if (this.state === "faded") this.state = "on";
  }
}
