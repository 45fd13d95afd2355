/**
 * The pictures of one novel on the page: fetched when they come into sight, shown from memory, let go of when nobody
 * looks; put in from files, the clipboard and what is dropped; described on a card.
 *
 * **Guarantees:** a picture is never loaded from an address: its bytes come from the host and its address is one of this
 * window's memory, which ends with the last place that shows it, and for all of them when the vault is locked.
 */
import { closeHistory } from "prosemirror-history";
import { NodeSelection, TextSelection } from "prosemirror-state";
import type { EditorView } from "prosemirror-view";
import { asFailure, type Host, type PlacedImage } from "../host/host";
import { t } from "../shared/i18n.svelte";
import { paragraphNode, schema } from "./schema";

/** What there is to see of a picture. */
export type Shown =
  | { kind: "coming" }
  | { kind: "here"; url: string }
  /** It has not come to this laptop. */
  | { kind: "missing" }
  /** It came from another novel, or its novel is closed. */
  | { kind: "closed" };

/** What a text says of a picture; more that a newer version says is kept. */
export type ImageAtom = { kind: "image"; hash: string; alt: string; width?: number } & Record<
  string,
  unknown
>;

/** The picture whose card is open. */
export type Opened = { view: EditorView; at: () => number | undefined; dom: HTMLElement };

type Held = { shown: Shown; watchers: Set<(shown: Shown) => void>; again: number | undefined; wait: number };

/** Bytes of a file at most; the program behind refuses more. */
const MOST = 20 * 1024 * 1024;
/** How soon a picture that has not come is asked for again, and how seldom at last, in milliseconds. */
const SOON = 2_000;
const SELDOM = 60_000;

export class Images {
  open = $state.raw<Opened | null>(null);
  /** Why a picture was not put in; shown until the next attempt. */
  failure = $state<string | null>(null);
  /** How many are being put in. */
  coming = $state(0);
  readonly #host: Host;
  readonly #novel: string;
  readonly #held = new Map<string, Held>();

  constructor(host: Host, novel: string) {
    this.#host = host;
    this.#novel = novel;
  }

  /** Says what there is to see of a picture, at once and whenever that changes, until the returned function is called. */
  watch(hash: string, told: (shown: Shown) => void): () => void {
    let held = this.#held.get(hash);
    if (!held) {
      held = { shown: { kind: "coming" }, watchers: new Set(), again: undefined, wait: SOON };
      this.#held.set(hash, held);
      void this.#fetch(hash, held);
    }
    const { watchers } = held;
    watchers.add(told);
    told(held.shown);
    return () => {
      watchers.delete(told);
      if (watchers.size === 0) this.#drop(hash);
    };
  }

  async #fetch(hash: string, held: Held): Promise<void> {
    let shown: Shown;
    try {
      const bytes = await this.#host.image(this.#novel, hash);
      if (this.#held.get(hash) !== held) return;
      shown = {
        kind: "here",
        url: URL.createObjectURL(new Blob([bytes as BlobPart], { type: typeOf(bytes) })),
      };
    } catch (error) {
      if (this.#held.get(hash) !== held) return;
      const waits = asFailure(error).code === "not_found";
      shown = { kind: waits ? "missing" : "closed" };
      if (waits) {
        held.again = window.setTimeout(() => void this.#fetch(hash, held), held.wait);
        held.wait = Math.min(held.wait * 2, SELDOM);
      }
    }
    held.shown = shown;
    for (const told of held.watchers) told(shown);
  }

  #drop(hash: string): void {
    const held = this.#held.get(hash);
    if (!held) return;
    this.#held.delete(hash);
    window.clearTimeout(held.again);
    if (held.shown.kind === "here") URL.revokeObjectURL(held.shown.url);
  }

  /** The vault was locked, or the novel left: no picture stays. */
  forget(): void {
    this.open = null;
    this.failure = null;
    for (const [hash, { watchers }] of [...this.#held]) {
      this.#drop(hash);
      for (const told of watchers) told({ kind: "missing" });
    }
  }

  /** A file that the author chooses, at the cursor. */
  async choose(view: EditorView | null): Promise<void> {
    if (view) await this.#put(view, [() => this.#host.chooseImage(this.#novel)]);
  }

  /** Files that were pasted or dropped, at the cursor, in their order. */
  async take(view: EditorView, files: readonly File[]): Promise<void> {
    const puts = files.map((file) => async () => {
      if (file.size > MOST) throw { code: "other", message: t("image.long") };
      return this.#host.putImage(this.#novel, new Uint8Array(await file.arrayBuffer()));
    });
    await this.#put(view, puts);
  }

  async #put(view: EditorView, puts: readonly (() => Promise<PlacedImage | null>)[]): Promise<void> {
    this.failure = null;
    this.coming += 1;
    try {
      for (const put of puts) {
        const placed = await put();
        if (placed && !view.isDestroyed) this.#insert(view, placed);
      }
    } catch (error) {
      this.failure = asFailure(error).message;
    } finally {
      this.coming -= 1;
    }
    if (!view.isDestroyed) view.focus();
  }

  /** In a paragraph of its own behind the one with the cursor, selected, with its card open. */
  #insert(view: EditorView, { image }: PlacedImage): void {
    const { state } = view;
    const node = schema.node("image", { atom: { kind: "image", hash: image, alt: "" } });
    const paragraph = paragraphNode({ align: "center" }, [node]);
    const { $to: end } = state.selection;
    const empty = end.parent.content.size === 0 && end.parent.attrs.block === "body";
    const tr = closeHistory(state.tr);
    const at = empty ? end.before() : end.after();
    if (empty) tr.replaceWith(at, end.after(), paragraph);
    else tr.insert(at, paragraph);
    const behind = at + paragraph.nodeSize;
    if (behind >= tr.doc.content.size) tr.insert(behind, paragraphNode({}, []));
    tr.setSelection(NodeSelection.create(tr.doc, at + 1));
    view.dispatch(tr.scrollIntoView());
    const dom = view.nodeDOM(at + 1);
    if (dom instanceof HTMLElement) this.show(view, dom);
  }

