/**
 * An export: the presets of a novel, the choices of the one that is shown, its pages, and the file in the end.
 *
 * **Guarantees:** what is chosen is kept by itself, and a preset that came with Seshat stays as it came: changing it
 * makes one of the author's own. An export goes on when its sheet is closed, and says then how it ended. Nothing is
 * held after {@link Exporting.forget}.
 */
import {
  asFailure,
  type ExportCopy,
  type ExportDone,
  type ExportPreset,
  type ExportProgress,
  type Host,
} from "../host/host";
import { t } from "../shared/i18n.svelte";
import { Copies } from "./copies.svelte";
import { knows } from "./kinds";
import { isOurs, nameOf } from "./names";
import { Pages } from "./pages.svelte";

/** How long the choices rest before they are kept, and how often a running export is asked, in milliseconds. */
const REST = 600;
const ASKING = 250;
const NOBODY: ExportCopy = { recipient: "", line: false, mark: false, cover: null };

export type Step =
  | { kind: "choosing" }
  | { kind: "writing"; progress: ExportProgress | null; cancelling: boolean }
  | { kind: "done"; done: ExportDone };

/** Something that was done to the presets, and the way back of it. */
export type Said = { message: string; undo: (() => Promise<void>) | null };

type Around = {
  host: Host;
  novel: { id: string; title: () => string };
  /** Everything typed to the disk. */
  flush: () => Promise<unknown>;
  tell: (notice: string) => void;
};

export class Exporting {
  presets = $state.raw<readonly ExportPreset[]>([]);
  /** The choices that are shown. Null: not loaded yet. */
  draft = $state.raw<ExportPreset | null>(null);
  copy = $state.raw<ExportCopy>(NOBODY);
  step = $state.raw<Step>({ kind: "choosing" });
  said = $state.raw<Said | null>(null);
  error = $state<string | null>(null);
  /** The preset whose name is being written. */
  renaming = $state<string | null>(null);
  readonly pages: Pages;
  readonly copies: Copies;
  readonly #around: Around;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #keeping: Promise<void> = Promise.resolve();
  /** Whether the sheet is there to say how an export ended. */
  #shown = false;
  #life = 0;

  constructor(around: Around) {
    this.#around = around;
    this.pages = new Pages(around.host, around.novel.id);
    this.copies = new Copies(around.host, around.novel.id);
  }

