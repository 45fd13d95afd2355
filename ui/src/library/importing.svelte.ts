/**
 * An import, step by step: what is chosen is looked into and shown, and only then brought in.
 *
 * **Invariant:** nothing is written before the author has seen what it would be.
 */
import { asFailure, type Host, type Imported, type ImportPreview } from "../host/host";

export type Step =
  | { kind: "asking"; error: string | null }
  | { kind: "reading" }
  | { kind: "seen"; preview: ImportPreview; error: string | null }
  | { kind: "writing"; preview: ImportPreview }
  | { kind: "done"; imported: Imported };

export class Importing {
  step = $state.raw<Step>({ kind: "asking", error: null });
  path = $state("");
  /** As the files say it until the author says otherwise. */
  title = $state("");
  /** Empty takes what the files say. */
  language = $state("");
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  /** What was chosen is looked into at once. */
  async choose(what: "folder" | "file"): Promise<void> {
    try {
      const path = await this.#host.chooseImport(what === "folder");
      if (path === null) return;
      this.path = path;
    } catch (thrown) {
      this.step = { kind: "asking", error: asFailure(thrown).message };
      return;
    }
    await this.look();
  }

  async look(): Promise<void> {
    this.step = { kind: "reading" };
    try {
      const preview = await this.#host.previewImport(this.path.trim());
      this.title = preview.title;
      this.language = "";
      this.step = { kind: "seen", preview, error: null };
    } catch (thrown) {
      this.step = { kind: "asking", error: asFailure(thrown).message };
    }
  }

  back(): void {
    this.step = { kind: "asking", error: null };
  }

  async bring(): Promise<void> {
    if (this.step.kind !== "seen") return;
    const { preview } = this.step;
    this.step = { kind: "writing", preview };
    try {
      const { path, title, language } = this;
      const imported = await this.#host.importPath(path.trim(), title.trim() || null, language || null);
      this.step = { kind: "done", imported };
    } catch (thrown) {
      this.step = { kind: "seen", preview, error: asFailure(thrown).message };
    }
  }
}
