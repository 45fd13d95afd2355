/**
 * The invented exports: presets, pages that are drawn from the novel's own words, a register of copies. No file is ever
 * written.
 */
import { failure } from "./fake-base";
import { type Drawn, drawPage, paginate } from "./fake-pages";
import { FakeSpelling } from "./fake-spelling";
import type {
  CopyRow,
  ExportCopy,
  ExportDone,
  ExportFinding,
  ExportKind,
  ExportPages,
  ExportPreset,
  ExportProgress,
} from "./host";

const PRESET: Omit<ExportPreset, "id" | "name" | "kind"> = {
  look: "modern",
  range: { kind: "whole" },
  front: [{ role: "title-page", heading: null, text: "" }],
  back: [],
  chapter_heading: "#t",
  part_heading: "#t",
  numbering: "through",
  separator: "* * *",
  contents: "before",
  vertical: false,
  author: "",
  subtitle: "",
  publisher: "",
  rights: "",
  description: "",
  contact: [],
  surname: "",
  keyword: "",
  page: { trim: "a5", size: 0, line: 0, gutter: 0, openers: "any", initials: "plain" },
};
const BUILT_IN: readonly ExportPreset[] = [
  {
    ...PRESET,
    id: "builtin-manuscript",
    name: "Manuscript",
    kind: "manuscript_docx",
    front: [],
    chapter_heading: "Chapter #w",
    separator: "#",
    contents: "none",
    page: { ...PRESET.page, trim: "a4" },
  },
  { ...PRESET, id: "builtin-ebook", name: "E-book", kind: "epub" },
  {
    ...PRESET,
    id: "builtin-print",
    name: "Print",
    kind: "pdf",
    page: { ...PRESET.page, openers: "recto" },
  },
  { ...PRESET, id: "builtin-word", name: "Word", kind: "docx" },
  { ...PRESET, id: "builtin-plain", name: "Plain", kind: "text", contents: "none" },
];
/** What is not looked at in pages. */
const PAGELESS: readonly ExportKind[] = ["csv", "opml", "text", "markdown", "pandoc", "markdown_folder"];

export class FakeExport extends FakeSpelling {
  presets = new Map<string, ExportPreset[]>();
  register = new Map<string, CopyRow[]>();
  findings: ExportFinding[] = [];
  /** Characters that no font has. */
  missing = "";
  chosenExport: string | null = "/home/author/Documents/The Lamp at Corvo Head";
  chosenCover: string | null = "/home/author/Pictures/cover.jpg";
  chosenCopy: string | null = "/home/author/Downloads/found.epub";
  /** Every export that was asked for, with what it was asked with. */
  exported: { preset: ExportPreset; copy: ExportCopy; path: string }[] = [];
  /** What was asked of the preview. */
  looked: { preset: ExportPreset; from: number }[] = [];
  shownFolders: string[] = [];
  /** While it is set, an export does not end by itself. */
  held = false;
  running: ExportProgress | null = null;
  #stop: ((how: "done" | "cancelled") => void) | null = null;

  async exportPresets(novel: string): Promise<ExportPreset[]> {
    this.mustBeOpen();
    return structuredClone([...BUILT_IN, ...(this.presets.get(novel) ?? [])]);
  }

  async saveExportPreset(novel: string, preset: ExportPreset): Promise<ExportPreset> {
    this.mustBeOpen();
    if (preset.id.startsWith("builtin-"))
      throw failure("other", "A preset that came with Seshat stays as it is; nothing was changed.");
    const own = this.presets.get(novel) ?? [];
    const saved = structuredClone({ ...preset, id: preset.id || this.newId() });
    const at = own.findIndex((one) => one.id === saved.id);
    if (at < 0) own.push(saved);
    else own[at] = saved;
    this.presets.set(novel, own);
    return structuredClone(saved);
  }

  async removeExportPreset(novel: string, id: string): Promise<void> {
    const own = this.presets.get(novel) ?? [];
    this.presets.set(
      novel,
      own.filter((one) => one.id !== id),
    );
  }

