/** The versions of a whole novel that the author gave a name: the list, and the one that is looked at. */
import { asFailure, type Host, type NovelVersionNode, type NovelVersionRow } from "../host/host";
import type { List } from "./versions.svelte";

type Page = { flush: () => Promise<boolean>; reshape: (work: () => Promise<unknown>) => Promise<boolean> };

export class NovelVersions {
  list = $state.raw<List>({ kind: "loading" });
  rows = $state.raw<NovelVersionRow[]>([]);
  chosen = $state.raw<NovelVersionRow | null>(null);
  nodes = $state.raw<NovelVersionNode[]>([]);
  readonly #host: Host;
  readonly #novel: string;
  readonly #page: Page;
  #forgotten = 0;

  constructor(host: Host, novel: string, page: Page) {
    this.#host = host;
    this.#novel = novel;
    this.#page = page;
  }

  async load(): Promise<void> {
    const life = this.#forgotten;
    try {
      const rows = await this.#host.novelVersions(this.#novel);
      if (life !== this.#forgotten) return;
      this.rows = rows;
      this.list = { kind: "ready" };
      const row = rows.find((one) => one.id === this.chosen?.id) ?? rows[0];
      if (row) await this.choose(row);
      else this.#nothing();
    } catch (thrown) {
      if (life === this.#forgotten) this.list = { kind: "failed", failure: asFailure(thrown) };
    }
  }

  async choose(row: NovelVersionRow): Promise<void> {
    const life = this.#forgotten;
    this.chosen = row;
    const nodes = await this.#host.novelVersionOutline(this.#novel, row.id);
    if (life === this.#forgotten && this.chosen === row) this.nodes = nodes;
  }

  /** The same order, titles and texts as then. What was added since goes to the trash. False: nothing was done. */
  async restore(): Promise<boolean> {
    const { chosen } = this;
    if (!chosen) return false;
    const done = await this.#page.reshape(() => this.#host.restoreNovelVersion(this.#novel, chosen.id));
    if (done) await this.load();
    return done;
  }

  async name(name: string): Promise<void> {
    if (await this.#page.flush()) await this.#host.nameNovelVersion(this.#novel, name.trim());
    this.chosen = null;
    await this.load();
  }

  async forgetRow(row: NovelVersionRow): Promise<void> {
    await this.#host.forgetNovelVersion(this.#novel, row.id);
    await this.load();
  }

  forget(): void {
    this.#forgotten += 1;
    this.rows = [];
    this.#nothing();
  }

  #nothing(): void {
    this.chosen = null;
    this.nodes = [];
  }
}
