/**
 * The program behind the window, invented: everything in memory, nothing sealed. For tests and the development page.
 *
 * **Invariant:** never part of the shipped window. Its scenes are rows of cells, changed by nothing but the
 * operations that the window sends, so that a wrong operation shows.
 */

import type { Cell } from "../editor/flat";
import { runsOf } from "../editor/flat";
import { applyOps, cellsFromRuns } from "./fake-text";
import { FakeVault, failure } from "./fake-vault";
import type {
  AlarmKind,
  DeviceCard,
  Edit,
  Edited,
  EditOp,
  ExportFormat,
  Failure,
  Host,
  Imported,
  JoinAsking,
  JoinState,
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
  Security,
  Status,
  SyncReport,
  VaultState,
} from "./host";

export type FakeScene = { cells: Cell[]; session: number; sequence: number };
type FakeNovel = { card: NovelCard; nodes: OutlineNode[] };

export class FakeHost implements Host {
  state: VaultState = "absent";
  readonly vault = new FakeVault();
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
    alarms: [],
    joins: 0,
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

  get password(): string {
    return this.vault.password;
  }

  set password(password: string) {
    this.vault.password = password;
  }

  async createVault(password: string, accountCode: boolean): Promise<Kit> {
    this.password = password;
    this.vault.accountCode = accountCode;
    this.#become("open");
    return this.vault.kit();
  }

  async kitConfirmed(): Promise<void> {}

  async saveKit(path: string | null): Promise<string | null> {
    return path ?? "/home/author/Documents/Seshat Emergency Kit.txt";
  }

  async saveKitPage(path: string | null): Promise<string | null> {
    return path ?? "/home/author/Documents/Seshat Emergency Kit.html";
  }

  async unlock(password: string): Promise<void> {
    this.vault.check(password);
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

  async askToJoin(server: string, email: string): Promise<void> {
    this.#say({ server, email });
    this.vault.joining = { step: "waiting", code: null };
  }

  async joinState(): Promise<JoinState> {
    if (this.vault.joining.step === "joined" && this.state !== "open") this.#become("open");
    return { ...this.vault.joining };
  }

  async cancelJoin(): Promise<void> {
    this.vault.joining = { step: "ended", code: null };
  }

  async remembered(): Promise<boolean> {
    return (this.vault.facts.remembered_until ?? 0) > Date.now();
  }

  async unlockRemembered(): Promise<void> {
    if (this.vault.facts.keychain !== "ready")
      throw failure("other", "The system's keychain is locked; your novels are safe; use the password.");
    this.#become("open");
  }

  async security(): Promise<Security> {
    this.#mustBeOpen();
    return this.vault.security();
  }

  async changePassword(current: string, newPassword: string): Promise<void> {
    this.vault.change(current, newPassword);
  }

  async rotateVault(current: string, newPassword: string): Promise<Kit> {
    return this.vault.rotate(current, newPassword);
  }

  async showKit(password: string): Promise<Kit> {
    this.vault.check(password);
    return this.vault.kit();
  }

  async newKit(password: string): Promise<Kit> {
    return this.vault.renew(password);
  }

  async calibrate(password: string): Promise<void> {
    this.vault.check(password);
    this.vault.facts.memory_mib *= 2;
  }

  async remember(days: number): Promise<void> {
    this.vault.remember(days);
  }

  async forgetRemembered(): Promise<void> {
    this.vault.facts.remembered_until = null;
  }

  async setIdleMinutes(minutes: number | null): Promise<void> {
    this.vault.facts.idle_minutes = minutes;
  }

  async active(): Promise<void> {
    this.vault.stirred += 1;
  }

  async devices(): Promise<DeviceCard[]> {
    this.#mustBeOpen();
    return structuredClone(this.vault.devices);
  }

  async renameDevice(device: string, name: string): Promise<void> {
    this.vault.device(device).name = name;
  }

  async revokeDevice(device: string): Promise<void> {
    this.vault.revoke(device);
  }

  async joins(): Promise<JoinAsking[]> {
    return structuredClone(this.vault.requests);
  }

  async approveJoin(join: string, name: string): Promise<void> {
    this.vault.approve(join, name);
    this.#say({ joins: this.vault.requests.length });
  }

  async denyJoin(join: string): Promise<void> {
    this.vault.deny(join);
    this.#say({ joins: this.vault.requests.length });
  }

  async dismissAlarm(alarm: number): Promise<void> {
    this.#say({ alarms: this.report.alarms.filter((one) => one.id !== alarm) });
  }

  async lockNovel(novel: string, passphrase: string, recoveryCopy: boolean): Promise<void> {
    this.vault.lockNovel(novel, passphrase, recoveryCopy);
  }

  async openNovel(novel: string, passphrase: string): Promise<void> {
    this.vault.openNovel(novel, passphrase);
  }

  async openNovelWithKit(novel: string, kitText: string): Promise<void> {
    this.vault.openNovelWithKit(novel, kitText);
  }

  async closeNovel(novel: string): Promise<void> {
    this.vault.closeNovel(novel);
  }

  async unlockNovelForGood(novel: string): Promise<void> {
    this.vault.locks.delete(novel);
  }

  async library(): Promise<NovelCard[]> {
    return this.novels.map((novel) => this.#card(novel));
  }

  async createNovel(title: string, language: string): Promise<NovelCard> {
    const card = {
      id: this.#id(),
      title,
      language,
      words: 0,
      chapters: 1,
      edited_at: null,
      lock: "none" as const,
      kit_opens: false,
    };
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
    if (this.#card(novel).lock === "locked")
      throw failure(
        "novel_locked",
        "This novel is closed; nothing was changed; open it with its passphrase.",
      );
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

  /** Another laptop of the account asks to join, and both sides have spoken when there is a code. */
  knock(code: string | null = null): void {
    const join = (this.vault.requests.length + 1).toString(16).padStart(32, "5");
    this.vault.requests.push({ join, code, asked_at: Date.now() });
    this.#say({ joins: this.vault.requests.length });
  }

  /** The server did something that it should not have done. */
  raise(kind: AlarmKind, message: string, state: "lasting" | "healed" = "lasting"): void {
    const healed = state === "healed";
    const alarm = { id: this.report.revision + 1, kind, message, at: Date.now(), healed };
    this.#say({ alarms: [...this.report.alarms, alarm] });
  }

  #mustBeOpen(): void {
    if (this.state !== "open") throw failure("locked", "The vault is locked; unlock it with your password.");
  }

  #become(state: VaultState): void {
    this.state = state;
    if (state === "locked") this.vault.closeAll();
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
    const lock = this.vault.locks.get(novel.card.id);
    if (lock && !lock.open) {
      const { id } = novel.card;
      const bare = { title: "", language: "en", words: 0, chapters: 0, edited_at: null };
      return { id, ...bare, lock: "locked", kit_opens: lock.copy };
    }
    this.#number(novel);
    return { ...novel.card, lock: lock ? "open" : "none", kit_opens: lock?.copy ?? false };
  }
}

export { failure };

function plainText(cells: readonly Cell[]): string {
  return cells.map((cell) => (cell.unit === "\n" ? " " : cell.unit)).join("");
}

function words(cells: readonly Cell[]): number {
  return plainText(cells)
    .split(/\s+/)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
}