  /** Opens the card of a picture. */
  show(view: EditorView, dom: HTMLElement): void {
    this.open = {
      view,
      dom,
      at: () => (view.isDestroyed || !dom.isConnected ? undefined : view.posAtDOM(dom, 0)),
    };
  }

  /** What the text says of the picture whose card is open. */
  get atom(): ImageAtom | null {
    const found = this.#found();
    return found ? found.atom : null;
  }

  #found(): { view: EditorView; at: number; atom: ImageAtom } | null {
    const at = this.open?.at();
    const view = this.open?.view;
    if (!view || at === undefined) return null;
    const node = view.state.doc.nodeAt(at);
    return node && isImage(node) ? { view, at, atom: node.attrs.atom as ImageAtom } : null;
  }

  /** What the picture shows, for whoever cannot see it. */
  describe(alt: string): void {
    this.#change({ alt: alt.trim() });
  }

  /** How much of the column it takes, in hundredths; null: as wide as it is. */
  resize(width: number | null): void {
    this.#change({ width: width ?? undefined });
  }

  #change(change: { alt?: string; width?: number | undefined }): void {
    const found = this.#found();
    if (!found) return;
    const { view, at, atom } = found;
    const next: Record<string, unknown> = { ...atom, ...change };
    if (next.width === undefined) delete next.width;
    if (next.alt === atom.alt && next.width === atom.width) return;
    const tr = closeHistory(view.state.tr);
    tr.setNodeMarkup(at, null, { atom: next });
    tr.setSelection(NodeSelection.create(tr.doc, at));
    view.dispatch(tr);
    const dom = view.nodeDOM(at);
    if (dom instanceof HTMLElement) this.show(view, dom);
  }

  /** Back to the text, behind the picture. */
  close(): void {
    const found = this.#found();
    this.open = null;
    if (!found) return;
    const { view, at } = found;
    view.dispatch(view.state.tr.setSelection(TextSelection.near(view.state.doc.resolve(at + 1), 1)));
    view.focus();
  }

  /** Takes the picture out; undo brings it back. */
  remove(): void {
    const found = this.#found();
    this.open = null;
    if (!found) return;
    const { view, at } = found;
    const tr = closeHistory(view.state.tr).delete(at, at + 1);
    view.dispatch(tr.setSelection(TextSelection.near(tr.doc.resolve(at))));
    view.focus();
  }
}

export const isImage = (node: { type: { name: string } } | null | undefined): boolean =>
  node?.type.name === "image";

/** What a file begins with says what it is; the program behind has looked at the rest. */
export function typeOf(bytes: Uint8Array): string {
  if (bytes[0] === 0x89) return "image/png";
  if (bytes[0] === 0xff) return "image/jpeg";
  return bytes[0] === 0x47 ? "image/gif" : "image/webp";
}
