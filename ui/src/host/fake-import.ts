/** A novel in files that are nowhere: a part with two chapters, and one chapter without a title. */
import type { ImportPreview, NodeKind, PreviewNode } from "./host";

export function foundNovel(): ImportPreview {
  const scene = (excerpt: string, words: number) => node("scene", "", words, excerpt);
  const nodes = [
    node("part", "Winter", 3312, "", [
      node("chapter", "The Lamp Room", 2112, "", [
        scene("The key had been under the third stone for as long as anybody", 1204),
        scene("By noon the fog had come up to the door and stood there.", 908),
      ]),
      node("chapter", "Low Water", 1200, "", [scene("Nobody rowed.", 1200)]),
    ]),
    node("chapter", "", 640, "", [scene("מגדלור בצפון", 640)]),
  ];
  return {
    title: "The Lighthouse Keeper",
    language: null,
    author: null,
    nodes,
    words: 3952,
    chapters: 3,
    scenes: 4,
    notes: ["Two tables were kept as plain text."],
  };
}

function node(
  kind: NodeKind,
  title: string,
  words: number,
  excerpt: string,
  children: PreviewNode[] = [],
): PreviewNode {
  return { kind, title, words, excerpt, children };
}
