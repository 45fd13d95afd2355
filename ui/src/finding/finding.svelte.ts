/**
 * Finding and replacing: what is looked for, what was found, which places are ticked, and the way back.
 *
 * **Guarantees:** an answer to an older question is not shown; a place without its tick is never replaced; nothing is
 * looked for or replaced before the words on the page are with the host.
 */
import { asFailure, type Found, type FoundScene, type Host, type Query, type Replaced } from "../host/host";

export type Scope = "novel" | "library";
export type Option = "case" | "accents" | "whole_word" | "regex";

export type Result =
  | { kind: "nothing" }
  | { kind: "found"; found: Found }
  | { kind: "failed"; message: string };

/** What the last replacement did, or taking it back. */
export type Said =
  | { kind: "none" }
  | { kind: "working" }
  | { kind: "replaced"; replaced: Replaced }
  | { kind: "undone"; places: number; left: number }
  | { kind: "failed"; message: string };

type Page = { flush: () => Promise<boolean>; reshape: (work: () => Promise<unknown>) => Promise<boolean> };

export class Finding {
  text = $state("");
  with = $state("");
  replacing = $state(false);
  scope = $state<Scope>("novel");
  options = $state.raw<Record<Option, boolean>>({
    case: false,
    accents: false,
    whole_word: false,
    regex: false,
  });
  result = $state.raw<Result>({ kind: "nothing" });
  said = $state.raw<Said>({ kind: "none" });
  /** Hits that the author took the tick from. */
  #unticked = $state.raw<ReadonlySet<string>>(new Set());
  #asked = 0;
  readonly #host: Host;
  readonly #novel: string;
  readonly #page: Page;

  constructor(host: Host, novel: string, page: Page) {
    this.#host = host;
    this.#novel = novel;
    this.#page = page;
  }

  get query(): Query {
    const novel = this.scope === "novel" ? this.#novel : null;
    return { text: this.text, novel, ...this.options };
  }

  get scenes(): readonly FoundScene[] {
    return this.result.kind === "found" ? this.result.found.scenes : [];
  }

  /** Ids of the ticked hits, in reading order. */
  get ticked(): string[] {
    return this.scenes
      .flatMap((scene) => scene.hits)
      .flatMap((hit) => (this.#unticked.has(hit.id) ? [] : [hit.id]));
  }

  /** Whether every listed hit is ticked: then those that are not listed are replaced, too. */
  get all(): boolean {
    const listed = this.scenes.reduce((sum, scene) => sum + scene.hits.length, 0);
    return listed > 0 && this.ticked.length === listed;
  }

  /** Places that would be replaced. */
  get places(): number {
    return this.all && this.result.kind === "found" ? this.result.found.total : this.ticked.length;
  }

  isTicked(id: string): boolean {
    return !this.#unticked.has(id);
  }

  /** Whether all, none or some of a scene's hits are ticked. */
  tickOf(scene: FoundScene): "all" | "none" | "some" {
    const ticked = scene.hits.filter((hit) => this.isTicked(hit.id)).length;
    if (ticked === scene.hits.length) return "all";
    return ticked === 0 ? "none" : "some";
  }

  tick(ids: readonly string[], ticked: boolean): void {
    const next = new Set(this.#unticked);
    for (const id of ids) {
      if (ticked) next.delete(id);
      else next.add(id);
    }
    this.#unticked = next;
  }

  set(option: Option, on: boolean): void {
    this.options = { ...this.options, [option]: on };
    void this.look();
  }

  /** Looks again, for what the fields say now. What was said of a replacement is over. */
  async look(): Promise<void> {
    this.said = { kind: "none" };
    await this.#look();
  }

  async replace(): Promise<void> {
    const { ticked: hits, all } = this;
    if (hits.length === 0) return;
    await this.#change(async () => {
      const replace = { query: this.query, with: this.with, hits: all ? null : hits };
      return { kind: "replaced", replaced: await this.#host.replace(replace) };
    });
  }

  async undo(undo: number): Promise<void> {
    await this.#change(async () => ({ kind: "undone", ...(await this.#host.undoReplace(undo)) }));
  }

  /** The vault was locked. */
  forget(): void {
    this.#asked += 1;
    this.text = "";
    this.with = "";
    this.result = { kind: "nothing" };
    this.said = { kind: "none" };
    this.#unticked = new Set();
  }

  /** What was done is said with the new list, not before it: nothing moves under a hand that is on its way to undo. */
  async #change(work: () => Promise<Said>): Promise<void> {
    if (this.said.kind === "working") return;
    this.said = { kind: "working" };
    let said: Said = { kind: "none" };
    try {
      await this.#page.reshape(async () => {
        said = await work();
      });
    } catch (thrown) {
      said = { kind: "failed", message: asFailure(thrown).message };
    }
    await this.#look();
    this.said = said;
  }

  async #look(): Promise<void> {
    this.#asked += 1;
    const question = this.#asked;
    if (this.text.trim() === "") {
      this.result = { kind: "nothing" };
      return;
    }
    try {
      await this.#page.flush();
      const found = await this.#host.find(this.query, this.replacing ? this.with : null);
      if (question === this.#asked) this.result = { kind: "found", found };
    } catch (thrown) {
      if (question === this.#asked) this.result = { kind: "failed", message: asFailure(thrown).message };
    }
    if (question === this.#asked) this.#dropTicks();
  }

  /** Ticks of places that are not there any more are forgotten, so that they do not come back with others. */
  #dropTicks(): void {
    const ids = new Set(this.scenes.flatMap((scene) => scene.hits.map((hit) => hit.id)));
    this.#unticked = new Set([...this.#unticked].filter((id) => ids.has(id)));
  }
}
