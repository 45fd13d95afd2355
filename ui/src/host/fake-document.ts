/**
 * Documents that are nowhere, to import into the invented program: rows of headings, lines, breaks and prose, which
 * are cut anew for every choice as the program cuts a real one.
 */
import type { ImportPreview, ImportSigns, NodeKind, PreviewNode, ShapingChoice } from "./host";

type Sign = "ornament" | "rule" | "page" | "section" | "file" | "blank";

type Block =
  | { is: "heading"; level: number; text: string }
  | { is: "chapter-line" | "part-line" | "number" | "folder" | "item"; text: string }
  | { is: "prose"; text: string; words: number }
  | { is: Sign };

export type FakeDocument = {
  title: string;
  author: string | null;
  language: string | null;
  blocks: Block[];
  /** What fits it. Null: files that are chapters already. */
  proposed: ShapingChoice | null;
  images: number;
  footnotes: number;
  comments: number;
  notes: string[];
};

const PLAIN: ShapingChoice = {
  title_level: null,
  part_level: null,
  chapter_level: null,
  scene_level: null,
  lines: "none",
  numbers: false,
  ornaments: true,
  rules: true,
  pages: "nothing",
  sections: "nothing",
  files: "nothing",
  blanks: "space",
  blank_lines: 1,
  items: "by_folders",
};

const heading = (level: number, text: string): Block => ({ is: "heading", level, text });
const prose = (text: string, words: number): Block => ({ is: "prose", text, words });
const sign = (is: Sign): Block => ({ is });
const named = (is: "chapter-line" | "part-line" | "number" | "folder" | "item", text: string): Block => ({
  is,
  text,
});

/** What a word processor wrote: parts, chapters, ornaments between scenes, and an end without headings. */
function manuscript(): FakeDocument {
  const blocks: Block[] = [
    heading(1, "Winter"),
    heading(2, "The Lamp Room"),
    prose("The key had been under the third stone for as long as anybody", 1204),
    sign("ornament"),
    prose("By noon the fog had come up to the door and stood there.", 908),
    sign("page"),
    heading(2, "Low Water"),
    prose("Nobody rowed.", 1200),
    sign("page"),
    heading(2, "What the Gulls Were Told"),
    prose("She counted them twice, because the first count was a wish.", 840),
    sign("ornament"),
    prose("The letter had been opened and shut again with care.", 1116),
    heading(3, "The second letter"),
    prose("It began without a name.", 402),
    sign("rule"),
    prose("He did not burn it.", 377),
    sign("page"),
    heading(1, "Spring"),
    heading(2, "מגדלור בצפון"),
    prose("מגדלור בצפון", 640),
    sign("ornament"),
    prose("In April the supply boat came on the day that it had promised.", 1510),
    sign("page"),
    heading(2, "A Room with One Window and Too Many Chairs for Somebody Who Lives Alone"),
    prose("He bought the chairs from a ship that had no more use for them.", 1322),
    sign("blank"),
    prose("On Sunday she sat in each of them.", 703),
    sign("blank"),
    prose("None was hers.", 655),
    sign("page"),
    named("chapter-line", "Chapter 6: The Oil"),
    prose("There were eleven barrels and a twelfth that nobody had ordered.", 1488),
    named("number", "1"),
    prose("The first was for the lamp.", 511),
    named("number", "2"),
    prose("The second was for whoever asked.", 498),
    sign("page"),
    named("chapter-line", "Epilogue"),
    prose("The log of that year has one line.", 240),
  ];
  return {
    title: "The Lighthouse Keeper",
    author: "Ines Marsh",
    language: "en-GB",
    blocks,
    proposed: { ...PLAIN, part_level: 1, chapter_level: 2 },
    images: 2,
    footnotes: 11,
    comments: 5,
    notes: [
      "2 tables became paragraphs, one for each row, with tabs between the cells.",
      "1 header or footer of pages was left out; an export makes its own.",
      "3 tracked deletions were taken as accepted, so that text is gone.",
    ],
  };
}

/** A writing program's project: folders with texts in them. */
function project(): FakeDocument {
  const folders = [
    ["The Harbour", "Ropes", "The pilot's wife", "Tar"],
    ["The Open Sea", "Four bells", "Nobody at the wheel"],
  ];
  const blocks = folders.flatMap(([folder = "", ...texts]) => [
    named("folder", folder),
    ...texts.flatMap((text, at) => [
      named("item", text),
      prose(`${text}, she wrote, and stopped.`, 300 + 70 * at),
    ]),
  ]);
  const none = { images: 0, footnotes: 0, comments: 3, notes: [] };
  return { title: "Salt", author: null, language: null, blocks, proposed: PLAIN, ...none };
}

/** A text in which nothing says where anything begins. */
function bare(): FakeDocument {
  const none = { images: 0, footnotes: 0, comments: 0, notes: [] };
  const blocks = [prose("It was the year in which the clocks were sold.", 5210)];
  return { title: "clocks", author: null, language: null, blocks, proposed: PLAIN, ...none };
}

/** What stands at a path; null for nothing. */
export function documentAt(path: string): FakeDocument | null {
  if (!path.startsWith("/")) return null;
  if (path.endsWith(".scriv")) return project();
  if (path.endsWith(".txt")) return bare();
  const found = manuscript();
  return path.includes(".") ? found : { ...found, proposed: null };
}

