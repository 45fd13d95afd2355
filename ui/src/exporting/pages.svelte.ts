/**
 * The pages of an export before there is one: pictures of what the file will show.
 *
 * **Guarantees:** the newest choices win, whatever answers come late; pages that were seen stay until newer ones are
 * there; every picture is given back, and none is held after {@link Pages.forget}.
 */
import { asFailure, type ExportPages, type ExportPreset, type Host } from "../host/host";

/** How long the choices rest before pages are set, in milliseconds. */
const REST = 350;
/** Pages that are asked for at once, and how many are kept. */
const AT_ONCE = 4;
const KEPT = 32;

export type Look =
  | { kind: "nothing" }
  | { kind: "shown"; pages: number; words: number; missing: string; whole: boolean }
  | { kind: "failed"; message: string };

export class Pages {
  look = $state.raw<Look>({ kind: "nothing" });
  busy = $state(false);
  /** The first page that is looked at, from 0. */
  at = $state(0);
  /** Addresses of the pictures that are here, by page. */
  urls = $state.raw<ReadonlyMap<number, string>>(new Map());
  readonly #host: Host;
  readonly #novel: string;
  #preset: ExportPreset | null = null;
  #asked = "";
  #round = 0;
  #loading = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The pages belong to older choices and go when the first new one comes. */
  #old = false;

  constructor(host: Host, novel: string) {
    this.#host = host;
    this.#novel = novel;
  }

  get count(): number {
    return this.look.kind === "shown" ? this.look.pages : 0;
  }

  /** Left and right pages beside each other. */
  get facing(): boolean {
    return this.#preset?.kind === "pdf";
  }

  /** The pages that are looked at. A book begins on a right page: its first one is alone. */
  get visible(): readonly number[] {
    const { at, count, facing } = this;
    if (count === 0) return [];
    if (!facing || at === 0) return [at];
    return at + 1 < count ? [at, at + 1] : [at];
  }

  /** Shows the pages of these choices: now, or when they have rested. */
  show(preset: ExportPreset, when: "now" | "rested"): void {
    const { id: _id, name: _name, ...choices } = preset;
    const asked = JSON.stringify(choices);
    if (asked === this.#asked && this.look.kind !== "failed") return;
    this.#asked = asked;
    const kind = this.#preset?.kind;
    this.#preset = preset;
    this.#round += 1;
    this.#loading.clear();
    this.#old = true;
    this.busy = true;
    if (kind !== preset.kind) this.at = 0;
    clearTimeout(this.#timer);
    if (when === "now") void this.#load();
    else this.#timer = setTimeout(() => void this.#load(), REST);
  }

  /** The text was changed meanwhile: asks again even where the choices are the same. */
  again(preset: ExportPreset): void {
    this.#asked = "";
    this.show(preset, "now");
  }

  /** To another page; with facing pages, to the pair that it is in. */
  go(page: number): void {
    const there = Math.max(0, Math.min(page, this.count - 1));
    this.at = this.facing && there > 0 ? there - ((there + 1) % 2) : there;
    void this.#load();
  }

  turn(by: 1 | -1): void {
    const { visible, at } = this;
    if (by === 1) {
      const next = at + visible.length;
      if (next < this.count) this.go(next);
    } else if (at > 0) this.go(at - 1);
  }

  forget(): void {
    clearTimeout(this.#timer);
    this.#round += 1;
    this.#preset = null;
    this.#asked = "";
    this.#loading.clear();
    this.#drop([...this.urls.keys()]);
    this.look = { kind: "nothing" };
    this.busy = false;
    this.at = 0;
  }

  /** Asks for what is looked at, then for what is behind it. */
  async #load(): Promise<void> {
    const preset = this.#preset;
    if (!preset) return;
    const from = this.#wanted();
    if (from === null) return;
    const round = this.#round;
    for (let page = from; page < from + AT_ONCE; page += 1) this.#loading.add(page);
    try {
      const answer = await this.#host.previewExport(this.#novel, preset, from, AT_ONCE);
      if (round !== this.#round) return;
      for (let page = from; page < from + AT_ONCE; page += 1) this.#loading.delete(page);
      this.#take(answer);
      if (!answer.done && answer.pages > 0) void this.#rest(preset, round);
      else if (answer.images.length > 0) await this.#load();
    } catch (thrown) {
      if (round === this.#round) this.#failed(thrown);
    }
  }

  /** The beginning is shown; now the whole is set and counted. */
  async #rest(preset: ExportPreset, round: number): Promise<void> {
    try {
      const answer = await this.#host.previewExport(this.#novel, preset, this.at, AT_ONCE);
      if (round !== this.#round) return;
      this.#take(answer);
      // The text was changed under it: the next choice shows the whole.
      this.busy = false;
    } catch (thrown) {
      if (round === this.#round) this.#failed(thrown);
    }
  }

  #failed(thrown: unknown): void {
    const { code, message } = asFailure(thrown);
    this.#loading.clear();
    // Other pages were asked for meanwhile, so these were not set.
    if (code === "stale") {
      const [preset, round] = [this.#preset, this.#round];
      const begun = preset !== null && !this.#old && this.look.kind === "shown" && !this.look.whole;
      this.#timer = setTimeout(() => void (begun ? this.#rest(preset, round) : this.#load()), REST);
      return;
    }
    this.busy = false;
    this.#drop([...this.urls.keys()]);
    this.look = { kind: "failed", message };
  }

  /** The first page that is to be asked for. Null: everything that is near is here or on its way. */
  #wanted(): number | null {
    if (this.#old) return this.#loading.size === 0 ? this.at : null;
    const near = Math.min(this.count, this.at + AT_ONCE);
    for (let page = this.at; page < near; page += 1)
      if (!this.urls.has(page) && !this.#loading.has(page)) return page;
    return null;
  }

  #take(answer: ExportPages): void {
    if (this.#old) this.#drop([...this.urls.keys()]);
    this.#old = false;
    const { pages, words, missing, done } = answer;
    this.look = { kind: "shown", pages, words, missing, whole: done };
    this.busy = !done;
    const held = new Map(this.urls);
    for (const [index, image] of answer.images.entries()) {
      const page = answer.from + index;
      const before = held.get(page);
      if (before) URL.revokeObjectURL(before);
      held.set(page, URL.createObjectURL(pictureOf(image)));
    }
    this.urls = held;
    if (this.at >= pages) this.go(pages - 1);
    const far = [...held.keys()].sort((a, b) => Math.abs(b - this.at) - Math.abs(a - this.at));
    this.#drop(far.slice(0, Math.max(0, held.size - KEPT)));
  }

  #drop(pages: readonly number[]): void {
    if (pages.length === 0) return;
    const held = new Map(this.urls);
    for (const page of pages) {
      const url = held.get(page);
      if (url) URL.revokeObjectURL(url);
      held.delete(page);
    }
    this.urls = held;
  }
}

function pictureOf(base64: string): Blob {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}
