/**
 * The paper under the window: which scenes are in sight, and that what is being read stays where it is.
 *
 * **Guarantees:** a scene that gets higher or lower above the window moves nothing in it; scrolling itself is never
 * taken for that. At most {@link MOST} scenes are asked for, unless more are in sight at once.
 */

/** Where the reader is: an element, and how far below the top of the window it stood. */
type Anchor = { leaf: HTMLElement; offset: number };

/** Scenes that are asked for at once, if not more are in sight. */
export const MOST = 5;

export class Scroll {
  readonly #scroller: HTMLElement;
  readonly #near: (scenes: string[]) => void;
  #anchor: Anchor | null = null;
  #top = 0;
  #frame = 0;
  #hidden = false;

  constructor(scroller: HTMLElement, near: (scenes: string[]) => void) {
    this.#scroller = scroller;
    this.#near = near;
  }

  /** After scrolling, and after anything on the page has got another size. */
  look(): void {
    const { top, height } = this.#scroller.getBoundingClientRect();
    // Hidden behind another view: nothing is in sight, and nothing is to be forgotten for that.
    if (height === 0) {
      this.#hidden = true;
      return;
    }
    if (this.#hidden) this.#scroller.scrollTop = this.#top;
    this.#hidden = false;
    this.#hold(top);
    this.stand();
    this.#frame ||= requestAnimationFrame(() => this.#ask());
  }

  /** Where the page is now is where it is meant to be: after a way that was no reading on. */
  stand(): void {
    const { top, height } = this.#scroller.getBoundingClientRect();
    this.#anchor = anchorOf(this.#leaves, top, height);
    this.#top = this.#scroller.scrollTop;
  }

  end(): void {
    cancelAnimationFrame(this.#frame);
  }

  /** Not while sizes are being told: a new editor has a size of its own. */
  #ask(): void {
    this.#frame = 0;
    const { top, height } = this.#scroller.getBoundingClientRect();
    if (height > 0) this.#near(nearest(this.#leaves, top, height));
  }

  /** Moves the page by what changed above the window. */
  #hold(top: number): void {
    const anchor = this.#anchor;
    if (!anchor || !isDrawn(anchor.leaf)) return;
    const scrolled = this.#scroller.scrollTop - this.#top;
    const shift = anchor.leaf.getBoundingClientRect().top - top - (anchor.offset - scrolled);
    if (Math.abs(shift) >= 1) this.#scroller.scrollTop += shift;
  }

  get #leaves(): HTMLElement[] {
    return [...this.#scroller.querySelectorAll<HTMLElement>("[data-leaf]")];
  }
}

/**
 * What the reader holds on to: the first leaf in the window that is more than an empty place, because one that is not
 * drawn yet is about to change.
 */
function anchorOf(leaves: readonly HTMLElement[], top: number, height: number): Anchor | null {
  const first = firstBelow(leaves, top);
  let leaf = leaves[first];
  for (let at = first; at < leaves.length; at += 1) {
    const one = leaves[at] as HTMLElement;
    if (one.getBoundingClientRect().top > top + height) break;
    if (one.querySelector(".ProseMirror") === null) continue;
    leaf = one;
    break;
  }
  if (!leaf || !isDrawn(leaf)) return null;
  return { leaf, offset: leaf.getBoundingClientRect().top - top };
}

/** Whether it is on the page and not hidden: only then does it stand anywhere. */
const isDrawn = (leaf: HTMLElement): boolean => leaf.isConnected && leaf.offsetHeight > 0;

/** Index of the first leaf whose end is below `y`. They stand one under the other, so few are measured. */
function firstBelow(leaves: readonly HTMLElement[], y: number): number {
  let [from, to] = [0, leaves.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((leaves[middle] as HTMLElement).getBoundingClientRect().bottom > y) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** The scenes within one window's height of the window, those in sight first. */
function nearest(leaves: readonly HTMLElement[], top: number, height: number): string[] {
  const found: { scene: string; far: number }[] = [];
  for (let at = firstBelow(leaves, top - height); at < leaves.length; at += 1) {
    const leaf = leaves[at] as HTMLElement;
    const rect = leaf.getBoundingClientRect();
    if (rect.top > top + 2 * height) break;
    found.push({
      scene: leaf.dataset.leaf ?? "",
      far: Math.max(0, top - rect.bottom, rect.top - top - height),
    });
  }
  found.sort((a, b) => a.far - b.far);
  return found.filter(({ far }, index) => far === 0 || index < MOST).map(({ scene }) => scene);
}
