import { describe, expect, test } from "vitest";
import { slipAt } from "./autocorrect";

const mended = (before: string, tag = "en") => slipAt(before, tag)?.text ?? null;

describe("a slip", () => {
  test.each([
    ["en", "and teh", "the"],
    ["en-GB", "Teh", "The"],
    ["en", "TEH", "THE"],
    ["en", "I dont", "don’t"],
    ["en", "THe", "The"],
    ["fr", "ma soeur", "sœur"],
    ["fr-CA", "il est tres", "très"],
    ["de", "er udn", "und"],
    ["es", "yo tambien", "también"],
    ["it", "un pò", "po’"],
    ["ru", "Незнаю", "Не знаю"],
    ["en", "(teh", "the"],
  ])("%s: %s", (tag, before, expected) => expect(mended(before, tag)).toBe(expected));

  test.each([
    ["en", "the"],
    ["en", "MPs"],
    ["en", "OKed"],
    ["en", "PhD"],
    ["en", "NATO"],
    ["nl", "IJsland"],
    ["cy", "LLanelli"],
    ["en", "a.teh"],
    ["en", "me@teh"],
    ["en", "x-teh"],
    ["en", "tEh"],
    ["de", "teh"],
    ["ja", "teh"],
    ["xx", "teh"],
    ["en", ""],
  ])("%s: %s is none", (tag, before) => expect(mended(before, tag)).toBeNull());
});