  async previewExport(
    novel: string,
    preset: ExportPreset,
    from: number,
    count: number,
  ): Promise<ExportPages> {
    this.mustBeOpen();
    this.looked.push({ preset: structuredClone(preset), from });
    const { pages, words } = this.#pagesOf(novel, preset);
    if (PAGELESS.includes(preset.kind))
      return { pages: 0, words, from: 0, images: [], missing: "", done: true };
    const wanted = pages.slice(from, from + count);
    const images = wanted.map((page, index) => drawPage(page, preset, from + index));
    return { pages: pages.length, words, from, images, missing: this.missing, done: true };
  }

  async exportNovel(
    novel: string,
    preset: ExportPreset,
    copy: ExportCopy,
    path: string,
  ): Promise<ExportDone> {
    this.mustBeOpen();
    this.exported.push(structuredClone({ preset, copy, path }));
    const { pages, words, chapters } = this.#pagesOf(novel, preset);
    this.running = { step: "making", done: 2, total: 5 };
    const how = this.held
      ? await new Promise<"done" | "cancelled">((resolve) => {
          this.#stop = resolve;
        })
      : "done";
    this.running = null;
    if (how === "cancelled") throw failure("other", "The export was stopped; nothing was written.");
    const paged = preset.kind === "pdf" || preset.kind === "manuscript_pdf";
    return {
      path,
      words,
      chapters,
      pages: paged ? pages.length : null,
      findings: structuredClone(this.findings),
      copy: copy.mark ? this.#entered(novel, preset.kind, copy) : null,
    };
  }

  /** Ends the export that is held. */
  letGo(): void {
    this.#stop?.("done");
  }

  async exportProgress(): Promise<ExportProgress | null> {
    return this.running && { ...this.running };
  }

  async cancelExport(): Promise<void> {
    this.#stop?.("cancelled");
  }

  async chooseExport(_kind: ExportKind, _name: string): Promise<string | null> {
    return this.chosenExport;
  }

  async showInFolder(path: string): Promise<void> {
    this.shownFolders.push(path);
  }

  async exportCopies(novel: string): Promise<CopyRow[]> {
    this.mustBeOpen();
    return structuredClone(this.register.get(novel) ?? []);
  }

  async identifyCopy(path: string): Promise<CopyRow[]> {
    if (!path.startsWith("/")) throw failure("not_found", "There is no file at this path.");
    return structuredClone([...this.register.values()].flat().slice(0, 1));
  }

  async chooseCover(): Promise<string | null> {
    return this.chosenCover;
  }

  async chooseCopy(): Promise<string | null> {
    return this.chosenCopy;
  }

  #entered(novel: string, kind: ExportKind, { recipient }: ExportCopy): string {
    const id = this.newId();
    const { title } = this.novelOf(novel).card;
    const row = { id, novel, title, recipient, kind, made_ms: Date.now(), mark: id.slice(-6) };
    this.register.set(novel, [...(this.register.get(novel) ?? []), row]);
    return id;
  }

  #pagesOf(id: string, preset: ExportPreset): { pages: Drawn[]; words: number; chapters: number } {
    const novel = this.novelOf(id);
    this.number(novel);
    const { range } = preset;
    const nodes = novel.nodes.flatMap((node) => (node.kind === "part" ? node.children : [node]));
    const from = range.kind === "chapters" ? nodes.findIndex((node) => node.id === range.first) : 0;
    const to = range.kind === "chapters" ? nodes.findIndex((node) => node.id === range.last) : nodes.length;
    const part = novel.nodes.find((node) => range.kind === "part" && node.id === range.node);
    const chapters = nodes
      .map((node, index) => ({ node, index }))
      .filter(({ node, index }) => index >= from && index <= to && (!part || part.children.includes(node)))
      .map(({ node, index }) => ({
        title: node.title,
        number: index + 1,
        scenes: node.children
          .filter((one) => one.scene && (range.kind !== "scenes" || range.nodes.includes(one.id)))
          .map((one) => ({ words: one.words, text: this.textOf(one.scene ?? "") })),
      }))
      .filter((chapter) => chapter.scenes.length > 0);
    if (chapters.length === 0)
      throw failure("other", "Nothing is chosen for this export; nothing was written; choose a chapter.");
    const words = chapters.flatMap(({ scenes }) => scenes).reduce((sum, scene) => sum + scene.words, 0);
    return { pages: paginate(preset, novel.card, chapters), words, chapters: chapters.length };
  }
}
