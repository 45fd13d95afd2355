/**
 * One open novel: its binder and its desk, what passes between the two, and the deeds that touch both.
 *
 * **Guarantees:** whatever is done to the binder can be taken back; a scene whose text is changed as a whole (split,
 * merged, put back) is sent first and opened again afterwards.
 */
import { Binder } from "../binder/binder.svelte";
import { Desk } from "../editor/desk.svelte";
import { Seek } from "../editor/seek.svelte";
import { type Leaf, leavesOf } from "../editor/stack";
import { Exporting } from "../exporting/exporting.svelte";
import { Finding } from "../finding/finding.svelte";
import { Goals } from "../goals/goals.svelte";
import { Merges } from "../history/merges.svelte";
import { NovelVersions } from "../history/novel-versions.svelte";
import { Versions } from "../history/versions.svelte";
import type { Host, NodeKind, NovelCard, OutlineNode } from "../host/host";
import { t } from "../shared/i18n.svelte";
import { type Deed, Deeds } from "./deeds";
import type { Seshat } from "./seshat.svelte";

/** Something that the author may do about a notice. */
export type Offer = { label: string; run: () => Promise<unknown> };

type Around = Pick<Seshat, "host" | "pulse" | "settings" | "tell" | "tried">;

export type View = "write" | "history";

export class Novel {
  view = $state<View>("write");
  /** What the history is about: the open scene, or the whole novel. */
  scope = $state<"scene" | "novel">("scene");
  readonly binder: Binder;
  readonly desk: Desk;
  readonly goals: Goals;
  readonly finding: Finding;
  readonly seek: Seek;
  readonly versions: Versions;
  readonly novelVersions: NovelVersions;
  readonly merges: Merges;
  readonly exporting: Exporting;
  readonly #host: Host;
  readonly #around: Around;
  readonly #deeds = new Deeds();
  readonly #deaf: () => void;

  static async open(around: Around, card: NovelCard): Promise<Novel> {
    const binder = new Binder(around.host, await around.host.outline(card.id));
    return new Novel(around, binder);
  }

