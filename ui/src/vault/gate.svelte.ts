/** The doors of the vault: making it, opening it, and bringing it to another laptop. Holds no password itself. */
import { untrack } from "svelte";
import { asFailure, type Failure, type Host, type PasswordStrength } from "../host/host";

export type Work = { kind: "idle" } | { kind: "working" } | { kind: "failed"; failure: Failure };

export class Gate {
  work = $state.raw<Work>({ kind: "idle" });
  strength = $state.raw<PasswordStrength | null>(null);
  readonly #host: Host;
  #asked = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Rates a password while it is typed. An answer that a newer question has overtaken is dropped. */
  async rate(password: string): Promise<void> {
    this.#asked += 1;
    const question = this.#asked;
    // Untracked: an effect that rates what is typed must not run again, and wipe the sentence, when a try fails.
    if (untrack(() => this.work.kind) === "failed") this.work = { kind: "idle" };
    if (password === "") {
      this.strength = null;
      return;
    }
    const strength = await this.#host.passwordStrength(password).catch(() => null);
    if (question === this.#asked) this.strength = strength;
  }

  /** Does one thing at a time and keeps what it answered; null when it failed. */
  async run<T>(work: () => Promise<T>): Promise<T | null> {
    if (this.work.kind === "working") return null;
    this.work = { kind: "working" };
    try {
      const result = await work();
      this.work = { kind: "idle" };
      return result;
    } catch (thrown) {
      this.work = { kind: "failed", failure: asFailure(thrown) };
      return null;
    }
  }

  get message(): string | null {
    return this.work.kind === "failed" ? this.work.failure.message : null;
  }

  get busy(): boolean {
    return this.work.kind === "working";
  }
}
