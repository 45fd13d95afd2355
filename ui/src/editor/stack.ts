/**
 * What stands on the page: one scene, those of its chapter, or those of the whole novel, with the titles between them.
 *
 * **Invariants:** a note stands alone, whatever the page shows; the same scene is the same leaf for as long as nothing
 * that is drawn of it changes.
 */
import type { OutlineNode } from "../host/host";
import type { Extent } from "../settings/settings.svelte";

/** A scene on the page, with what stands above its text. */
export type Leaf = {
  readonly scene: string;
  readonly node: OutlineNode;
  /** The part that begins here. */
  readonly part: OutlineNode | null;
  /** The chapter that begins here. */
  readonly chapter: OutlineNode | null;
  /** Its place among its siblings, from 1. */
  readonly place: number;
  readonly first: boolean;
};

type Found = Leaf & { readonly holder: OutlineNode | null };

/** The leaves of the page around `scene`. */
export function leavesOf(
  nodes: readonly OutlineNode[],
  notes: readonly OutlineNode[],
  scene: string | null,
  extent: Extent,
): Leaf[] {
  const all = scenesIn(nodes, null, null);
  const open = all.find((leaf) => leaf.scene === scene);
  if (!open) {
    const note = scenesIn(notes, null, null).find((leaf) => leaf.scene === scene);
    return note ? [{ ...note, chapter: null, part: null, first: true }] : [];
  }
  const shown =
    extent === "scene" ? [open] : all.filter((leaf) => extent === "book" || leaf.holder === open.holder);
  return shown.map(({ holder: _, ...leaf }, index) => ({ ...leaf, first: index === 0 }));
}

function scenesIn(
  nodes: readonly OutlineNode[],
  holder: OutlineNode | null,
  part: OutlineNode | null,
): Found[] {
  let begins = part;
  return nodes.flatMap((node, index) => {
    const place = index + 1;
    if (node.scene === null) {
      const inside = scenesIn(node.children, node, node.kind === "part" ? node : begins);
      if (inside.length > 0) begins = null;
      return inside;
    }
    const chapter = index === 0 && holder?.kind !== "part" ? holder : null;
    const leaf = { scene: node.scene, node, holder, chapter, place, first: false, part: begins };
    begins = null;
    return [leaf];
  });
}

/** The same leaves, those that are drawn as before taken over from before: nothing of them is drawn again. */
export function kept(before: readonly Leaf[], now: readonly Leaf[]): Leaf[] {
  const known = new Map(before.map((leaf) => [leaf.scene, leaf]));
  return now.map((leaf) => {
    const was = known.get(leaf.scene);
    return was && same(was, leaf) ? was : leaf;
  });
}

function same(a: Leaf, b: Leaf): boolean {
  return (
    a.place === b.place &&
    a.first === b.first &&
    sameTitle(a.node, b.node) &&
    sameTitle(a.chapter, b.chapter) &&
    sameTitle(a.part, b.part)
  );
}

function sameTitle(a: OutlineNode | null, b: OutlineNode | null): boolean {
  return a?.id === b?.id && a?.title === b?.title && a?.path === b?.path;
}

/** How the page's text is set, in CSS pixels. */
export type Setting = { readonly size: number; readonly leading: number; readonly width: number };

/** Letters of a word with the space behind it, and how wide one is for the size of the text. */
const LETTERS = 5.8;
const WIDTH = 0.46;
/** What ends of paragraphs leave empty. */
const RAGGED = 1.12;

/** How high so many words will stand, before they are seen. */
export function heightOf(words: number, { size, leading, width }: Setting): number {
  // Before the page is measured it is taken for a usual one.
  const letters = (width || size * 34) / (size * WIDTH);
  const lines = Math.max(1, Math.ceil((words * LETTERS * RAGGED) / letters));
  return Math.round(lines * Math.round(size * leading));
}
