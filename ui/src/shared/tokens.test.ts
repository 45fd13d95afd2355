import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/** Relative luminance and contrast of WCAG 2.2. */
function luminance(hex: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const css = readFileSync("src/shared/tokens.css", "utf8");

describe.each(["light", "sepia", "dark"])("the %s theme", (theme) => {
  const block = css.split(`[data-theme="${theme}"]`)[1]?.split("}")[0] ?? "";
  const tokens = Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]),
  );

  test.each(["page", "canvas", "panel"])("has every ink and accent readable on the %s", (ground) => {
    for (const ink of ["ink", "ink2", "ink3", "accent", "ok", "warn", "bad"]) {
      expect(contrast(tokens[ink] ?? "", tokens[ground] ?? ""), ink).toBeGreaterThanOrEqual(4.5);
    }
  });

  test("has a button's words readable", () => {
    expect(contrast(tokens.page ?? "", tokens.accent ?? "")).toBeGreaterThanOrEqual(4.5);
    expect(contrast(tokens.accent ?? "", tokens["accent-background"] ?? "")).toBeGreaterThanOrEqual(4.5);
  });
});