export function previewOf(found: FakeDocument, shaping: ShapingChoice | null): ImportPreview {
  const cut = found.proposed && (shaping ?? found.proposed);
  const nodes = new Cutting(cut ?? { ...PLAIN, part_level: 1, chapter_level: 2 }).cut(found.blocks);
  const { title, author, language, images, footnotes, comments, notes } = found;
  const every = all(nodes);
  const many = (kind: NodeKind) => every.filter((node) => node.kind === kind).length;
  return {
    ...{ title, author, language, nodes },
    ...{ words: sum(nodes), chapters: many("chapter"), scenes: many("scene") },
    ...{ shaping: cut, signs: signsOf(found.blocks) },
    ...{ images, footnotes, comments, notes },
  };
}

function signsOf(blocks: readonly Block[]): ImportSigns {
  const many = (...kinds: Block["is"][]) => blocks.filter((block) => kinds.includes(block.is)).length;
  const levels = blocks.flatMap((block) => (block.is === "heading" ? [block.level] : []));
  return {
    levels: [...new Set(levels)].sort((one, other) => one - other),
    lines: many("chapter-line", "part-line"),
    numbers: many("number"),
    ornaments: many("ornament"),
    rules: many("rule"),
    pages: many("page"),
    sections: many("section"),
    files: many("file"),
    blanks: many("blank"),
    tree: many("folder") > 0,
  };
}

class Cutting {
  readonly #choice: ShapingChoice;
  #top: PreviewNode[] = [];
  #part: PreviewNode | null = null;
  #chapter: PreviewNode | null = null;
  #scene: PreviewNode | null = null;

  constructor(choice: ShapingChoice) {
    this.#choice = choice;
  }

  cut(blocks: readonly Block[]): PreviewNode[] {
    for (const block of blocks) this.#take(block);
    for (const one of all(this.#top)) if (one.kind !== "scene") one.words = sum(one.children);
    return this.#top;
  }

  #take(block: Block): void {
    if (block.is === "prose") this.#put(block.text, block.words);
    else if (!("text" in block)) this.#break(block.is);
    else {
      const opens = this.#opens(block);
      if (opens === "part") this.#openPart(block.text);
      else if (opens === "chapter") this.#openChapter(block.text);
      else if (opens === "scene") this.#openScene(block.text);
      else if (opens === "text") this.#put(block.text, block.text.split(" ").length);
    }
  }

  #opens(block: Extract<Block, { text: string }>): "part" | "chapter" | "scene" | "text" | "nothing" {
    const { items, lines, numbers, ...levels } = this.#choice;
    const texts = items === "texts_are_chapters";
    switch (block.is) {
      case "folder":
        return texts ? "part" : "chapter";
      case "item":
        return texts ? "chapter" : "scene";
      case "chapter-line":
        return lines === "none" ? "text" : "chapter";
      case "part-line":
        return lines === "chapters_and_parts" ? "part" : "text";
      case "number":
        return numbers ? "chapter" : "text";
      case "heading":
        if (block.level === levels.chapter_level) return "chapter";
        if (block.level === levels.part_level) return "part";
        if (block.level === levels.scene_level) return "scene";
        return block.level === levels.title_level && this.#top.length === 0 ? "nothing" : "text";
      default:
        return "text";
    }
  }

  #break(what: Sign): void {
    const { ornaments, rules, pages, sections, files, blanks, blank_lines } = this.#choice;
    const scene = (yes: boolean) => (yes ? "scene" : "nothing");
    const means = {
      ornament: scene(ornaments),
      rule: scene(rules),
      page: pages,
      section: sections,
      file: files,
      blank: scene(blanks === "scene" && blank_lines <= 1),
    }[what];
    if (means === "chapter" && this.#scene) this.#openChapter("");
    else if (means === "scene") this.#scene = null;
    else if (what === "ornament") this.#put("* * *", 0);
  }

  #openPart(title: string): void {
    this.#part = node("part", title);
    this.#top.push(this.#part);
    this.#chapter = this.#scene = null;
  }

  #openChapter(title: string): void {
    const empty = this.#chapter !== null && this.#chapter.title === "" && this.#chapter.children.length === 0;
    if (empty && this.#chapter) this.#chapter.title = title;
    else {
      this.#chapter = node("chapter", title);
      (this.#part?.children ?? this.#top).push(this.#chapter);
    }
    this.#scene = null;
  }

  #openScene(title: string): void {
    if (!this.#chapter) this.#openChapter("");
    this.#scene = node("scene", title);
    this.#chapter?.children.push(this.#scene);
  }

  #put(text: string, words: number): void {
    if (!this.#scene) this.#openScene("");
    if (!this.#scene) return;
    this.#scene.words += words;
    this.#scene.excerpt ||= text;
  }
}

function node(kind: NodeKind, title: string): PreviewNode {
  return { kind, title, words: 0, excerpt: "", children: [] };
}

const sum = (nodes: readonly PreviewNode[]): number =>
  nodes.reduce((words, one) => words + (one.kind === "scene" ? one.words : sum(one.children)), 0);

const all = (nodes: readonly PreviewNode[]): PreviewNode[] =>
  nodes.flatMap((one) => [one, ...all(one.children)]);
