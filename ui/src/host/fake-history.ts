/** The invented history: versions that are whole texts, what other laptops brought, and comments. */
import type { Cell } from "../editor/flat";
import { runsOf } from "../editor/flat";
import { failure } from "./fake-base";
import { FakeImport } from "./fake-import";
import { differenceOf, plainText, wordsIn } from "./fake-text";
import type {
  CommentRow,
  DiffView,
  Edited,
  MergeReport,
  MergeRow,
  NovelVersionNode,
  NovelVersionRow,
  OutlineNode,
  SceneView,
  VersionKind,
  VersionRow,
  VersionText,
} from "./host";

type Past = { row: VersionRow; cells: Cell[] };
type NovelPast = { row: NovelVersionRow; nodes: NovelVersionNode[] };

export class FakeHistory extends FakeImport {
  #pasts = new Map<string, Past[]>();
  #novelPasts = new Map<string, NovelPast[]>();
  #reports = new Map<string, MergeReport[]>();
  #seen = new Set<string>();

  /** Keeps the present text of a scene as a version. */
  keep(scene: string, kind: VersionKind, name: string | null = null, at = Date.now()): VersionRow {
    const id = kind === "automatic" || kind === "opened" ? null : this.newId();
    const before = this.#pasts.get(scene) ?? [];
    const { cells } = this.sceneOf(scene);
    const grown = cells.length - (before[0]?.cells.length ?? 0);
    const typed = kind === "automatic" ? { inserted: Math.max(0, grown), deleted: Math.max(0, -grown) } : NO;
    const row: VersionRow = { version: this.newId(), id, kind, name, at, ...typed };
    this.#pasts.set(scene, [{ row, cells: [...cells] }, ...before]);
    return row;
  }

  /** Another laptop's writing came in: the text as it was is kept, and there is a report. */
  mergeElsewhere(novel: string, scene: string, change: () => void, row: Partial<MergeRow> = {}): void {
    const before = this.keep(scene, "before_merge");
    const old = wordsIn(this.sceneOf(scene).cells);
    change();
    const { node } = this.placeOf(this.novelOf(novel), (one) => one.scene === scene);
    this.number(this.novelOf(novel));
    const added = Math.max(0, wordsIn(this.sceneOf(scene).cells) - old);
    const facts = { scene, path: node.path, title: node.title || node.excerpt, devices: ["Desk"], added };
    const rest = { removed: 0, before: before.version, theirs: null, overlaps: false, kept: false };
    const reports = this.#reports.get(novel) ?? [];
    const report = { id: reports.length + 1, at: Date.now(), scenes: [{ ...facts, ...rest, ...row }] };
    this.#reports.set(novel, [report, ...reports]);
    this.#sayMerges({ changed_scenes: [scene] });
  }

  override async openScene(novel: string, scene: string): Promise<SceneView> {
    if (!this.#seen.has(scene) && this.scenes.has(scene)) this.keep(scene, "opened");
    this.#seen.add(scene);
    return super.openScene(novel, scene);
  }

  async versions(_novel: string, scene: string): Promise<VersionRow[]> {
    const rows = (this.#pasts.get(scene) ?? []).map((past) => past.row);
    return structuredClone(rows.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0)));
  }

  async versionText(_novel: string, scene: string, version: string): Promise<VersionText> {
    const cells = this.#cellsAt(scene, version);
    return structuredClone({ runs: runsOf(cells), notes: {}, words: wordsIn(cells) });
  }

  async versionDiff(_novel: string, scene: string, from: string, to: string | null): Promise<DiffView> {
    const now = to === null ? this.sceneOf(scene).cells : this.#cellsAt(scene, to);
    return differenceOf(this.#cellsAt(scene, from), now);
  }

  async nameVersion(_novel: string, scene: string, name: string): Promise<VersionRow> {
    return this.keep(scene, "named", name);
  }

  async renameVersion(_novel: string, scene: string, id: string, name: string): Promise<void> {
    const past = this.#pasts.get(scene)?.find((one) => one.row.id === id);
    if (past) past.row.name = name;
  }

  async forgetVersion(_novel: string, scene: string, id: string): Promise<void> {
    const pasts = this.#pasts.get(scene) ?? [];
    this.#pasts.set(
      scene,
      pasts.filter((one) => one.row.id !== id),
    );
  }

  async restoreVersion(novel: string, scene: string, version: string): Promise<Edited> {
    const cells = this.#cellsAt(scene, version);
    this.keep(scene, "before_restore");
    const found = this.sceneOf(scene);
    found.cells = [...cells];
    found.session += 1;
    this.say({ changed_scenes: [scene] });
    return this.counts(novel, scene);
  }

