/**
 * What every part of the invented program stands on: novels as trees of nodes, scenes as rows of cells, and the
 * status that wakes whoever waits for it.
 */
import type { Cell } from "../editor/flat";
import { applyNotes, applyOps, cellsFromRuns, excerpt, type NoteCells, wordsIn } from "./fake-text";
import { FakeVault, failure } from "./fake-vault";
import {
  type AlarmKind,
  type CommentRow,
  type EditOp,
  type NovelCard,
  type OutlineNode,
  type Run,
  SILENT,
  type Status,
  type TrashedNode,
  type VaultState,
} from "./host";

export type FakeScene = {
  cells: Cell[];
  notes?: NoteCells;
  session: number;
  sequence: number;
  comments: CommentRow[];
};
export type Trashed = TrashedNode & { parent: string | null; index: number };
export type FakeNovel = { card: NovelCard; nodes: OutlineNode[]; notes: OutlineNode[]; trash: Trashed[] };

export class FakeBase {
  state: VaultState = "absent";
  readonly vault = new FakeVault();
  novels: FakeNovel[] = [];
  scenes = new Map<string, FakeScene>();
  report: Status = { ...SILENT, revision: 1 };
  #next = 1;
  #waiting: (() => void)[] = [];

  get password(): string {
    return this.vault.password;
  }

  set password(password: string) {
    this.vault.password = password;
  }

  async status(_since: number): Promise<Status> {
    return { ...this.report, vault: this.state };
  }

  async nextStatus(since: number): Promise<Status> {
    while (this.report.revision <= since) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.report;
  }

  /** Changes what the status says and wakes whoever waits for it. */
  say(change: Partial<Status>): void {
    const once = { changed_scenes: [], changed_novels: [] };
    const revision = this.report.revision + 1;
    this.report = { ...this.report, ...once, ...change, vault: this.state, revision };
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Another laptop edits a scene: the text changes and the status says so. */
  editElsewhere(scene: string, ops: EditOp[]): void {
    const found = this.sceneOf(scene);
    found.cells = applyOps(found.cells, ops);
    found.notes = applyNotes(found.notes ?? {}, ops);
    this.say({ changed_scenes: [scene] });
  }

  setText(scene: string, runs: readonly Run[]): void {
    this.sceneOf(scene).cells = cellsFromRuns(runs);
  }

  textOf(scene: string): string {
    return this.sceneOf(scene)
      .cells.map((cell) => cell.unit)
      .join("");
  }

  /** Another laptop of the account asks to join, and both sides have spoken when there is a code. */
  knock(code: string | null = null): void {
    const join = (this.vault.requests.length + 1).toString(16).padStart(32, "5");
    this.vault.requests.push({ join, code, asked_at: Date.now() });
    this.say({ joins: this.vault.requests.length });
  }

  /** The server did something that it should not have done. */
  raise(kind: AlarmKind, message: string, state: "lasting" | "healed" = "lasting"): void {
    const healed = state === "healed";
    const alarm = { id: this.report.revision + 1, kind, message, at: Date.now(), healed };
    this.say({ alarms: [...this.report.alarms, alarm] });
  }

  filled = false;

  async fullScreen(on: boolean | null): Promise<boolean> {
    if (on !== null) this.filled = on;
    return this.filled;
  }

  protected mustBeOpen(): void {
    if (this.state !== "open") throw failure("locked", "The vault is locked; unlock it with your password.");
  }

  protected become(state: VaultState): void {
    this.state = state;
    if (state === "locked") this.vault.closeAll();
    this.say({});
  }

  protected newId(): string {
    this.#next += 1;
    return this.#next.toString(16).padStart(32, "0");
  }

  protected novelOf(id: string): FakeNovel {
    const found = this.novels.find((novel) => novel.card.id === id);
    if (!found) throw failure("not_found", "There is no such novel.");
    return found;
  }

  protected sceneOf(id: string): FakeScene {
    const found = this.scenes.get(id);
    if (!found) throw failure("not_found", "There is no such scene.");
    return found;
  }

  /** Every row of nodes in the novel with the node that holds it, the top ones first. */
  protected rowsOf(novel: FakeNovel): { holder: OutlineNode | null; row: OutlineNode[] }[] {
    const rows: { holder: OutlineNode | null; row: OutlineNode[] }[] = [];
    const visit = (holder: OutlineNode | null, row: OutlineNode[]) => {
      rows.push({ holder, row });
      for (const node of row) visit(node, node.children);
    };
    visit(null, novel.nodes);
    visit(null, novel.notes);
    return rows;
  }

  protected placeOf(novel: FakeNovel, is: (node: OutlineNode) => boolean) {
    for (const { holder, row } of this.rowsOf(novel)) {
      const index = row.findIndex(is);
      const node = row[index];
      if (node) return { holder, row, index, node };
    }
    throw failure("not_found", "There is no such place in the binder.");
  }

  protected nodeOf(novel: string, id: string): OutlineNode {
    return this.placeOf(this.novelOf(novel), (node) => node.id === id).node;
  }

  /** Numbers, words and first words, as they follow from the texts. */
  protected number(novel: FakeNovel): void {
    let chapter = 0;
    const visit = (nodes: OutlineNode[], under: string | null): number =>
      nodes.reduce((sum, node, index) => {
        if (node.kind === "chapter") {
          chapter += 1;
          node.path = String(chapter);
        }
        if (node.scene) {
          const { cells } = this.sceneOf(node.scene);
          node.path = node.kind === "note" ? "" : `${under}/${index + 1}`;
          node.words = wordsIn(cells);
          node.excerpt = excerpt(cells);
        } else node.words = visit(node.children, node.path);
        return sum + node.words;
      }, 0);
    novel.card.words = visit(novel.nodes, "");
    novel.card.chapters = chapter;
    visit(novel.notes, "");
  }

  protected cardOf(novel: FakeNovel): NovelCard {
    const lock = this.vault.locks.get(novel.card.id);
    if (lock && !lock.open) {
      const { id } = novel.card;
      const bare = { title: "", language: "en", words: 0, chapters: 0, edited_at: null };
      return { id, ...bare, lock: "locked", kit_opens: lock.copy };
    }
    this.number(novel);
    return { ...novel.card, lock: lock ? "open" : "none", kit_opens: lock?.copy ?? false };
  }
}

export { failure };
