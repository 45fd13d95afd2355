import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

type Colour = [number, number, number];

const parse = (hex: string): Colour =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Colour;

/** `part` of one colour over another. */
const over = (top: Colour, part: number, ground: Colour): Colour =>
  top.map((value, at) => value * part + (ground[at] ?? 0) * (1 - part)) as Colour;

/** Relative luminance and contrast of WCAG 2.2. */
function luminance(colour: Colour): number {
  const [r, g, b] = colour
    .map((value) => value / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as Colour;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Colour, b: Colour): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const [plain = "", more = ""] = readFileSync("src/shared/tokens.css", "utf8").split("prefers-contrast: more");
const dimmed = readFileSync("src/editor/clear.css", "utf8");

/** The colours of a theme; for who asks for more contrast, with what that changes laid over them. */
function theme(name: string, contrast: "usual" | "more"): (token: string) => Colour {
  const block = (css: string) => css.split(`[data-theme="${name}"]`)[1]?.split("}")[0] ?? "";
  const read = (css: string) =>
    [...block(css).matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]);
  const tokens = Object.fromEntries([...read(plain), ...(contrast === "more" ? read(more) : [])]);
  return (token) => {
    if (!tokens[token]) throw new Error(`${name} has no --${token}`);
    return parse(tokens[token]);
  };
}

const GROUNDS = ["page", "canvas", "panel"];
const WORDS = ["ink", "ink2", "ink3", "accent", "ok", "warn", "bad"];

describe.each(["light", "sepia", "dark"])("the %s theme", (name) => {
  const of = theme(name, "usual");

  test.each(GROUNDS)("has every ink and accent readable on the %s", (ground) => {
    for (const ink of WORDS) expect(contrast(of(ink), of(ground)), ink).toBeGreaterThanOrEqual(4.5);
  });

  test("has a button's words readable, also while the pointer is on it", () => {
    expect(contrast(of("page"), of("accent"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of("page"), over(of("accent"), 0.88, of("ink")))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of("accent"), of("accent-background"))).toBeGreaterThanOrEqual(4.5);
    expect(contrast(of("accent"), of("selection"))).toBeGreaterThanOrEqual(4.5);
  });

  test("has the ring of the focus seen wherever it is drawn", () => {
    for (const ground of [...GROUNDS, "accent-background", "selection"])
      expect(contrast(of("accent"), of(ground)), ground).toBeGreaterThanOrEqual(3);
  });

  test("has selected text readable", () => {
    for (const ink of ["ink", "ink2"])
      expect(contrast(of(ink), of("selection")), ink).toBeGreaterThanOrEqual(4.5);
  });

  test("has the edges of boxes that are to be ticked seen", () => {
    for (const ground of GROUNDS) expect(contrast(of("ink3"), of(ground)), ground).toBeGreaterThanOrEqual(3);
  });

  test("has words readable on what lies under the pointer", () => {
    for (const ground of GROUNDS) {
      const hovered = over(of("ink"), 0.06, of(ground));
      for (const ink of ["ink", "ink2"])
        expect(contrast(of(ink), hovered), `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("has dimmed paragraphs seen, and readable for who asks for more contrast", () => {
    const [usual, strong] = [...dimmed.matchAll(/--dimmed: ([\d.]+)/g)].map((m) => Number(m[1]));
    expect(contrast(over(of("ink"), usual ?? 0, of("page")), of("page"))).toBeGreaterThanOrEqual(2);
    expect(contrast(over(of("ink"), strong ?? 0, of("page")), of("page"))).toBeGreaterThanOrEqual(4.5);
  });

  test("has more contrast for who asks for it: seven to one, and edges that are seen", () => {
    const strong = theme(name, "more");
    for (const ground of GROUNDS) {
      for (const ink of WORDS)
        expect(contrast(strong(ink), of(ground)), `${ink} on ${ground}`).toBeGreaterThanOrEqual(7);
      expect(contrast(strong("rule"), of(ground)), `rule on ${ground}`).toBeGreaterThanOrEqual(3);
    }
  });
});
