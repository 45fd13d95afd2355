/**
 * An import, step by step: what is chosen is looked into, cut as the author wants it, and only then brought in.
 *
 * **Invariants:** nothing is written before the author has seen what it would be, cut exactly so. Of several answers
 * only the one to the latest question is shown. What was read is forgotten when the author goes back or away.
 */
import { asFailure, type Host, type Imported, type ImportPreview, type ShapingChoice } from "../host/host";
import { likelyLanguage } from "./languages";

export type Step =
  | { kind: "asking"; error: string | null }
  | { kind: "reading" }
  | { kind: "seen"; preview: ImportPreview; error: string | null }
  | { kind: "writing"; preview: ImportPreview }
  | { kind: "done"; imported: Imported; error: string | null };

/** How long no choice must have changed before the program cuts anew, in milliseconds. */
const PAUSE = 150;

export class Importing {
  step = $state.raw<Step>({ kind: "asking", error: null });
  path = $state("");
  /** As the files say it until the author says otherwise. */
  title = $state("");
  /** Empty takes what the files say; where they say nothing, it is the author's most likely one. */
  language = $state("");
  /** As chosen now; what is shown follows it. Null: there is nothing to choose. */
  choice = $state.raw<ShapingChoice | null>(null);
  /** What is shown is not cut as chosen yet. */
  cutting = $state(false);
  readonly #host: Host;
  #proposed: ShapingChoice | null = null;
  #pause: ReturnType<typeof setTimeout> | undefined;
  /** Counts questions: an answer to an older one is not shown. */
  #turn = 0;
  #ended = false;

  constructor(host: Host) {
    this.#host = host;
  }

  /** The file or the folder, without where it is. */
  get name(): string {
    const path = this.path.trim();
    return path.split(/[/\\]/).findLast((part) => part !== "") ?? path;
  }

  /** Whether the choices are others than those that were proposed. */
  get changed(): boolean {
    return JSON.stringify(this.choice) !== JSON.stringify(this.#proposed);
  }

  /** What was chosen is looked into at once. */
  async choose(what: "folder" | "file"): Promise<void> {
    if (this.step.kind === "reading") return;
    try {
      const path = await this.#host.chooseImport(what === "folder");
      // Who has gone on by other means, or away, wants no answer to the system's question.
      if (path === null || this.step.kind !== "asking" || this.#ended) return;
      this.path = path;
    } catch (thrown) {
      this.step = { kind: "asking", error: asFailure(thrown).message };
      return;
    }
    await this.look();
  }

  async look(): Promise<void> {
    if (this.step.kind === "reading") return;
    this.#turn += 1;
    const turn = this.#turn;
    this.step = { kind: "reading" };
    try {
      const preview = await this.#host.previewImport(this.path.trim(), null);
      if (turn !== this.#turn) return;
      this.title = preview.title;
      this.language = preview.language === null ? likelyLanguage() : "";
      this.#proposed = this.choice = preview.shaping;
      this.step = { kind: "seen", preview, error: null };
    } catch (thrown) {
      if (turn === this.#turn) this.step = { kind: "asking", error: asFailure(thrown).message };
    }
  }

  /** Cuts it otherwise, as soon as the choices rest. */
  cut(change: Partial<ShapingChoice>): void {
    if (this.step.kind !== "seen" || !this.choice) return;
    this.choice = { ...this.choice, ...change };
    this.cutting = true;
    this.#turn += 1;
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.#cutNow(), PAUSE);
  }

  /** Cuts it as it was proposed. */
  propose(): void {
    if (this.#proposed) this.cut(this.#proposed);
  }

  back(): void {
    if (this.step.kind === "writing") return;
    this.#drop();
    this.step = { kind: "asking", error: null };
  }

  /** The sheet is gone. What is being written goes on; all else is forgotten. */
  leave(): void {
    this.#ended = true;
    this.#drop();
  }

  /** Nobody waits for an answer any more, and nothing is kept of what was read. */
  #drop(): void {
    this.#turn += 1;
    this.cutting = false;
    clearTimeout(this.#pause);
    if (this.step.kind === "reading" || this.step.kind === "seen")
      void this.#host.forgetImport().catch(() => {
        // A locked vault has forgotten it already.
      });
  }

  async bring(): Promise<Imported | null> {
    if (this.step.kind !== "seen" || this.cutting) return null;
    const { preview } = this.step;
    this.step = { kind: "writing", preview };
    try {
      const { path, title, language, choice } = this;
      const words = [title.trim() || null, language || null] as const;
      const imported = await this.#host.importNovel(path.trim(), ...words, choice);
      this.step = { kind: "done", imported, error: null };
      return imported;
    } catch (thrown) {
      this.step = { kind: "seen", preview, error: asFailure(thrown).message };
      return null;
    }
  }

  /** Takes back what was brought in; refused when somebody wrote in it since. */
  async undo(): Promise<boolean> {
    if (this.step.kind !== "done") return false;
    const { imported } = this.step;
    try {
      await this.#host.undoImport(imported.novel.id);
      return true;
    } catch (thrown) {
      this.step = { kind: "done", imported, error: asFailure(thrown).message };
      return false;
    }
  }

  async #cutNow(): Promise<void> {
    if (this.step.kind !== "seen") return;
    const { preview: before } = this.step;
    const turn = this.#turn;
    try {
      const preview = await this.#host.previewImport(this.path.trim(), this.choice);
      if (turn !== this.#turn) return;
      // A title that the author has not touched follows what is the book's title now.
      if (this.title === before.title) this.title = preview.title;
      this.step = { kind: "seen", preview, error: null };
    } catch (thrown) {
      if (turn !== this.#turn) return;
      // What is chosen is what is shown.
      this.choice = before.shaping;
      this.step = { kind: "seen", preview: before, error: asFailure(thrown).message };
    }
    this.cutting = false;
  }
}
