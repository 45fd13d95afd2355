/** Pages of an invented export, drawn: not what a book looks like, but enough to see which choices reach it. */
import { heading } from "../exporting/heading";
import type { ExportPreset, NovelCard } from "./host";

export type Line = { text: string; look: "title" | "heading" | "body" | "break" | "small" };
export type Drawn = { lines: Line[]; folio: string };
type Chapter = { title: string; number: number; scenes: { text: string }[] };

/** One white dot, where nothing can be drawn. */
const DOT =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
const SHAPES: Readonly<Record<string, readonly [number, number]>> = {
  a5: [148, 210],
  a4: [210, 297],
  a6: [105, 148],
  "jis-b6": [128, 182],
  pocket: [125, 190],
  novel: [135, 215],
  "five-by-eight": [127, 203],
  digest: [140, 216],
  trade: [152, 229],
  letter: [216, 279],
};

export function paginate(preset: ExportPreset, card: NovelCard, chapters: readonly Chapter[]): Drawn[] {
  const pages: Drawn[] = [];
  const manuscript = preset.kind.startsWith("manuscript");
  const room = manuscript ? 22 : 26;
  const width = manuscript ? 62 : preset.kind === "epub" ? 48 : 56;
  if (manuscript || preset.front.some((row) => row.role === "title-page")) {
    const facts = [preset.subtitle, preset.author, preset.publisher].filter(Boolean);
    const lines = facts.map((text): Line => ({ text, look: "small" }));
    pages.push({ lines: [{ text: card.title, look: "title" }, ...lines], folio: "" });
  }
  for (const row of [...preset.front, ...preset.back].filter((one) => one.role !== "title-page"))
    pages.push({
      lines: wrap(row.text || row.role, width).map((text) => ({ text, look: "small" })),
      folio: "",
    });
  for (const chapter of chapters) {
    if (preset.page.openers === "recto" && preset.kind === "pdf" && pages.length % 2 === 1)
      pages.push({ lines: [], folio: "" });
    const text = heading(preset.chapter_heading, chapter.number, chapter.title, card.language);
    let lines: Line[] = [{ text, look: "heading" }];
    const turn = () => {
      if (lines.length > 0) pages.push({ lines, folio: String(pages.length + 1) });
      lines = [];
    };
    for (const [at, scene] of chapter.scenes.entries()) {
      if (at > 0) lines.push({ text: manuscript ? "#" : preset.separator, look: "break" });
      for (const paragraph of scene.text.split("\n").filter(Boolean))
        for (const line of wrap(`   ${paragraph}`, width)) {
          if (lines.length >= room) turn();
          lines.push({ text: line, look: "body" });
        }
    }
    turn();
  }
  return pages;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line.length + word.length > width && line.trim() !== "") {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** A page as the base64 of a PNG. */
export function drawPage(page: Drawn, preset: ExportPreset, index: number): string {
  const [wide, high] = (preset.kind === "epub" ? null : SHAPES[preset.page.trim]) ?? [120, 180];
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [wide * 5, high * 5];
  const pen = canvas.getContext("2d");
  if (!pen?.fillText) return DOT;
  const manuscript = preset.kind.startsWith("manuscript");
  const face = manuscript && preset.look === "classic" ? "Courier, monospace" : "Literata, serif";
  const size = canvas.width / (manuscript ? 44 : 33);
  const [margin, lead] = [canvas.width * 0.13, size * (manuscript ? 1.8 : 1.36)];
  pen.fillStyle = "#fffefc";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#1d1b18";
  let y = canvas.height * (page.lines[0]?.look === "title" ? 0.36 : 0.12);
  for (const line of page.lines) {
    const bold = line.look === "title" || line.look === "heading";
    pen.font = `${bold ? size * (line.look === "title" ? 2 : 1.4) : size}px ${face}`;
    pen.textAlign = line.look === "body" ? "start" : "center";
    const x = line.look === "body" ? margin : canvas.width / 2;
    pen.fillText(line.text, x, y, canvas.width - 2 * margin);
    y += bold ? lead * 3 : lead;
  }
  pen.font = `${size * 0.85}px ${face}`;
  pen.textAlign = "center";
  if (page.folio) pen.fillText(String(index + 1), canvas.width / 2, canvas.height * 0.94);
  return canvas.toDataURL("image/png").split(",")[1] ?? DOT;
}
