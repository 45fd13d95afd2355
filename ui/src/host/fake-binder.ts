/** The invented library and its binders: nodes that are made, moved, split, merged, trashed and brought back. */
import type { Cell } from "../editor/flat";
import { runsOf } from "../editor/flat";
import { type FakeNovel, failure } from "./fake-base";
import { FakeKeys } from "./fake-keys";
import { applyNotes, applyOps, notesIn, wordsIn } from "./fake-text";
import type {
  Edit,
  Edited,
  Failure,
  GoalRow,
  NewNode,
  NovelCard,
  Outline,
  OutlineNode,
  Progress,
  Run,
  SceneStatus,
  SceneView,
  TextPlace,
  TrashedNode,
  WrittenDay,
} from "./host";

const NEWLINE: Cell = { unit: "\n", attributes: {} };

export class FakeBinder extends FakeKeys {
  edits: Edit[] = [];
  flushes = 0;
  /** Thrown by the next calls of `editScene`, first come first thrown. */
  troubles: Failure[] = [];
  /** Scenes that do not open whole, with what is known of them. */
  damaged = new Map<string, { message: string; lastGood: Run[] | null }>();

  async library(): Promise<NovelCard[]> {
    return this.novels.map((novel) => this.cardOf(novel));
  }

  async createNovel(title: string, language: string): Promise<NovelCard> {
    const facts = { title, language, words: 0, chapters: 1, edited_at: null, kit_opens: false };
    const card = { id: this.newId(), ...facts, lock: "none" as const };
    const novel: FakeNovel = { card, nodes: [], notes: [], trash: [] };
    this.novels.push(novel);
    const chapter = await this.addNode(card.id, { kind: "chapter", parent: null, after: null, title: "" });
    await this.addNode(card.id, { kind: "scene", parent: chapter.id, after: null, title: "" });
    return this.cardOf(novel);
  }

  async sampleNovel(language: string): Promise<NovelCard> {
    return this.createNovel("Sample", language === "fr" ? "fr" : "en-GB");
  }

  async outline(id: string): Promise<Outline> {
    const novel = this.novelOf(id);
    if (this.cardOf(novel).lock === "locked")
      throw failure(
        "novel_locked",
        "This novel is closed; nothing was changed; open it with its passphrase.",
      );
    this.number(novel);
    return structuredClone({ novel: this.cardOf(novel), nodes: novel.nodes, notes: novel.notes });
  }

  async addNode(id: string, node: NewNode): Promise<OutlineNode> {
    const novel = this.novelOf(id);
    const holds = node.kind === "scene" || node.kind === "note";
    const made = this.#makeNode(node.kind, node.title, holds ? this.#makeScene([NEWLINE]) : null);
    const top = node.kind === "note" || node.kind === "folder" ? novel.notes : novel.nodes;
    const siblings = node.parent ? this.nodeOf(id, node.parent).children : top;
    const after = siblings.findIndex((sibling) => sibling.id === node.after);
    siblings.splice(after < 0 ? siblings.length : after + 1, 0, made);
    this.number(novel);
    return structuredClone(made);
  }

  async renameNode(novel: string, node: string, title: string): Promise<void> {
    this.nodeOf(novel, node).title = title;
  }

  async moveNode(id: string, node: string, parent: string | null, index: number): Promise<void> {
    const novel = this.novelOf(id);
    const place = this.placeOf(novel, (one) => one.id === node);
    place.row.splice(place.index, 1);
    const top = novel.notes === place.row || isNote(place.node) ? novel.notes : novel.nodes;
    const siblings = parent ? this.nodeOf(id, parent).children : top;
    siblings.splice(index, 0, place.node);
  }

  async trashNode(id: string, node: string): Promise<void> {
    const novel = this.novelOf(id);
    const { holder, row, index, node: taken } = this.placeOf(novel, (one) => one.id === node);
    row.splice(index, 1);
    novel.trash.unshift({ node: taken, at: Date.now(), parent: holder?.id ?? null, index });
  }