  async novelVersions(novel: string): Promise<NovelVersionRow[]> {
    return structuredClone((this.#novelPasts.get(novel) ?? []).map((past) => past.row));
  }

  async nameNovelVersion(novel: string, name: string): Promise<NovelVersionRow> {
    const at = Date.now();
    const kept = (node: OutlineNode): NovelVersionNode => ({
      kind: node.kind,
      title: node.title,
      scene: node.scene,
      version: node.scene ? this.keep(node.scene, "named_novel", name, at).version : null,
      children: node.children.map(kept),
    });
    const row: NovelVersionRow = { id: this.newId(), kind: "named_novel", name, at };
    const nodes = this.novelOf(novel).nodes.map(kept);
    this.#novelPasts.set(novel, [{ row, nodes }, ...(this.#novelPasts.get(novel) ?? [])]);
    return { ...row };
  }

  async novelVersionOutline(novel: string, id: string): Promise<NovelVersionNode[]> {
    return structuredClone(this.#novelPast(novel, id).nodes);
  }

  async restoreNovelVersion(novel: string, id: string): Promise<void> {
    const scenes: string[] = [];
    const visit = (nodes: readonly NovelVersionNode[]) => {
      for (const { scene, version, children } of nodes) {
        visit(children);
        if (!scene || !version) continue;
        const cells = this.#cellsAt(scene, version);
        this.keep(scene, "before_restore");
        Object.assign(this.sceneOf(scene), { cells: [...cells], session: this.sceneOf(scene).session + 1 });
        scenes.push(scene);
      }
    };
    visit(this.#novelPast(novel, id).nodes);
    this.say({ changed_scenes: scenes, changed_novels: [novel] });
  }

  async forgetNovelVersion(novel: string, id: string): Promise<void> {
    const pasts = this.#novelPasts.get(novel) ?? [];
    this.#novelPasts.set(
      novel,
      pasts.filter((one) => one.row.id !== id),
    );
  }

  async merges(novel: string): Promise<MergeReport[]> {
    return structuredClone(this.#reports.get(novel) ?? []);
  }

  async dismissMerges(novel: string): Promise<void> {
    this.#reports.delete(novel);
    this.#sayMerges({});
  }

  async comments(_novel: string, scene: string): Promise<CommentRow[]> {
    return structuredClone(this.sceneOf(scene).comments);
  }

  async addComment(
    _novel: string,
    scene: string,
    from: number,
    to: number,
    text: string,
  ): Promise<CommentRow> {
    const found = this.sceneOf(scene);
    const quote = plainText(found.cells.slice(from, to)).trim();
    const facts = { text, from, to, quote, at: Date.now(), author: "Writing laptop", resolved: false };
    const made: CommentRow = { id: this.newId(), ...facts };
    found.comments = [...found.comments, made].toSorted((a, b) => a.from - b.from);
    return { ...made };
  }

  async editComment(_novel: string, scene: string, comment: string, text: string): Promise<void> {
    this.#comment(scene, comment).text = text;
  }

  async resolveComment(_novel: string, scene: string, comment: string, resolved: boolean): Promise<void> {
    this.#comment(scene, comment).resolved = resolved;
  }

  async removeComment(_novel: string, scene: string, comment: string): Promise<void> {
    const gone = this.#comment(scene, comment);
    const found = this.sceneOf(scene);
    found.comments = found.comments.filter((one) => one !== gone);
  }

  #comment(scene: string, id: string): CommentRow {
    const found = this.sceneOf(scene).comments.find((one) => one.id === id);
    if (!found) throw failure("not_found", "This comment is not there any more; nothing was changed.");
    return found;
  }

  #cellsAt(scene: string, version: string): Cell[] {
    const found = this.#pasts.get(scene)?.find((past) => past.row.version === version);
    if (!found) throw failure("not_found", "This version is not there any more; nothing was changed.");
    return found.cells;
  }

  #novelPast(novel: string, id: string): NovelPast {
    const found = this.#novelPasts.get(novel)?.find((past) => past.row.id === id);
    if (!found) throw failure("not_found", "This version is not there any more; nothing was changed.");
    return found;
  }

  #sayMerges(change: Parameters<FakeHistory["say"]>[0]): void {
    const reports = [...this.#reports.values()].flat();
    this.say({ ...change, merges: reports.reduce((sum, report) => sum + report.scenes.length, 0) });
  }
}

const NO = { inserted: 0, deleted: 0 };
