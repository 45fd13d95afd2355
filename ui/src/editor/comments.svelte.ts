/**
 * The comments of the open scene: their list, the one the cursor is in, and the one that is being written.
 *
 * **Guarantees:** a comment is made for text that the host has, so its words are sent first; what comes back for
 * another scene is not shown.
 */
import type { CommentRow, Host } from "../host/host";
import type { Stretch } from "./flat";

type Page = {
  flushed: () => Promise<boolean>;
  selection: () => Stretch | null;
  /** Where the text of a comment is now. */
  stretch: (id: string) => Stretch | null;
  draw: (rows: readonly CommentRow[]) => void;
};

/** The comment that is not made yet, as it is drawn on the page. */
const NEW = "new";

export class Comments {
  rows = $state.raw<CommentRow[]>([]);
  /** The comment whose text the cursor is in. */
  here = $state<string | null>(null);
  /** A new comment that has no words yet, and what it is about. */
  writing = $state.raw<Stretch | null>(null);
  #scene: string | null = null;
  readonly #host: Host;
  readonly #novel: string;
  readonly #page: Page;

  constructor(host: Host, novel: string, page: Page) {
    this.#host = host;
    this.#novel = novel;
    this.#page = page;
  }

  /** Those that are not settled first, each in reading order. */
  get listed(): CommentRow[] {
    const order = (row: CommentRow) => (row.resolved ? 1 : 0);
    return this.rows.toSorted((a, b) => order(a) - order(b) || a.from - b.from);
  }

  /** What the page draws: the comments, and the stretch that a new one is being written about. */
  get drawn(): CommentRow[] {
    const { writing } = this;
    if (!writing) return this.rows;
    const facts = { text: "", quote: "", at: 0, author: "", resolved: false };
    return [...this.rows, { id: NEW, ...writing, ...facts }];
  }

  take(scene: string, rows: CommentRow[]): void {
    if (scene !== this.#scene) this.writing = null;
    this.#scene = scene;
    this.rows = rows;
  }

  forget(): void {
    this.#scene = null;
    this.rows = [];
    this.here = null;
    this.writing = null;
  }

  /** Begins a comment about what is selected. False: nothing is. */
  async begin(): Promise<boolean> {
    if (!(await this.#page.flushed())) return false;
    const stretch = this.#page.selection();
    if (!stretch || stretch.from === stretch.to) return false;
    this.writing = stretch;
    this.#page.draw(this.drawn);
    return true;
  }

  leave(): void {
    this.writing = null;
    this.#page.draw(this.drawn);
  }

  /** The text may have moved since {@link begin}; the comment goes where it is now. */
  async add(text: string): Promise<void> {
    const said = text.trim();
    if (!this.writing || said === "") return this.leave();
    if (!(await this.#page.flushed())) return;
    const place = this.#page.stretch(NEW) ?? this.writing;
    this.writing = null;
    await this.#change(async (scene) => {
      await this.#host.addComment(this.#novel, scene, place.from, place.to, said);
    });
  }

  async edit(id: string, text: string): Promise<void> {
    const said = text.trim();
    if (said === "" || this.rows.find((row) => row.id === id)?.text === said) return;
    await this.#change((scene) => this.#host.editComment(this.#novel, scene, id, said));
  }

  async resolve(id: string, resolved: boolean): Promise<void> {
    await this.#change((scene) => this.#host.resolveComment(this.#novel, scene, id, resolved));
  }

  async remove(id: string): Promise<void> {
    await this.#change((scene) => this.#host.removeComment(this.#novel, scene, id));
  }

  async #change(work: (scene: string) => Promise<void>): Promise<void> {
    const scene = this.#scene;
    if (scene === null) return;
    await work(scene);
    // Places are those of the host's text: only with everything sent are they those of the page's too.
    await this.#page.flushed();
    const rows = await this.#host.comments(this.#novel, scene);
    if (this.#scene !== scene) return;
    this.rows = rows;
    this.#page.draw(this.drawn);
  }
}
