/** Imports into the invented program: documents that are nowhere are looked into, cut, brought in and taken back. */
import { failure } from "./fake-base";
import { FakeBinder } from "./fake-binder";
import { documentAt, previewOf } from "./fake-document";
import type { Imported, ImportPreview, PreviewNode, ShapingChoice } from "./host";

export class FakeImport extends FakeBinder {
  /** Every preview that was asked for, as it was asked. */
  looks: { path: string; shaping: ShapingChoice | null }[] = [];
  /** How often what was read was forgotten. */
  forgotten = 0;
  /** Where the author has a file, to the system's question. */
  importAt: string | null = null;
  /** Novels that an import made, with how many edits there were by then. */
  #brought = new Map<string, number>();
  #stopped: (() => void)[] = [];

  async chooseImport(folder: boolean): Promise<string | null> {
    return this.importAt ?? (folder ? "/home/author/Novel" : "/home/author/keeper.docx");
  }

  /** A path that says `long` is read until it is forgotten. */
  async previewImport(path: string, shaping: ShapingChoice | null): Promise<ImportPreview> {
    this.mustBeOpen();
    this.looks.push(structuredClone({ path, shaping }));
    if (path.includes("long")) {
      await new Promise<void>((resolve) => this.#stopped.push(resolve));
      throw failure("other", "The reading was stopped. Nothing was imported.");
    }
    const found = documentAt(path);
    if (!found) throw failure("not_found", "There is nothing at this path. Nothing was imported.");
    return previewOf(found, shaping);
  }

  async importNovel(
    path: string,
    title: string | null,
    language: string | null,
    shaping: ShapingChoice | null,
  ): Promise<Imported> {
    const found = await this.previewImport(path, shaping);
    const { id } = await this.createNovel(title ?? found.title, language ?? found.language ?? "en-GB");
    this.novelOf(id).nodes = [];
    for (const node of found.nodes) await this.#bring(id, null, node);
    this.#brought.set(id, this.edits.length);
    const { words, chapters, scenes, notes } = found;
    return { novel: { ...this.cardOf(this.novelOf(id)), words, chapters }, scenes, notes };
  }

  async forgetImport(): Promise<void> {
    this.forgotten += 1;
    for (const stop of this.#stopped.splice(0)) stop();
  }

  async undoImport(novel: string): Promise<void> {
    const before = this.#brought.get(novel);
    if (before === undefined)
      throw failure("not_found", "This novel did not come by an import; nothing was changed.");
    if (this.edits.slice(before).some((edit) => edit.novel === novel))
      throw failure(
        "other",
        "The novel was written in since it came, so the import stays; nothing was changed.",
      );
    this.novels = this.novels.filter(({ card }) => card.id !== novel);
    this.#brought.delete(novel);
  }

  async #bring(novel: string, parent: string | null, node: PreviewNode): Promise<void> {
    const { kind, title, excerpt } = node;
    const made = await this.addNode(novel, { kind, parent, after: null, title });
    const units = ["\n", ...excerpt.split("")];
    if (made.scene) this.sceneOf(made.scene).cells = units.map((unit) => ({ unit, attributes: {} }));
    for (const child of node.children) await this.#bring(novel, made.id, child);
  }
}