  async trash(id: string): Promise<TrashedNode[]> {
    return structuredClone(this.novelOf(id).trash.map(({ node, at }) => ({ node, at })));
  }

  async restoreNode(id: string, node: string): Promise<void> {
    const novel = this.novelOf(id);
    const found = novel.trash.find((one) => one.node.id === node);
    if (!found) throw failure("not_found", "This is not in the trash any more; nothing was changed.");
    novel.trash = novel.trash.filter((one) => one !== found);
    const holder = this.rowsOf(novel).find((row) => row.holder?.id === found.parent && found.parent !== null);
    const top = isNote(found.node) ? novel.notes : novel.nodes;
    (holder?.row ?? top).splice(found.index, 0, found.node);
  }

  async setStatus(novel: string, node: string, status: SceneStatus): Promise<void> {
    this.nodeOf(novel, node).status = status;
  }

  async setSynopsis(novel: string, node: string, synopsis: string): Promise<void> {
    this.nodeOf(novel, node).synopsis = synopsis;
  }

  async setLabel(novel: string, node: string, label: string): Promise<void> {
    this.nodeOf(novel, node).label = label;
  }

  async setTarget(novel: string, node: string, target: number | null): Promise<void> {
    this.nodeOf(novel, node).target = target;
  }

  /** What was typed, by novel, and what the author means to reach. */
  typed = new Map<string, number>();
  goals = new Map<string, GoalRow>();
  days: WrittenDay[] = [];

  async progress(novel: string): Promise<Progress> {
    const { words } = this.cardOf(this.novelOf(novel));
    const today = this.typed.get(novel) ?? 0;
    const goals = this.goals.get(novel) ?? { daily: null, words: null, deadline: null };
    const left = (goals.words ?? 0) - words;
    const days_left = goals.deadline === null ? null : 100;
    const a_day = days_left && Math.ceil(left / days_left);
    const pace = left > 0 ? { left, days_left, a_day, lately: 0, done: null } : null;
    return { words, today, sitting: today, goals, pace, days: this.days };
  }

  async setGoals(novel: string, goals: GoalRow): Promise<void> {
    this.goals.set(novel, goals);
  }

  async setIncluded(novel: string, node: string, included: boolean): Promise<void> {
    this.nodeOf(novel, node).included = included;
  }

  async acknowledgeNode(novel: string, node: string): Promise<void> {
    this.nodeOf(novel, node).kept = false;
  }

  async duplicateNode(id: string, node: string): Promise<OutlineNode> {
    const novel = this.novelOf(id);
    const { row, index, node: found } = this.placeOf(novel, (one) => one.id === node);
    const copy = (of: OutlineNode): OutlineNode => ({
      ...structuredClone({ ...of, children: [] }),
      id: this.newId(),
      scene: of.scene ? this.#makeScene(this.sceneOf(of.scene).cells) : null,
      children: of.children.map(copy),
    });
    const made = copy(found);
    row.splice(index + 1, 0, made);
    this.number(novel);
    return structuredClone(made);
  }

