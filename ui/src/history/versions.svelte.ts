/**
 * The versions of one scene: the list, the one that is looked at, and what is shown of it.
 *
 * **Guarantees:** the words of the present are sent before anything is compared with it or put back over it; what
 * arrives for a scene or a version that is not looked at any more is not shown.
 */
import {
  asFailure,
  type DiffView,
  type Failure,
  type Host,
  type VersionRow,
  type VersionText,
} from "../host/host";

/** What became of it until now; what the stretch of writing that ends with it did; the text itself. */
export type Look = "since" | "then" | "text";

export type Shown =
  | { kind: "nothing" }
  | { kind: "loading" }
  | { kind: "difference"; view: DiffView }
  | { kind: "text"; text: VersionText }
  | { kind: "failed"; failure: Failure };

export type List = { kind: "loading" } | { kind: "ready" } | { kind: "failed"; failure: Failure };

/** Brings the page's text to the host around something that changes it there. */
type Page = { flush: () => Promise<boolean>; reshape: (work: () => Promise<unknown>) => Promise<boolean> };

export class Versions {
  list = $state.raw<List>({ kind: "loading" });
  rows = $state.raw<VersionRow[]>([]);
  chosen = $state.raw<VersionRow | null>(null);
  look = $state<Look>("since");
  shown = $state.raw<Shown>({ kind: "nothing" });
  scene: string | null = null;
  readonly #host: Host;
  readonly #novel: string;
  readonly #page: Page;
  #asked = 0;

  constructor(host: Host, novel: string, page: Page) {
    this.#host = host;
    this.#novel = novel;
    this.#page = page;
  }

  /** The list of a scene, with the wanted version chosen, or one that is worth comparing with the present. */
  async load(scene: string, wanted: string | null = null): Promise<void> {
    if (scene !== this.scene) {
      this.forget();
      this.list = { kind: "loading" };
    }
    this.scene = scene;
    try {
      await this.#page.flush();
      const rows = await this.#host.versions(this.#novel, scene);
      if (this.scene !== scene) return;
      this.rows = rows;
      this.list = { kind: "ready" };
      const named = wanted ?? this.chosen?.version;
      const row =
        rows.find((one) => one.version === named) ?? (wanted === null ? telling(rows) : bare(wanted));
      if (row) await this.choose(row);
      else this.#nothing();
    } catch (thrown) {
      if (this.scene === scene) this.list = { kind: "failed", failure: asFailure(thrown) };
    }
  }

  async choose(row: VersionRow): Promise<void> {
    this.chosen = row;
    await this.#show();
  }

  async lookAt(look: Look): Promise<void> {
    this.look = look;
    await this.#show();
  }

  /** The version before the chosen one. */
  get before(): VersionRow | null {
    const at = this.rows.findIndex((row) => row.version === this.chosen?.version);
    return at < 0 ? null : (this.rows[at + 1] ?? null);
  }

  /** Nothing has become of it, as the difference shows: there is nothing to put back. */
  get unchanged(): boolean {
    return this.look === "since" && this.shown.kind === "difference" && isSame(this.shown.view);
  }

  /** Puts the chosen version back. The answer is the version that holds what was there; null: nothing was done. */
  async restore(): Promise<VersionRow | null> {
    const { scene, chosen } = this;
    if (!scene || !chosen) return null;
    return this.restoreThis(scene, chosen.version);
  }

  /** The same for any version of any scene. */
  async restoreThis(scene: string, version: string): Promise<VersionRow | null> {
    const done = await this.#page.reshape(() => this.#host.restoreVersion(this.#novel, scene, version));
    if (!done) return null;
    const rows = await this.#host.versions(this.#novel, scene);
    if (this.scene === scene) await this.load(scene);
    return rows.find((row) => row.kind === "before_restore") ?? null;
  }

  async name(name: string): Promise<void> {
    const { scene } = this;
    if (scene && (await this.#page.flush())) await this.#host.nameVersion(this.#novel, scene, name.trim());
    if (scene) await this.load(scene);
  }

  async rename(row: VersionRow, name: string): Promise<void> {
    const said = name.trim();
    if (this.scene === null || row.id === null || said === "" || said === row.name) return;
    await this.#host.renameVersion(this.#novel, this.scene, row.id, said);
    await this.load(this.scene);
  }

  async forgetRow(row: VersionRow): Promise<void> {
    if (this.scene === null || row.id === null) return;
    await this.#host.forgetVersion(this.#novel, this.scene, row.id);
    if (this.chosen?.id === row.id) this.chosen = null;
    await this.load(this.scene);
  }

  /** The vault was locked, or the view was left: no text stays here. */
  forget(): void {
    this.#asked += 1;
    this.scene = null;
    this.rows = [];
    this.#nothing();
  }

  #nothing(): void {
    this.chosen = null;
    this.shown = { kind: "nothing" };
  }

  async #show(): Promise<void> {
    const { scene, chosen, look, before } = this;
    if (!scene || !chosen) return;
    this.#asked += 1;
    const question = this.#asked;
    if (this.shown.kind === "nothing" || this.shown.kind === "failed") this.shown = { kind: "loading" };
    try {
      const shown = await this.#ask(scene, chosen.version, look, before);
      if (question === this.#asked) this.shown = shown;
    } catch (thrown) {
      if (question === this.#asked) this.shown = { kind: "failed", failure: asFailure(thrown) };
    }
  }

  async #ask(scene: string, version: string, look: Look, before: VersionRow | null): Promise<Shown> {
    if (look === "text" || (look === "then" && before === null))
      return { kind: "text", text: await this.#host.versionText(this.#novel, scene, version) };
    const [from, to] = look === "since" ? [version, null] : [before?.version ?? "", version];
    return { kind: "difference", view: await this.#host.versionDiff(this.#novel, scene, from, to) };
  }
}

/** Whether not so much as a comma is another. */
export const isSame = ({ paragraphs }: DiffView): boolean =>
  paragraphs.every(({ pieces }) => pieces.every(({ kind }) => kind === "same"));

/** The newest version is the present itself: the one from before today's work says more. */
function telling(rows: readonly VersionRow[]): VersionRow | undefined {
  return rows.slice(1).find((row) => row.kind === "opened") ?? rows[1] ?? rows[0];
}

/** A version that is in no list any more, such as one from before a merge that is long ago. */
function bare(version: string): VersionRow {
  return { version, id: null, kind: "other", name: null, at: null, inserted: 0, deleted: 0 };
}
