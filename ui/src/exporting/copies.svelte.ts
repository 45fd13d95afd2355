/** Who got which copy of a novel, and whose copy a file is. */
import { asFailure, type CopyRow, type Host } from "../host/host";

export type Found =
  | { kind: "none" }
  | { kind: "looking" }
  | { kind: "found"; file: string; copies: readonly CopyRow[] }
  | { kind: "failed"; message: string };

export class Copies {
  /** Newest first. Null: not looked up yet. */
  rows = $state.raw<readonly CopyRow[] | null>(null);
  found = $state.raw<Found>({ kind: "none" });
  error = $state<string | null>(null);
  readonly #host: Host;
  readonly #novel: string;

  constructor(host: Host, novel: string) {
    this.#host = host;
    this.#novel = novel;
  }

  async load(): Promise<void> {
    try {
      const rows = await this.#host.exportCopies(this.#novel);
      this.rows = rows.toSorted((a, b) => b.made_ms - a.made_ms);
      this.error = null;
    } catch (thrown) {
      this.error = asFailure(thrown).message;
    }
  }

  /** Asks for a file and whose copy it is. */
  async identify(): Promise<void> {
    try {
      const path = await this.#host.chooseCopy();
      if (path === null) return;
      this.found = { kind: "looking" };
      const copies = await this.#host.identifyCopy(path);
      const file = path.split(/[/\\]/).at(-1) ?? path;
      if (this.found.kind === "looking") this.found = { kind: "found", file, copies };
    } catch (thrown) {
      this.found = { kind: "failed", message: asFailure(thrown).message };
    }
  }

  forget(): void {
    this.rows = null;
    this.found = { kind: "none" };
    this.error = null;
  }
}
