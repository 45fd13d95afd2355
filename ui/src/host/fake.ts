/**
 * The program behind the window, invented: everything in memory, nothing sealed. For tests and the development page.
 *
 * **Invariant:** never part of the shipped window. Its scenes are rows of cells, changed by nothing but the
 * operations that the window sends, so that a wrong operation shows.
 */

import type { Cell } from "../editor/flat";
import { runsOf } from "../editor/flat";
import { applyOps, cellsFromRuns } from "./fake-text";
import type {
  Edit,
  Edited,
  EditOp,
  ExportFormat,
  Failure,
  Host,
  Imported,
  Kit,
  NewNode,
  NovelCard,
  Outline,
  OutlineNode,
  PasswordStrength,
  Run,
  SceneStatus,
  SceneView,
  SearchHit,
  Status,
  SyncReport,
  VaultState,
} from "./host";

export type FakeScene = { cells: Cell[]; session: number; sequence: number };
type FakeNovel = { card: NovelCard; nodes: OutlineNode[] };

const WORDS =
  "harbor violin ember quiet lantern orchard silver meadow paper winter copper river candle feather stone garden " +
  "marble thunder willow button island mirror pocket saddle";

export class FakeHost implements Host {
  state: VaultState = "absent";
  password = "";
  novels: FakeNovel[] = [];
  scenes = new Map<string, FakeScene>();
  edits: Edit[] = [];
  flushes = 0;
  /** Thrown by the next calls of `editScene`, first come first thrown. */
  troubles: Failure[] = [];
  report: Status = {
    revision: 1,
    vault: "absent",
    writing: false,
    saved_at: null,
    save_failure: null,
    link: "none",
    server: null,
    email: null,
    waiting: 0,
    message: null,
    notice: null,
    changed_scenes: [],
    changed_novels: [],
  };
  #next = 1;
  #waiting: (() => void)[] = [];

  async vaultState(): Promise<VaultState> {
    return this.state;
  }

  async passwordStrength(password: string): Promise<PasswordStrength> {
    const score = Math.min(4, Math.floor(new Set(password).size / 4));
    const advice = score < 3 ? "Add a word or two that do not belong together." : null;
    return { score, accepted: score >= 3, advice };
  }

  async createVault(password: string, accountCode: boolean): Promise<Kit> {
    this.password = password;
    this.#become("open");
    return {
      text: "Emergency Kit",
      words: WORDS.split(" "),
      confirm: [3, 11, 20],
      account_code: accountCode ? "7Q2M-4XKD-9RTA-W1BC-5NHE-3VGZ-8P" : null,
    };
  }

  async kitConfirmed(): Promise<void> {}

  async saveKit(path: string | null): Promise<string | null> {
    return path ?? "/home/author/Documents/Seshat Emergency Kit.txt";
  }

  async unlock(password: string): Promise<void> {
    if (password !== this.password) throw failure("wrong_password", "This password does not open the vault.");
    this.#become("open");
  }

  async lock(): Promise<void> {
    this.#become("locked");
  }

  async recover(
    server: string | null,
    email: string | null,
    kitText: string,
    newPassword: string,
  ): Promise<void> {
    if (kitText.trim().split(/\s+/).length < 24)
      throw failure("other", "This is no Emergency Kit that can be used.");
    this.password = newPassword;
    if (server !== null && email !== null) await this.connectServer(server, email);
    this.#become("open");
  }

  async join(server: string, email: string, password: string): Promise<void> {
    this.password = password;
    await this.connectServer(server, email);
    this.#become("open");
  }

