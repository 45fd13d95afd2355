/** One open novel: its binder and its desk, and what passes between the two. */
import { Binder } from "../binder/binder.svelte";
import { Desk } from "../editor/desk.svelte";
import { asFailure, type Host, type NodeKind, type NovelCard } from "../host/host";
import { t } from "../shared/i18n.svelte";
import type { Pulse } from "../sync/pulse.svelte";

type Around = { host: Host; pulse: Pulse; tell: (notice: string) => void };

export class Novel {
  readonly binder: Binder;
  readonly desk: Desk;
  readonly #around: Around;
  readonly #deaf: () => void;

  static async open(around: Around, card: NovelCard): Promise<Novel> {
    const binder = new Binder(around.host, await around.host.outline(card.id));
    return new Novel(around, binder);
  }

  private constructor(around: Around, binder: Binder) {
    this.#around = around;
    this.binder = binder;
    this.desk = new Desk(around.host, binder.novel, {
      onEdited: (scene, edited) => binder.counted(scene, edited),
      onRemote: () => around.tell(t("remote.changed")),
    });
    this.#deaf = around.pulse.listen((status) => {
      if (status.changed_novels.includes(binder.novel.id)) void binder.refresh();
      const scene = this.desk.scene;
      if (scene && status.changed_scenes.includes(scene)) void this.desk.refresh();
    });
  }

  /** Opens a scene and shows it in the binder. */
  async go(scene: string): Promise<void> {
    const before = this.desk.scene;
    this.binder.reveal(scene);
    await this.desk.open(scene);
    if (before && before !== scene) void this.binder.refresh();
  }

  /** Opens the first scene of the novel. */
  async begin(): Promise<void> {
    const first = this.binder.scenes[0];
    if (first?.scene) await this.go(first.scene);
  }

  async step(by: 1 | -1): Promise<void> {
    const scenes = this.binder.scenes;
    const at = scenes.findIndex((node) => node.scene === this.desk.scene);
    const next = scenes[at + by];
    if (next?.scene) await this.go(next.scene);
  }

  /** A new scene behind the open one, or a new chapter behind its chapter with one scene in it; then opens it. */
  async add(kind: NodeKind & ("scene" | "chapter")): Promise<void> {
    try {
      const made = await this.binder.add(kind, this.desk.scene);
      if (made.scene) await this.go(made.scene);
      this.desk.focus();
    } catch (thrown) {
      this.#around.tell(asFailure(thrown).message);
    }
  }

  async trash(id: string): Promise<void> {
    const holdsOpen = this.binder.holds(id, this.desk.scene);
    const next = this.binder.sceneBeside(id);
    try {
      if (holdsOpen && !(await this.desk.flush())) return;
      await this.binder.trash(id);
      if (holdsOpen && next) await this.go(next);
      else if (holdsOpen) await this.desk.leave();
    } catch (thrown) {
      this.#around.tell(asFailure(thrown).message);
    }
  }

  /** The vault was locked: everything of the novel goes, and nothing more is heard about it. */
  forget(): void {
    this.#deaf();
    this.desk.forget();
    this.binder.forget();
  }

  async leave(): Promise<boolean> {
    const left = await this.desk.leave();
    if (left) this.#deaf();
    return left;
  }
}
