/**
 * The binder: parts, chapters and scenes in reading order, the notes below them, which of them are folded, and which
 * row has the focus.
 *
 * **Invariant:** nothing here touches a scene's text; moving and renaming are about nodes only.
 */
import type { Edited, Host, NodeKind, NovelCard, Outline, OutlineNode, SceneStatus } from "../host/host";
import { t } from "../shared/i18n.svelte";
import { Selection } from "./selection.svelte";

/** One visible line of the binder. */
export type Row = {
  node: OutlineNode;
  level: number;
  /** 1 for the first among its siblings. */
  place: number;
  siblings: number;
  parent: OutlineNode | null;
};

type Place = { parent: string | null; index: number };

/** What may stand in what, where the level of a row is the author's choice. */
const HOLDS: Partial<Record<NodeKind, readonly NodeKind[]>> = {
  part: ["chapter"],
  folder: ["note", "folder"],
};

export class Binder {
  outline = $state.raw<Outline>({ novel: NOTHING, nodes: [], notes: [] });
  folded = $state.raw<ReadonlySet<string>>(new Set());
  /** The row that the arrow keys start from: the binder's one tab stop. */
  current = $state<string | null>(null);
  renaming = $state<string | null>(null);
  /** Rows that are chosen together. */
  readonly selection = new Selection(() => this.rows);
  readonly #host: Host;

  constructor(host: Host, outline: Outline) {
    this.#host = host;
    this.outline = outline;
  }

  /** The vault was locked: no title, synopsis or excerpt stays here. */
  forget(): void {
    this.outline = { novel: NOTHING, nodes: [], notes: [] };
    this.folded = new Set();
    this.current = null;
    this.renaming = null;
    this.selection.clear();
  }

  get novel(): NovelCard {
    return this.outline.novel;
  }

  /** The visible rows of the manuscript. */
  get manuscript(): Row[] {
    return this.#rowsOf(this.outline.nodes, "visible");
  }

  /** The visible rows of the notes. */
  get notes(): Row[] {
    return this.#rowsOf(this.outline.notes, "visible");
  }

  /** Every visible row, in the order that the arrow keys walk them. */
  get rows(): Row[] {
    return [...this.manuscript, ...this.notes];
  }

  /** Every scene in reading order, folded away or not; notes are none. */
  get scenes(): OutlineNode[] {
    const rows = this.#rowsOf(this.outline.nodes, "all");
    return rows.filter((row) => row.node.scene !== null).map((row) => row.node);
  }

  /** Every row, folded away or not, the manuscript first. */
  get everything(): Row[] {
    return this.#all;
  }

