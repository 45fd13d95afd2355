/**
 * The binder: parts, chapters and scenes in reading order, which of them are folded, and which row has the focus.
 *
 * **Invariant:** nothing here touches a scene's text; moving and renaming are about nodes only.
 */
import type { Edited, Host, NodeKind, NovelCard, Outline, OutlineNode, SceneStatus } from "../host/host";
import { t } from "../shared/i18n.svelte";

/** One visible line of the binder. */
export type Row = {
  node: OutlineNode;
  level: number;
  /** 1 for the first among its siblings. */
  place: number;
  siblings: number;
  parent: OutlineNode | null;
};

export class Binder {
  outline = $state.raw<Outline>({ novel: NOTHING, nodes: [] });
  folded = $state.raw<ReadonlySet<string>>(new Set());
  /** The row that the arrow keys start from: the binder's one tab stop. */
  current = $state<string | null>(null);
  renaming = $state<string | null>(null);
  readonly #host: Host;

  constructor(host: Host, outline: Outline) {
    this.#host = host;
    this.outline = outline;
  }

  /** The vault was locked: no title, synopsis or excerpt stays here. */
  forget(): void {
    this.outline = { novel: NOTHING, nodes: [] };
    this.folded = new Set();
    this.current = null;
    this.renaming = null;
  }

  get novel(): NovelCard {
    return this.outline.novel;
  }

  get rows(): Row[] {
    const rows: Row[] = [];
    this.#walk(this.outline.nodes, null, 1, rows, (node) => !this.folded.has(node.id));
    return rows;
  }

  /** Every scene in reading order, folded away or not. */
  get scenes(): OutlineNode[] {
    return this.#all.filter((row) => row.node.scene !== null).map((row) => row.node);
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
    if (node.kind === "other") return t("binder.other");
    return node.excerpt === "" ? t("binder.emptyscene") : node.excerpt;
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
    let row = this.rowOf(scene);
    if (row) this.current = row.node.id;
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
    this.outline = { novel, nodes: count(this.outline.nodes) };
  }

  async add(kind: NodeKind & ("scene" | "chapter"), beside: string | null): Promise<OutlineNode> {
    const here = this.rowOf(beside);
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
    const scene = await this.#make("scene", chapter.id, null);
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

  /** One place up or down; a scene at its chapter's edge goes over into the next one. False: there is nowhere. */
  async move(id: string, by: 1 | -1): Promise<boolean> {
    const row = this.find(id);
    if (!row) return false;
    const target = row.place - 1 + by;
    if (target >= 0 && target < row.siblings) {
      await this.#host.moveNode(this.novel.id, id, row.parent?.id ?? null, target);
    } else {
      const next = this.#neighbour(row, by);
      if (!next) return false;
      await this.#host.moveNode(this.novel.id, id, next.id, by > 0 ? 0 : next.children.length);
      this.fold(next.id, "open");
    }
    await this.refresh();
    return true;
  }

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

  /** A scene to show when this node goes: the next one behind it, else the one before. */
  sceneBeside(id: string): string | null {
    const scenes = this.scenes;
    const inside = scenes.map((node) => this.holds(id, node.scene));
    const last = inside.lastIndexOf(true);
    const first = inside.indexOf(true);
    return (scenes[last + 1] ?? scenes[first - 1])?.scene ?? null;
  }

  get #all(): Row[] {
    const rows: Row[] = [];
    this.#walk(this.outline.nodes, null, 1, rows, () => true);
    return rows;
  }

  get #lastChapter(): OutlineNode | null {
    return this.#all.filter((row) => row.node.kind === "chapter").at(-1)?.node ?? null;
  }

  /** The holder of the same kind next to this node's own, in reading order. */
  #neighbour(row: Row, by: 1 | -1): OutlineNode | null {
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