  private constructor(around: Around, binder: Binder) {
    const { host } = around;
    const { id } = binder.novel;
    this.#around = around;
    this.#host = host;
    this.binder = binder;
    this.desk = new Desk(host, binder.novel, around.settings, {
      onEdited: (scene, edited) => {
        binder.counted(scene, edited);
        this.goals.counted(edited);
      },
      onRemote: () => around.tell(t("remote.changed")),
      onStroke: (scene, stroke) => this.#deeds.stroke(scene, stroke),
      onEntered: (scene) => this.#entered(scene),
      beside: (scene, way) => this.#beside(scene, way),
      onUndo: (how) => this.#undoes(how),
    });
    this.goals = new Goals(host, id);
    this.finding = new Finding(host, id, this.desk);
    this.seek = new Seek(this.desk, binder.novel.language);
    this.versions = new Versions(host, id, this.desk);
    this.novelVersions = new NovelVersions(host, id, this.desk);
    this.merges = new Merges(host, id);
    const title = () => this.binder.novel.title;
    this.exporting = new Exporting({
      host,
      novel: { id, title },
      flush: () => this.desk.flush(),
      tell: around.tell.bind(around),
    });
    this.#deaf = around.pulse.listen((status) => {
      if (status.changed_novels.includes(id)) {
        void binder.refresh();
        void this.desk.spelling.heard();
        void this.goals.load().catch(() => undefined);
      }
      void this.merges.heard(status.merges).catch(() => undefined);
      const changed = status.changed_scenes;
      if (changed.length > 0) void this.desk.changed(changed).then(() => this.#again(changed));
    });
    void this.merges.heard(around.pulse.status.merges).catch(() => undefined);
    void this.goals.load().catch(() => undefined);
  }

  /** What stands on the page: the open scene, and the others of its chapter or of the book. */
  get leaves(): Leaf[] {
    const { nodes, notes } = this.binder.outline;
    return leavesOf(nodes, notes, this.desk.scene, this.#around.settings.extent);
  }

  /** Opens a scene and shows it in the binder. */
  async go(scene: string): Promise<void> {
    const before = this.desk.scene;
    this.binder.reveal(scene);
    await this.desk.open(scene);
    if (before && before !== scene) {
      this.keepPlace();
      // The row of the scene that was left says how it begins only when the host has let go of it.
      void this.desk.rest().then(() => this.binder.refresh());
    }
    if (this.view === "history" && this.desk.scene === scene) await this.versions.load(scene);
  }

  /** Opens the novel where the author was last, or at its first scene. */
  async begin(): Promise<void> {
    const place = await this.#host.place(this.binder.novel.id).catch(() => null);
    if (this.desk.scene !== null) return;
    if (place && this.binder.rowOf(place.scene)) {
      await this.go(place.scene);
      if (this.desk.scene === place.scene) await this.desk.show({ from: place.at, to: place.at });
      return;
    }
    const first = this.binder.scenes[0];
    if (first?.scene) await this.go(first.scene);
  }

  /** Where the author is, for the next time that the novel is opened. */
  keepPlace(): void {
    const { scene, selection } = this.desk;
    if (!scene || !selection) return;
    void this.#host.keepPlace(this.binder.novel.id, scene, selection.to).catch(() => undefined);
  }

  async step(by: 1 | -1): Promise<void> {
    const scenes = this.binder.scenes;
    const at = scenes.findIndex((node) => node.scene === this.desk.scene);
    const next = scenes[at + by];
    if (next?.scene) await this.go(next.scene);
  }

  /** The history of the open scene, at its newest version or the wanted one. */
  async showHistory(scope: "scene" | "novel" = "scene", version: string | null = null): Promise<void> {
    this.view = "history";
    this.scope = scope;
    const { scene } = this.desk;
    if (scope === "novel") await this.novelVersions.load();
    else if (scene) await this.versions.load(scene, version);
  }

  showPage(): void {
    this.view = "write";
    this.versions.forget();
    this.novelVersions.forget();
  }

  /** A new scene behind the open one, or a new chapter behind its chapter with one scene in it; then opens it. */
  async add(kind: NodeKind & ("scene" | "chapter")): Promise<void> {
    await this.#around.tried(async () => {
      const before = this.desk.scene;
      const made = await this.binder.add(kind, before);
      const top = kind === "chapter" ? this.binder.find(made.id)?.parent : null;
      const removal = this.#removal((top ?? made).id, "made");
      const undo = async () => {
        await removal.undo();
        if (before && this.binder.rowOf(before)) await this.go(before);
      };
      const redo = async () => {
        await removal.redo();
        if (made.scene) await this.go(made.scene);
      };
      if (made.scene) await this.go(made.scene);
      this.#did({ undo, redo });
      this.desk.focus();
    });
  }

  async addNote(kind: "note" | "folder"): Promise<void> {
    await this.#around.tried(async () => {
      const made = await this.binder.addNote(kind);
      this.#did(this.#removal(made.id, "made"));
      if (!made.scene) {
        this.binder.renaming = made.id;
        return;
      }
      await this.go(made.scene);
      this.desk.focus();
    });
  }

  async rename(id: string, title: string): Promise<void> {
    const before = this.binder.find(id)?.node.title;
    await this.#around.tried(async () => {
      await this.binder.rename(id, title);
      if (before === undefined || before === title.trim()) return;
      this.#did({ undo: () => this.binder.rename(id, before), redo: () => this.binder.rename(id, title) });
    });
  }

  /** Up, down, or a level in or out. */
  async move(id: string, by: 1 | -1 | "in" | "out"): Promise<boolean> {
    const was = this.binder.find(id);
    return this.#around.tried(async () => {
      const moved = typeof by === "number" ? await this.binder.move(id, by) : await this.binder.level(id, by);
      const is = this.binder.find(id);
      if (!moved || !was || !is) return false;
      const put = (row: typeof was) => this.binder.put(id, row.parent?.id ?? null, row.place - 1);
      this.#did({ undo: () => put(was), redo: () => put(is) });
      this.#around.tell(t("binder.moved", { title: this.binder.title(is.node) }));
      return true;
    });
  }

  async trash(id: string): Promise<void> {
    await this.#around.tried(async () => {
      const node = this.binder.find(id)?.node;
      if (!node) return false;
      const title = this.binder.title(node);
      if (!(await this.#trash(id))) return false;
      const deed = this.#did(this.#removal(id, "gone"));
      this.#around.tell(t("binder.trashed", { title }), this.#offer(deed));
      return true;
    });
  }

  /** Something about several rows of the binder, done and taken back as one. False: it was so already. */
  async several(told: string, work: () => Promise<Deed | null>): Promise<boolean> {
    return this.#around.tried(async () => {
      const done = await work();
      if (!done) return false;
      this.#around.tell(told, this.#offer(this.#did(done)));
      return true;
    });
  }

  trashRows(ids: readonly string[]): Promise<boolean> {
    const away = async () => {
      await this.#trash(...ids);
    };
    const back = async () => {
      // The other way round: each place is then as it was when its row left it.
      for (const id of ids.toReversed()) await this.binder.restore(id);
      const scene = this.binder.scenes.find((node) => ids.some((id) => this.binder.holds(id, node.scene)));
      if (scene?.scene && this.desk.scene === null) await this.go(scene.scene);
    };
    return this.several(t("binder.several.trashed", { n: ids.length }), async () =>
      (await this.#trash(...ids)) ? { undo: back, redo: away } : null,
    );
  }

  /** From the trash to where it was. */
  async restore(node: OutlineNode): Promise<void> {
    await this.binder.restore(node.id);
    this.#did(this.#removal(node.id, "made"));
  }

  async duplicate(id: string): Promise<void> {
    await this.#around.tried(async () => {
      if (this.binder.holds(id, this.desk.scene) && !(await this.desk.flush())) return;
      const made = await this.binder.duplicate(id);
      const deed = this.#did(this.#removal(made.id, "made"));
      this.#around.tell(t("binder.duplicated"), this.#offer(deed));
    });
  }

  /** Cuts the open scene in two where the cursor is, and opens the second half. */
  async split(): Promise<void> {
    const { scene } = this.desk;
    if (!scene) return;
    await this.#around.tried(async () => {
      const cut = await this.#split(scene, null);
      if (!cut) return;
      await this.desk.focus();
      const again = async () => {
        await this.#split(scene, cut.at);
      };
      const deed = this.#did({ undo: () => this.#join(scene, cut), redo: again });
      this.#around.tell(t("binder.split"), this.#offer(deed));
    });
  }

  /** Takes the next scene of the same chapter into this one. */
  async merge(scene: string | null = this.desk.scene): Promise<void> {
    const next = this.binder.nextOf(scene);
    if (!scene || !next) return this.#around.tell(t("binder.nonext"));
    await this.#around.tried(async () => {
      if (scene !== this.desk.scene) await this.go(scene);
      const at = this.desk.length;
      const stays = this.binder.rowOf(scene)?.node;
      if (!stays || !(await this.#merge(scene))) return;
      const redo = async () => {
        await this.#merge(scene);
      };
      const deed = this.#did({ undo: () => this.#part(stays, at, next), redo });
      this.#around.tell(t("binder.merged"), this.#offer(deed));
    });
  }

  /** Takes back the last deed in the binder. False: there is none. */
  async undo(): Promise<boolean> {
    return this.#around.tried(() => this.#deeds.undo());
  }

  async redo(): Promise<boolean> {
    return this.#around.tried(() => this.#deeds.redo());
  }

  /** The vault was locked: everything of the novel goes, and nothing more is heard about it. */
  forget(): void {
    this.#deaf();
    this.#deeds.forget();
    this.desk.forget();
    this.binder.forget();
    this.goals.forget();
    this.finding.forget();
    this.seek.forget();
    this.versions.forget();
    this.novelVersions.forget();
    this.merges.forget();
    this.exporting.forget();
  }

  async leave(): Promise<boolean> {
    this.keepPlace();
    const left = await this.desk.leave();
    if (left) this.#deaf();
    return left;
  }

  #did(deed: Deed): Deed {
    this.#deeds.did(deed);
    return deed;
  }

  #offer(deed: Deed): Offer {
    return { label: t("common.undo"), run: () => this.#around.tried(() => this.#deeds.undo(deed)) };
  }

  /** Out of the trash and into it again, for a node that a deed made or threw away. */
  #removal(id: string, how: "made" | "gone"): Deed {
    const away = async () => {
      await this.#trash(id);
    };
    const back = async () => {
      await this.binder.restore(id);
      const scene = this.binder.find(id)?.node.scene;
      if (scene && this.desk.scene === null) await this.go(scene);
    };
    return how === "made" ? { undo: away, redo: back } : { undo: back, redo: away };
  }

  async #trash(...ids: string[]): Promise<boolean> {
    const holdsOpen = ids.some((id) => this.binder.holds(id, this.desk.scene));
    const next = this.binder.sceneBeside(...ids);
    if (holdsOpen && !(await this.desk.flush())) return false;
    for (const id of ids) await this.binder.trash(id);
    const { current } = this.binder;
    if (holdsOpen && next) await this.go(next);
    else if (holdsOpen) await this.desk.leave();
    this.binder.current = current;
    return true;
  }

  async #split(scene: string, where: number | null): Promise<Cut | null> {
    if (scene !== this.desk.scene) await this.go(scene);
    let cut: Cut | null = null;
    const done = await this.desk.reshape(async () => {
      const at = where ?? this.desk.cut;
      if (at === null) return;
      const inside = !this.desk.startsParagraph(at);
      const made = await this.#host.splitScene(this.binder.novel.id, scene, at);
      cut = { at, inside, made };
    });
    const found = cut as Cut | null;
    if (!done || !found) return null;
    await this.binder.refresh();
    if (found.made.scene) await this.go(found.made.scene);
    return found;
  }

  async #merge(scene: string): Promise<boolean> {
    if (scene !== this.desk.scene) await this.go(scene);
    const done = await this.desk.reshape(() => this.#host.mergeScenes(this.binder.novel.id, scene));
    await this.binder.refresh();
    this.binder.reveal(scene);
    return done;
  }

  /** The way back of a split. A paragraph that was cut in the middle is one again. */
  async #join(scene: string, { at, inside }: Cut): Promise<void> {
    if (!(await this.#merge(scene))) return;
    if (inside) this.desk.joinAt(at);
    await this.desk.show({ from: at, to: at });
  }

  /** The way back of a merge: what was the next scene is one again, with what the binder knew of it. */
  async #part(stays: OutlineNode, at: number, was: OutlineNode): Promise<void> {
    const scene = stays.scene ?? "";
    const cut = await this.#split(scene, at);
    if (!cut) return;
    const { novel } = this.binder;
    await this.binder.setSynopsis(stays.id, stays.synopsis);
    const { id } = cut.made;
    if (was.title) await this.#host.renameNode(novel.id, id, was.title);
    if (was.synopsis) await this.#host.setSynopsis(novel.id, id, was.synopsis);
    if (was.label) await this.#host.setLabel(novel.id, id, was.label);
    if (was.target !== null) await this.#host.setTarget(novel.id, id, was.target);
    if (!was.included) await this.#host.setIncluded(novel.id, id, false);
    await this.#host.setStatus(novel.id, id, was.status);
    await this.binder.refresh();
    await this.go(scene);
  }

  async #again(scenes: readonly string[]): Promise<void> {
    const { scene } = this.versions;
    if (this.view === "history" && scene && scenes.includes(scene)) await this.versions.load(scene);
  }

  /** The cursor went into another scene of the page. */
  #entered(scene: string): void {
    this.binder.reveal(scene);
    void this.binder.refresh();
    this.keepPlace();
  }

  #beside(scene: string, way: 1 | -1): string | null {
    const { leaves } = this;
    const at = leaves.findIndex((leaf) => leaf.scene === scene);
    return at < 0 ? null : (leaves[at + way]?.scene ?? null);
  }

  /** Ctrl+Z in the text, right after something that was done to the binder, is about that. */
  #undoes(how: "undo" | "redo"): boolean {
    if (this.#deeds.next(how) === "text") return false;
    void this.#around.tried(async () => {
      const done = await (how === "undo" ? this.#deeds.undo() : this.#deeds.redo());
      if (!done) return;
      this.#around.tell(t(how === "undo" ? "deed.undone" : "deed.redone"));
      await this.desk.focus();
    });
    return true;
  }
}

/** Where a scene was cut, whether in the middle of a paragraph, and what came of the second half. */
type Cut = { at: number; inside: boolean; made: OutlineNode };