  /** Labels that are in use, each once. */
  get labels(): string[] {
    return [...new Set(this.#all.map((row) => row.node.label).filter(Boolean))].sort();
  }

  /** The scene that a merge would take in: the next one of the same chapter. */
  nextOf(scene: string | null): OutlineNode | null {
    const row = this.rowOf(scene);
    if (row?.node.kind !== "scene") return null;
    const next = row.parent?.children[row.place];
    return next?.kind === "scene" ? next : null;
  }

  find(id: string): Row | undefined {
    return this.#all.find((row) => row.node.id === id);
  }

  rowOf(scene: string | null): Row | undefined {
    return scene === null ? undefined : this.#all.find((row) => row.node.scene === scene);
  }

  /** The chapter that a scene is in. */
  chapterOf(scene: string | null): OutlineNode | null {
    return this.rowOf(scene)?.parent ?? null;
  }

  title(node: OutlineNode): string {
    if (node.title !== "") return node.title;
    if (node.kind === "chapter") {
      return node.path === "" ? t("binder.chapter.plain") : t("binder.chapter", { n: node.path });
    }
    if (node.kind === "part") return t("binder.part");
    if (node.kind === "folder") return t("binder.folder");
    if (node.kind === "other") return t("binder.other");
    if (node.excerpt !== "") return node.excerpt;
    return node.kind === "note" ? t("binder.emptynote") : t("binder.emptyscene");
  }

  async refresh(): Promise<void> {
    const outline = await this.#host.outline(this.novel.id);
    // Forgotten meanwhile: what comes late is not taken in again.
    if (outline.novel.id === this.novel.id) this.outline = outline;
  }

  fold(id: string, folded: "folded" | "open"): void {
    const next = new Set(this.folded);
    if (folded === "folded") next.add(id);
    else next.delete(id);
    this.folded = next;
  }

  /** Unfolds what holds the scene and makes its row the current one. */
  reveal(scene: string): void {
    const row = this.rowOf(scene);
    if (row) this.show(row.node.id);
  }

  /** Unfolds what holds the row and makes it the current one. */
  show(id: string): void {
    let row = this.find(id);
    if (row) this.current = id;
    while (row?.parent) {
      this.fold(row.parent.id, "open");
      row = this.find(row.parent.id);
    }
  }

  /** Counts that came back with an edit; the chapter's and the novel's follow without asking again. */
  counted(scene: string, edited: Edited): void {
    const count = (nodes: readonly OutlineNode[]): OutlineNode[] =>
      nodes.map((node) => {
        if (node.scene === scene) return { ...node, words: edited.words };
        if (node.children.length === 0) return node;
        const children = count(node.children);
        return { ...node, children, words: children.reduce((sum, child) => sum + child.words, 0) };
      });
    const novel = { ...this.novel, words: edited.novel_words };
    const { nodes, notes } = this.outline;
    this.outline = { novel, nodes: count(nodes), notes: count(notes) };
  }

  /** A note or a folder: into the folder with the focus, or beside the note with the focus. */
  async addNote(kind: "note" | "folder"): Promise<OutlineNode> {
    const here = this.current === null ? undefined : this.find(this.current);
    const inside = here?.node.kind === "folder" ? here.node : (here?.parent ?? null);
    const parent = inside?.kind === "folder" ? inside.id : null;
    const after = here?.node.kind === "note" ? here.node.id : null;
    const made = await this.#make(kind, parent, after);
    if (parent) this.fold(parent, "open");
    await this.refresh();
    this.current = made.id;
    return made;
  }

  async add(kind: NodeKind & ("scene" | "chapter"), beside: string | null): Promise<OutlineNode> {
    const open = this.rowOf(beside);
    const here = open?.node.kind === "scene" ? open : undefined;
    const chapter = here?.parent ?? this.#lastChapter;
    if (kind === "chapter" || !chapter) return this.#addChapter(chapter);
    const after = here?.node.id ?? null;
    const made = await this.#make("scene", chapter.id, after);
    await this.refresh();
    return made;
  }

  async #addChapter(after: OutlineNode | null): Promise<OutlineNode> {
    const parent = after ? (this.find(after.id)?.parent?.id ?? null) : null;
    const chapter = await this.#make("chapter", parent, after?.id ?? null);
    // The program begins a chapter with a scene.
    const scene = chapter.children[0] ?? (await this.#make("scene", chapter.id, null));
    await this.refresh();
    return scene;
  }

  #make(kind: NodeKind, parent: string | null, after: string | null): Promise<OutlineNode> {
    return this.#host.addNode(this.novel.id, { kind, parent, after, title: "" });
  }

  async rename(id: string, title: string): Promise<void> {
    this.renaming = null;
    if (this.find(id)?.node.title === title.trim()) return;
    await this.#host.renameNode(this.novel.id, id, title.trim());
    await this.refresh();
  }

  async setStatus(id: string, status: SceneStatus): Promise<void> {
    await this.#host.setStatus(this.novel.id, id, status);
    await this.refresh();
  }

  async setSynopsis(id: string, synopsis: string): Promise<void> {
    if (this.find(id)?.node.synopsis === synopsis) return;
    await this.#host.setSynopsis(this.novel.id, id, synopsis);
    await this.refresh();
  }

  async setLabel(id: string, label: string): Promise<void> {
    if (this.find(id)?.node.label === label.trim()) return;
    await this.#host.setLabel(this.novel.id, id, label.trim());
    await this.refresh();
  }

  async setTarget(id: string, target: number | null): Promise<void> {
    if (this.find(id)?.node.target === target) return;
    await this.#host.setTarget(this.novel.id, id, target);
    await this.refresh();
  }

  async setIncluded(id: string, included: boolean): Promise<void> {
    await this.#host.setIncluded(this.novel.id, id, included);
    await this.refresh();
  }

  async acknowledge(id: string): Promise<void> {
    await this.#host.acknowledgeNode(this.novel.id, id);
    await this.refresh();
  }

  async duplicate(id: string): Promise<OutlineNode> {
    const made = await this.#host.duplicateNode(this.novel.id, id);
    await this.refresh();
    this.current = made.id;
    return made;
  }

  async restore(id: string): Promise<void> {
    await this.#host.restoreNode(this.novel.id, id);
    await this.refresh();
    if (this.find(id)) this.current = id;
  }

  /** To a place that is known: the way back of a move. */
  async put(id: string, parent: string | null, index: number): Promise<void> {
    await this.#host.moveNode(this.novel.id, id, parent, index);
    if (parent) this.fold(parent, "open");
    await this.refresh();
  }

  /** One level in, into the holder above it, or one level out. False: there is no such level. */
  async level(id: string, by: "in" | "out"): Promise<boolean> {
    const row = this.find(id);
    if (!row) return false;
    const place = by === "in" ? this.#inside(row) : this.#outside(row);
    if (!place) return false;
    await this.put(id, place.parent, place.index);
    return true;
  }

  /** One place up or down; a scene at its chapter's edge goes over into the next one. False: there is nowhere. */
  async move(id: string, by: 1 | -1): Promise<boolean> {
    const row = this.find(id);
    if (!row) return false;
    const target = row.place - 1 + by;
    if (target >= 0 && target < row.siblings) {
      await this.#host.moveNode(this.novel.id, id, row.parent?.id ?? null, target);
    } else {
      const next = this.neighbour(row, by);
      if (!next) return false;
      await this.#host.moveNode(this.novel.id, id, next.id, by > 0 ? 0 : next.children.length);
      this.fold(next.id, "open");
    }
    await this.refresh();
    return true;
  }

  /** The row that takes its place gets the focus. */
  async trash(id: string): Promise<void> {
    const rows = this.rows;
    const at = rows.findIndex((row) => row.node.id === id);
    await this.#host.trashNode(this.novel.id, id);
    await this.refresh();
    const left = this.rows;
    this.current = (left[Math.min(at, left.length - 1)] ?? left[0])?.node.id ?? null;
  }

  holds(id: string, scene: string | null): boolean {
    let row = this.rowOf(scene);
    while (row) {
      if (row.node.id === id) return true;
      row = row.parent ? this.find(row.parent.id) : undefined;
    }
    return false;
  }

  /** A scene to show when these nodes go: the next one behind them, else the one before. */
  sceneBeside(...ids: string[]): string | null {
    const scenes = this.scenes;
    const inside = scenes.map((node) => ids.some((id) => this.holds(id, node.scene)));
    const last = inside.lastIndexOf(true);
    const first = inside.indexOf(true);
    return (scenes[last + 1] ?? scenes[first - 1])?.scene ?? null;
  }

  get #all(): Row[] {
    return [...this.#rowsOf(this.outline.nodes, "all"), ...this.#rowsOf(this.outline.notes, "all")];
  }

  #rowsOf(nodes: readonly OutlineNode[], which: "visible" | "all"): Row[] {
    const rows: Row[] = [];
    this.#walk(nodes, null, 1, rows, (node) => which === "all" || !this.folded.has(node.id));
    return rows;
  }

