/**
 * Pictures in the text: how one is drawn, and what of the clipboard and of what is dropped is one.
 *
 * **Guarantees:** only files of pictures are taken, never an address; where text comes with them, the text is what was
 * meant, and goes the way of all text.
 */
import type { Node } from "prosemirror-model";
import { NodeSelection, Plugin, TextSelection } from "prosemirror-state";
import type { EditorView, NodeView } from "prosemirror-view";
import { t } from "../shared/i18n.svelte";
import { type ImageAtom, type Images, isImage, type Shown } from "./images.svelte";
import "./images.css";

/** What may be put in; the program behind looks at the bytes. */
const TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];

export function pictures(images: Images): Plugin {
  /** However often it is clicked, the card of a picture is open afterwards. */
  const chosen = (view: EditorView, _at: number, node: Node, place: number, event: MouseEvent) => {
    if (!isImage(node) || event.button !== 0) return false;
    view.dispatch(view.state.tr.setSelection(NodeSelection.create(view.state.doc, place)));
    const dom = view.nodeDOM(place);
    if (dom instanceof HTMLElement) images.show(view, dom);
    return true;
  };
  return new Plugin({
    // A card does not outlive the editor that its picture stands in.
    view: (view) => ({
      destroy: () => {
        if (images.open?.view === view) images.open = null;
      },
    }),
    props: {
      nodeViews: { image: (node) => new Picture(node, images) },
      handlePaste: (view, event) => {
        const files = filesOf(event.clipboardData);
        if (files.length === 0 || hasWords(event.clipboardData)) return false;
        void images.take(view, files);
        return true;
      },
      handleDrop: (view, event, _slice, moved) => {
        const files = moved ? [] : filesOf(event.dataTransfer);
        if (files.length === 0) return false;
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
        if (at) view.dispatch(view.state.tr.setSelection(TextSelection.near(view.state.doc.resolve(at.pos))));
        void images.take(view, files);
        return true;
      },
      handleClickOn: chosen,
      handleDoubleClickOn: chosen,
      handleTripleClickOn: chosen,
      handleKeyDown: (view, event) => {
        const { selection } = view.state;
        if (!(selection instanceof NodeSelection) || !isImage(selection.node)) return false;
        if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing)
          return false;
        const dom = view.nodeDOM(selection.from);
        if (dom instanceof HTMLElement) images.show(view, dom);
        return true;
      },
    },
  });
}

function filesOf(data: DataTransfer | null): File[] {
  return [...(data?.files ?? [])].filter((file) => TYPES.includes(file.type));
}

/** A copied page or a table of a word processor brings a picture of itself; its words are what was meant. */
function hasWords(data: DataTransfer | null): boolean {
  const html = data?.getData("text/html") ?? "";
  const bare = html.replace(/<(style|script)\b[\s\S]*?<\/\1>|<!--[\s\S]*?-->|<[^>]*>/gi, "");
  return bare.replace(/&nbsp;|\s/g, "") !== "" || (data?.getData("text/plain") ?? "").trim() !== "";
}

const SAID = { coming: "image.coming", missing: "image.missing", closed: "image.closed" } as const;

/** One picture on the page: fetched when it is about to come into sight. */
class Picture implements NodeView {
  readonly dom = document.createElement("span");
  readonly #images: Images;
  readonly #sight: IntersectionObserver | null;
  #node: Node;
  #end: (() => void) | null = null;
  #shown: Shown = { kind: "coming" };

  constructor(node: Node, images: Images) {
    this.#node = node;
    this.#images = images;
    this.dom.className = "picture";
    this.dom.dataset.kept = "image";
    this.#draw();
    if (typeof IntersectionObserver === "undefined") {
      this.#sight = null;
      this.#watch();
      return;
    }
    const near = (entries: IntersectionObserverEntry[]) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      this.#sight?.disconnect();
      this.#watch();
    };
    this.#sight = new IntersectionObserver(near, { rootMargin: "800px 0px" });
    this.#sight.observe(this.dom);
  }

  get #atom(): Partial<ImageAtom> {
    return (this.#node.attrs.atom ?? {}) as Partial<ImageAtom>;
  }

  #watch(): void {
    const { hash } = this.#atom;
    this.#end?.();
    this.#end = this.#images.watch(typeof hash === "string" ? hash : "", (shown) => {
      this.#shown = shown;
      this.#draw();
    });
  }

  #draw(): void {
    const { alt, width } = this.#atom;
    const said = typeof alt === "string" ? alt : "";
    const share = typeof width === "number" && width >= 1 && width <= 100 ? `${width}%` : "";
    this.dom.dataset.shown = this.#shown.kind;
    this.dom.style.inlineSize = share;
    if (this.#shown.kind === "here") {
      const image = document.createElement("img");
      image.src = this.#shown.url;
      image.alt = said;
      image.draggable = false;
      if (share !== "") image.style.inlineSize = "100%";
      this.dom.removeAttribute("role");
      this.dom.removeAttribute("aria-label");
      this.dom.replaceChildren(image);
      return;
    }
    const place = document.createElement("span");
    place.className = "place";
    place.dir = "auto";
    place.textContent = said === "" ? t("image.none") : said;
    const wait = document.createElement("span");
    wait.className = "wait";
    wait.textContent = t(SAID[this.#shown.kind]);
    this.dom.setAttribute("role", "img");
    this.dom.setAttribute("aria-label", `${place.textContent}. ${wait.textContent}`);
    this.dom.replaceChildren(place, wait);
  }

  update(node: Node): boolean {
    if (node.type !== this.#node.type) return false;
    const same = (node.attrs.atom as ImageAtom | null)?.hash === this.#atom.hash;
    this.#node = node;
    if (!same && this.#end) this.#watch();
    else this.#draw();
    return true;
  }

  ignoreMutation(): boolean {
    return true;
  }

  destroy(): void {
    this.#sight?.disconnect();
    this.#end?.();
    this.#end = null;
  }
}