  async splitScene(id: string, scene: string, atUtf16: number): Promise<OutlineNode> {
    const novel = this.novelOf(id);
    const { row, index, node } = this.placeOf(novel, (one) => one.scene === scene);
    const found = this.sceneOf(scene);
    if (atUtf16 < 1 || atUtf16 > found.cells.length)
      throw failure("other", "A scene cannot be split there; nothing was changed.");
    const tail = found.cells.slice(atUtf16);
    found.cells = found.cells.slice(0, atUtf16);
    this.#endOpening(scene);
    const text = this.#makeScene(tail[0]?.unit === "\n" ? tail : [NEWLINE, ...tail]);
    const made = { ...this.#makeNode(node.kind, "", text), status: node.status };
    row.splice(index + 1, 0, made);
    this.number(novel);
    return structuredClone(made);
  }

  async mergeScenes(id: string, scene: string): Promise<OutlineNode> {
    const novel = this.novelOf(id);
    const { row, index, node } = this.placeOf(novel, (one) => one.scene === scene);
    const next = row[index + 1];
    if (!next?.scene)
      throw failure("other", "There is no scene behind this one in its chapter; nothing was changed.");
    const found = this.sceneOf(scene);
    found.cells = [...found.cells, ...this.sceneOf(next.scene).cells];
    this.#endOpening(scene);
    this.sceneOf(next.scene).cells = [NEWLINE];
    node.synopsis = [node.synopsis, next.synopsis].filter(Boolean).join("\n\n");
    await this.trashNode(id, next.id);
    this.number(novel);
    return structuredClone(node);
  }

  async openScene(_novel: string, id: string): Promise<SceneView> {
    const scene = this.sceneOf(id);
    scene.session += 1;
    scene.sequence = 0;
    const { session, sequence, cells, comments } = scene;
    const damage = this.damaged.get(id);
    return structuredClone({
      scene: id,
      session,
      sequence,
      runs: runsOf(cells),
      notes: notesIn(cells, scene.notes ?? {}),
      words: wordsIn(cells),
      damage: damage?.message ?? null,
      last_good: damage?.lastGood ?? null,
      comments,
    });
  }

  async editScene(edit: Edit): Promise<Edited> {
    const trouble = this.troubles.shift();
    if (trouble) throw trouble;
    const scene = this.sceneOf(edit.scene);
    if (edit.session !== scene.session) throw failure("stale", "The scene was opened again.");
    if (edit.sequence > scene.sequence) {
      if (edit.sequence !== scene.sequence + 1) throw failure("other", "An edit is missing.");
      const before = wordsIn(scene.cells);
      const notes = applyNotes(scene.notes ?? {}, edit.ops);
      scene.cells = applyOps(scene.cells, edit.ops);
      scene.notes = notes;
      const more = edit.typed ? wordsIn(scene.cells) - before : 0;
      this.typed.set(edit.novel, Math.max(0, (this.typed.get(edit.novel) ?? 0) + more));
      scene.sequence = edit.sequence;
      this.edits.push(structuredClone(edit));
    }
    this.say({ saved_at: Date.now() });
    return this.counts(edit.novel, edit.scene);
  }

  async flush(): Promise<void> {
    this.flushes += 1;
  }

  async closeScene(): Promise<void> {}

  /** Where the author was, by novel. */
  places = new Map<string, TextPlace>();

  async place(novel: string): Promise<TextPlace | null> {
    this.novelOf(novel);
    return this.places.get(novel) ?? null;
  }

  async keepPlace(novel: string, scene: string, atUtf16: number): Promise<void> {
    this.sceneOf(scene);
    this.places.set(novel, { scene, at: atUtf16 });
  }

  protected counts(novel: string, scene: string): Edited {
    const found = this.novelOf(novel);
    this.number(found);
    const today = this.typed.get(novel) ?? 0;
    const words = wordsIn(this.sceneOf(scene).cells);
    return { words, novel_words: this.cardOf(found).words, today, sitting: today };
  }

  /** The text is another one than whoever has it open knows: edits that belong to it are stale. */
  #endOpening(scene: string): void {
    this.sceneOf(scene).session += 1;
  }

  #makeScene(cells: readonly Cell[]): string {
    const id = this.newId();
    this.scenes.set(id, { cells: [...cells], session: 0, sequence: 0, comments: [] });
    return id;
  }

  #makeNode(kind: OutlineNode["kind"], title: string, scene: string | null): OutlineNode {
    const unset = { path: "", words: 0, excerpt: "", status: "todo" as const, synopsis: "" };
    const later = { label: "", target: null, included: true, kept: false };
    return { id: this.newId(), kind, title, scene, ...unset, ...later, children: [] };
  }
}

const isNote = (node: OutlineNode) => node.kind === "note" || node.kind === "folder";