  async library(): Promise<NovelCard[]> {
    return this.novels.map((novel) => this.#card(novel));
  }

  async createNovel(title: string, language: string): Promise<NovelCard> {
    const card = { id: this.#id(), title, language, words: 0, chapters: 1, edited_at: null };
    const novel: FakeNovel = { card, nodes: [] };
    this.novels.push(novel);
    const chapter = await this.addNode(card.id, { kind: "chapter", parent: null, after: null, title: "" });
    await this.addNode(card.id, { kind: "scene", parent: chapter.id, after: null, title: "" });
    return this.#card(novel);
  }

  async sampleNovel(): Promise<NovelCard> {
    return this.createNovel("Sample", "en-GB");
  }

  async chooseImport(folder: boolean): Promise<string | null> {
    return folder ? "/home/author/Novel" : "/home/author/novel.md";
  }

  async importPath(path: string, title: string | null): Promise<Imported> {
    if (!path.startsWith("/"))
      throw failure("not_found", "There is nothing at this path. Nothing was imported.");
    const novel = await this.createNovel(title ?? "The Lighthouse Keeper", "en-GB");
    return { novel, scenes: 12, notes: ["Two tables were kept as plain text."] };
  }

  async chooseExport(): Promise<string | null> {
    return "/home/author/Export";
  }

  async exportNovel(_novel: string, format: ExportFormat, path: string): Promise<string> {
    return format === "md" ? path : `${path}.txt`;
  }

  async outline(id: string): Promise<Outline> {
    const novel = this.#novel(id);
    this.#number(novel);
    return structuredClone({ novel: this.#card(novel), nodes: novel.nodes });
  }

  async addNode(id: string, node: NewNode): Promise<OutlineNode> {
    const novel = this.#novel(id);
    const scene = node.kind === "scene" ? this.#id() : null;
    if (scene) this.scenes.set(scene, { cells: [{ unit: "\n", attributes: {} }], session: 0, sequence: 0 });
    const made: OutlineNode = {
      id: this.#id(),
      kind: node.kind,
      title: node.title,
      scene,
      path: "",
      words: 0,
      excerpt: "",
      status: "todo",
      synopsis: "",
      children: [],
    };
    const siblings = node.parent ? this.#node(novel, node.parent).children : novel.nodes;
    const after = siblings.findIndex((sibling) => sibling.id === node.after);
    siblings.splice(after < 0 ? siblings.length : after + 1, 0, made);
    this.#number(novel);
    return structuredClone(made);
  }

  async renameNode(novel: string, node: string, title: string): Promise<void> {
    this.#node(this.#novel(novel), node).title = title;
  }

  async moveNode(id: string, node: string, parent: string | null, index: number): Promise<void> {
    const novel = this.#novel(id);
    const moved = this.#take(novel.nodes, node);
    const siblings = parent ? this.#node(novel, parent).children : novel.nodes;
    if (moved) siblings.splice(index, 0, moved);
  }

  async trashNode(novel: string, node: string): Promise<void> {
    this.#take(this.#novel(novel).nodes, node);
  }

  async setStatus(novel: string, node: string, status: SceneStatus): Promise<void> {
    this.#node(this.#novel(novel), node).status = status;
  }

  async setSynopsis(novel: string, node: string, synopsis: string): Promise<void> {
    this.#node(this.#novel(novel), node).synopsis = synopsis;
  }

  async openScene(_novel: string, id: string): Promise<SceneView> {
    const scene = this.#scene(id);
    scene.session += 1;
    scene.sequence = 0;
    const { session, sequence } = scene;
    return { scene: id, session, sequence, runs: runsOf(scene.cells), notes: {}, words: words(scene.cells) };
  }

  async editScene(edit: Edit): Promise<Edited> {
    const trouble = this.troubles.shift();
    if (trouble) throw trouble;
    const scene = this.#scene(edit.scene);
    if (edit.session !== scene.session) throw failure("stale", "The scene was opened again.");
    if (edit.sequence > scene.sequence) {
      if (edit.sequence !== scene.sequence + 1) throw failure("other", "An edit is missing.");
      scene.cells = applyOps(scene.cells, edit.ops);
      scene.sequence = edit.sequence;
      this.edits.push(structuredClone(edit));
    }
    const novel = this.#novel(edit.novel);
    this.#number(novel);
    this.#say({ saved_at: Date.now() });
    return { words: words(scene.cells), novel_words: this.#card(novel).words };
  }

  async flush(): Promise<void> {
    this.flushes += 1;
  }

  async closeScene(): Promise<void> {}

  async search(id: string, text: string): Promise<SearchHit[]> {
    const hits: SearchHit[] = [];
    const visit = (nodes: readonly OutlineNode[], chapter: string) => {
      for (const node of nodes) {
        const flat = node.scene ? plainText(this.#scene(node.scene).cells) : "";
        const at = flat.toLowerCase().indexOf(text.toLowerCase());
        if (at >= 0 && node.scene) {
          const found = flat.slice(at, at + text.length);
          const before = flat.slice(Math.max(0, at - 40), at);
          const after = flat.slice(at + text.length, at + text.length + 60);
          hits.push({ scene: node.scene, path: node.path, chapter, before, found, after });
        }
        visit(node.children, node.title);
      }
    };
    visit(this.#novel(id).nodes, "");
    return hits;
  }

  async connectServer(server: string, email: string): Promise<void> {
    this.#say({ server, email, link: "online" });
  }

  async syncNow(): Promise<SyncReport> {
    const online = this.report.link !== "offline";
    return {
      online,
      complete: online,
      up: 3,
      down: 0,
      waiting: this.report.waiting,
      rejected: 0,
      message: null,
    };
  }

  async status(_since: number): Promise<Status> {
    return { ...this.report, vault: this.state };
  }

  async nextStatus(since: number): Promise<Status> {
    while (this.report.revision <= since) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return this.report;
  }

  /** Another laptop edits a scene: the text changes and the status says so. */
  editElsewhere(scene: string, ops: EditOp[]): void {
    const found = this.#scene(scene);
    found.cells = applyOps(found.cells, ops);
    this.#say({ changed_scenes: [scene] });
  }

  /** Changes what the status says and wakes whoever waits for it. */
  say(change: Partial<Status>): void {
    this.#say(change);
  }

  setText(scene: string, runs: readonly Run[]): void {
    this.#scene(scene).cells = cellsFromRuns(runs);
  }

  textOf(scene: string): string {
    return this.#scene(scene)
      .cells.map((cell) => cell.unit)
      .join("");
  }

  #say(change: Partial<Status>): void {
    const once = { changed_scenes: [], changed_novels: [] };
    this.report = {
      ...this.report,
      ...once,
      ...change,
      vault: this.state,
      revision: this.report.revision + 1,
    };
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #become(state: VaultState): void {
    this.state = state;
    this.#say({});
  }

  #id(): string {
    this.#next += 1;
    return this.#next.toString(16).padStart(32, "0");
  }

  #novel(id: string): FakeNovel {
    const found = this.novels.find((novel) => novel.card.id === id);
    if (!found) throw failure("not_found", "There is no such novel.");
    return found;
  }

  #scene(id: string): FakeScene {
    const found = this.scenes.get(id);
    if (!found) throw failure("not_found", "There is no such scene.");
    return found;
  }

  #node(novel: FakeNovel, id: string): OutlineNode {
    const look = (nodes: OutlineNode[]): OutlineNode | undefined => {
      for (const node of nodes) {
        const found = node.id === id ? node : look(node.children);
        if (found) return found;
      }
      return undefined;
    };
    const found = look(novel.nodes);
    if (!found) throw failure("not_found", "There is no such place in the binder.");
    return found;
  }

  #take(nodes: OutlineNode[], id: string): OutlineNode | undefined {
    const at = nodes.findIndex((node) => node.id === id);
    if (at >= 0) return nodes.splice(at, 1)[0];
    for (const node of nodes) {
      const taken = this.#take(node.children, id);
      if (taken) return taken;
    }
    return undefined;
  }

  #number(novel: FakeNovel): void {
    let chapter = 0;
    const visit = (nodes: OutlineNode[], under: string): number =>
      nodes.reduce((sum, node, index) => {
        if (node.kind === "chapter") {
          chapter += 1;
          node.path = String(chapter);
        }
        if (node.scene) {
          const { cells } = this.#scene(node.scene);
          node.path = `${under}/${index + 1}`;
          node.words = words(cells);
          node.excerpt = plainText(cells).trim().slice(0, 60);
        } else node.words = visit(node.children, node.path);
        return sum + node.words;
      }, 0);
    novel.card.words = visit(novel.nodes, "");
    novel.card.chapters = chapter;
  }

  #card(novel: FakeNovel): NovelCard {
    this.#number(novel);
    return { ...novel.card };
  }
}

export function failure(code: Failure["code"], message: string): Failure {
  return { code, message };
}

function plainText(cells: readonly Cell[]): string {
  return cells.map((cell) => (cell.unit === "\n" ? " " : cell.unit)).join("");
}

function words(cells: readonly Cell[]): number {
  return plainText(cells)
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}