  /** The sheet is opened: what was typed is in the pages, and the last preset is there again. */
  async open(): Promise<void> {
    this.#shown = true;
    const life = this.#life;
    try {
      await this.#around.flush();
      const presets = await this.#around.host.exportPresets(this.#around.novel.id);
      if (life !== this.#life) return;
      this.presets = presets;
      const last = presets.find((preset) => preset.id === this.draft?.id);
      this.draft = last ?? presets[0] ?? null;
      if (this.draft) this.pages.again(this.draft);
      this.error = null;
    } catch (thrown) {
      this.error = asFailure(thrown).message;
    }
  }

  /** The sheet is closed. A file that is being written is written. */
  async close(): Promise<void> {
    this.#shown = false;
    this.said = null;
    this.renaming = null;
    this.copies.forget();
    if (this.step.kind === "done") this.step = { kind: "choosing" };
    this.pages.forget();
    await this.kept();
  }

  async choose(id: string): Promise<void> {
    await this.kept();
    const preset = this.presets.find((one) => one.id === id);
    if (!preset) return;
    this.draft = preset;
    this.#leaveResult();
    this.pages.show(preset, "now");
  }

  change(change: Partial<ExportPreset>): void {
    if (!this.draft) return;
    this.draft = { ...this.draft, ...change };
    this.#leaveResult();
    this.pages.show(this.draft, "rested");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#keep(), REST);
  }

  /** Everything that was chosen is kept. */
  async kept(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#keep();
  }

  /** A preset of the author's own with the choices that are shown; its name is asked for. */
  async add(): Promise<void> {
    await this.kept();
    const { draft } = this;
    if (!draft) return;
    await this.#tried(async () => {
      const saved = await this.#save({ ...draft, id: "", name: this.#free(nameOf(draft)) });
      this.draft = saved;
      this.said = null;
      this.renaming = saved.id;
    });
  }

  async rename(id: string, name: string): Promise<void> {
    this.renaming = null;
    const wanted = name.trim();
    await this.kept();
    const preset = this.presets.find((one) => one.id === id);
    if (!preset || wanted === "" || wanted === preset.name) return;
    await this.#tried(async () => {
      const saved = await this.#save({ ...preset, name: wanted });
      if (this.draft?.id === id) this.draft = { ...this.draft, name: saved.name };
    });
  }

  async remove(id: string): Promise<void> {
    await this.kept();
    const at = this.presets.findIndex((one) => one.id === id);
    const preset = this.presets[at];
    if (!preset || isOurs(preset)) return;
    await this.#tried(async () => {
      await this.#around.host.removeExportPreset(this.#around.novel.id, id);
      this.presets = this.presets.filter((one) => one.id !== id);
      const next = this.presets[Math.min(at, this.presets.length - 1)];
      if (this.draft?.id === id && next) await this.choose(next.id);
      this.said = {
        message: t("export.removed", { name: preset.name }),
        undo: () => this.#bringBack(preset),
      };
    });
  }

  /** Who gets the copy. Somebody gets a mark of their own, until the author says otherwise. */
  address(recipient: string): void {
    const before = this.copy;
    const first = before.recipient.trim() === "" && recipient.trim() !== "";
    const nobody = recipient.trim() === "";
    const { line, mark } = nobody ? NOBODY : first ? { line: false, mark: true } : before;
    this.copy = { ...before, recipient, line, mark };
    this.#leaveResult();
  }

  mark(change: { line?: boolean; mark?: boolean }): void {
    this.copy = { ...this.copy, ...change };
    this.#leaveResult();
  }

  async chooseCover(): Promise<void> {
    await this.#tried(async () => {
      const cover = await this.#around.host.chooseCover();
      if (cover !== null) this.copy = { ...this.copy, cover };
    });
  }

  takeCoverOff(): void {
    this.copy = { ...this.copy, cover: null };
  }

  /** Asks where to, and writes the file. */
  async export(): Promise<void> {
    const { host, novel, flush } = this.#around;
    const { draft } = this;
    if (!draft || this.step.kind === "writing") return;
    const life = this.#life;
    this.error = null;
    try {
      await this.kept();
      const path = await host.chooseExport(draft.kind, novel.title());
      if (path === null || life !== this.#life) return;
      this.step = { kind: "writing", progress: null, cancelling: false };
      void this.#watch(life);
      await flush();
      const done = await host.exportNovel(novel.id, this.draft ?? draft, this.#copyFor(draft), path);
      if (life !== this.#life) return;
      if (this.#shown) this.step = { kind: "done", done };
      else this.#ended(t("export.ended", { path: done.path }));
    } catch (thrown) {
      if (life !== this.#life) return;
      const cancelled = this.step.kind === "writing" && this.step.cancelling;
      const message = cancelled ? t("export.cancelled") : asFailure(thrown).message;
      if (!this.#shown) return this.#ended(message);
      this.step = { kind: "choosing" };
      if (cancelled) this.said = { message, undo: null };
      else this.error = message;
    }
  }

  async cancel(): Promise<void> {
    if (this.step.kind !== "writing") return;
    this.step = { ...this.step, cancelling: true };
    await this.#tried(() => this.#around.host.cancelExport());
  }

  /** From what was written back to the pages. */
  back(): void {
    this.step = { kind: "choosing" };
  }

  async show(path: string): Promise<void> {
    await this.#tried(() => this.#around.host.showInFolder(path));
  }

  async undo(): Promise<void> {
    const undo = this.said?.undo;
    this.said = null;
    if (undo) await this.#tried(undo);
  }

  /** The vault was locked. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#life += 1;
    this.presets = [];
    this.draft = null;
    this.copy = NOBODY;
    this.step = { kind: "choosing" };
    this.said = null;
    this.error = null;
    this.renaming = null;
    this.pages.forget();
    this.copies.forget();
  }

  /** What the kind cannot have is not asked of it. */
  #copyFor(draft: ExportPreset): ExportCopy {
    const { copies, cover } = knows(draft.kind);
    const copy = copies ? { ...this.copy, recipient: this.copy.recipient.trim() } : NOBODY;
    return { ...copy, cover: cover ? this.copy.cover : null };
  }

  #ended(message: string): void {
    this.step = { kind: "choosing" };
    this.#around.tell(message);
  }

  /** What was written is another file than the one that would be written now. */
  #leaveResult(): void {
    if (this.step.kind === "done") this.step = { kind: "choosing" };
  }

  async #watch(life: number): Promise<void> {
    while (life === this.#life && this.step.kind === "writing") {
      const progress = await this.#around.host.exportProgress().catch(() => null);
      if (life !== this.#life || this.step.kind !== "writing") return;
      this.step = { ...this.step, progress };
      await new Promise((resolve) => setTimeout(resolve, ASKING));
    }
  }

  /** One after the other, so that a preset that is being made gets its id before it is changed again. */
  #keep(): Promise<void> {
    this.#keeping = this.#keeping.then(() => this.#keepNow());
    return this.#keeping;
  }

  async #keepNow(): Promise<void> {
    const { draft } = this;
    const before = this.presets.find((one) => one.id === draft?.id);
    if (!draft || !before || same(draft, before)) return;
    await this.#tried(async () => {
      if (!isOurs(draft)) return void (await this.#save(draft));
      const saved = await this.#save({
        ...draft,
        id: "",
        name: this.#free(t("export.own", { name: nameOf(draft) })),
      });
      // Meanwhile more may have been chosen.
      if (this.draft?.id === draft.id) this.draft = { ...this.draft, id: saved.id, name: saved.name };
      const undo = () => this.#unmake(saved.id, draft.id);
      this.said = { message: t("export.kept", { name: saved.name }), undo };
    });
  }

  async #unmake(id: string, instead: string): Promise<void> {
    await this.kept();
    await this.#around.host.removeExportPreset(this.#around.novel.id, id);
    this.presets = this.presets.filter((one) => one.id !== id);
    if (this.draft?.id === id) await this.choose(instead);
  }

  async #bringBack(preset: ExportPreset): Promise<void> {
    const saved = await this.#save(preset);
    await this.choose(saved.id);
  }

  async #save(preset: ExportPreset): Promise<ExportPreset> {
    const life = this.#life;
    const saved = await this.#around.host.saveExportPreset(this.#around.novel.id, preset);
    if (life !== this.#life) return saved;
    const others = this.presets.filter((one) => one.id !== saved.id);
    const own = [...others.filter((one) => !isOurs(one)), saved];
    own.sort((one, other) => one.name.localeCompare(other.name) || (one.id < other.id ? -1 : 1));
    this.presets = [...others.filter(isOurs), ...own];
    return saved;
  }

  /** The name, or the name with a number that no preset has yet. */
  #free(name: string): string {
    const taken = new Set(this.presets.map(nameOf));
    let free = name;
    for (let n = 2; taken.has(free); n += 1) free = `${name} ${n}`;
    return free;
  }

  async #tried(work: () => Promise<unknown>): Promise<void> {
    this.error = null;
    try {
      await work();
    } catch (thrown) {
      this.error = asFailure(thrown).message;
    }
  }
}

const same = (one: ExportPreset, other: ExportPreset) => JSON.stringify(one) === JSON.stringify(other);