  /** Behind the last child of the sibling above, if that may hold it. */
  #inside(row: Row): Place | null {
    const siblings = row.parent?.children ?? this.#topOf(row.node);
    const above = siblings[row.place - 2];
    if (!above || !HOLDS[above.kind]?.includes(row.node.kind)) return null;
    return { parent: above.id, index: above.children.length };
  }

  /** Behind its holder. */
  #outside(row: Row): Place | null {
    if (!row.parent || row.node.kind === "scene") return null;
    const holder = this.find(row.parent.id);
    return holder ? { parent: holder.parent?.id ?? null, index: holder.place } : null;
  }

  #topOf(node: OutlineNode): readonly OutlineNode[] {
    return this.outline.notes.includes(node) ? this.outline.notes : this.outline.nodes;
  }

  get #lastChapter(): OutlineNode | null {
    return this.#all.filter((row) => row.node.kind === "chapter").at(-1)?.node ?? null;
  }

  /** The holder of the same kind next to this node's own, in reading order. */
  neighbour(row: Row, by: 1 | -1): OutlineNode | null {
    if (!row.parent) return null;
    const kind = row.parent.kind;
    const holders = this.#all.filter((other) => other.node.kind === kind).map((other) => other.node);
    const at = holders.findIndex((node) => node.id === row.parent?.id);
    return holders[at + by] ?? null;
  }

  #walk(
    nodes: readonly OutlineNode[],
    parent: OutlineNode | null,
    level: number,
    into: Row[],
    enter: (node: OutlineNode) => boolean,
  ): void {
    nodes.forEach((node, index) => {
      into.push({ node, level, place: index + 1, siblings: nodes.length, parent });
      if (enter(node)) this.#walk(node.children, node, level + 1, into, enter);
    });
  }
}

const NOTHING: NovelCard = {
  id: "",
  title: "",
  language: "en",
  words: 0,
  chapters: 0,
  edited_at: null,
  lock: "none",
  kit_opens: false,
};
