/** The chapters and parts that an export would find in a binder, in reading order, without what is left out. */
import type { OutlineNode } from "../host/host";

export type Chapter = {
  node: OutlineNode;
  part: OutlineNode | null;
  /** From 1, over the whole novel and in its part. */
  number: number;
  place: number;
  scenes: OutlineNode[];
};

export function chaptersOf(nodes: readonly OutlineNode[]): Chapter[] {
  const found: Chapter[] = [];
  const add = (row: readonly OutlineNode[], part: OutlineNode | null) => {
    let place = 0;
    for (const node of row) {
      if (!node.included) continue;
      if (node.kind === "part") add(node.children, node);
      if (node.kind !== "chapter") continue;
      place += 1;
      const scenes = node.children.filter((child) => child.scene !== null && child.included);
      found.push({ node, part, number: found.length + 1, place, scenes });
    }
  };
  add(nodes, null);
  return found;
}

export const partsOf = (nodes: readonly OutlineNode[]): OutlineNode[] =>
  nodes.filter((node) => node.kind === "part" && node.included);
