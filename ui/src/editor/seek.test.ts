import { describe, expect, test } from "vitest";
import { type How, seek } from "./seek";

const words = new Intl.Segmenter("en", { granularity: "word" });
const ANY: How = { case: "ignored", words: "any" };
const found = (text: string, wanted: string, how: Partial<How> = {}) =>
  seek(text, wanted, { ...ANY, ...how }, words).map(({ from, to }) => text.slice(from, to));

describe("what is the same to a reader", () => {
  test("is found whatever the case, the accents and the kind of quotation mark", () => {
    expect(found("Natásha saw NATASHA and natasha.", "natasha")).toEqual(["Natásha", "NATASHA", "natasha"]);
    expect(found("“Don’t,” he said.", "\"don't")).toEqual(["“Don’t"]);
    expect(found("Die Straße, STRASSE", "strasse")).toEqual(["Straße", "STRASSE"]);
    expect(found("ὈΔΥΣΣΕΎΣ, Ὀδυσσεύς", "οδυσσευσ")).toEqual(["ὈΔΥΣΣΕΎΣ", "Ὀδυσσεύς"]);
    expect(found("שָׁלוֹם", "שלום")).toEqual(["שָׁלוֹם"]);
    expect(found("Qui\u202f? Moi", "qui ?")).toEqual(["Qui\u202f?"]);
  });

  test("is found where nobody sees that something stands in it", () => {
    expect(found("light\u00adhouse", "lighthouse")).toEqual(["light\u00adhouse"]);
    expect(found("lamp\ufffc.", "lamp.")).toEqual(["lamp\ufffc."]);
  });

  test("takes a letter's own marks with it, and leaves those that make another letter", () => {
    expect(found("cafe\u0301 au lait", "cafe")).toEqual(["cafe\u0301"]);
    expect(found("\u304b\u3099", "\u304b")).toEqual([]);
    expect(found("が", "か")).toEqual([]);
    expect(found("Wait…", ".")).toEqual([]);
    expect(found("Wait…", "...")).toEqual(["…"]);
    expect(found("각", "가")).toEqual([]);
  });

  test("is told apart by case where case counts, and still not by accents", () => {
    expect(found("Éva, eva, EVA", "Eva", { case: "counts" })).toEqual(["Éva"]);
  });
});

describe("whole words", () => {
  const whole = (text: string, wanted: string) => found(text, wanted, { words: "whole" });

  test("are not found inside longer ones, and are beside an apostrophe", () => {
    expect(whole("lamp, lamps and a lamp", "lamp")).toEqual(["lamp", "lamp"]);
    expect(whole("Natasha’s brother", "natasha")).toEqual(["Natasha"]);
    expect(whole("l’homme et l’hommage", "homme")).toEqual(["homme"]);
    expect(whole("don’t", "don")).toEqual([]);
  });

  test("may be several words", () => {
    expect(whole("the old man, the older man", "the old")).toEqual(["the old"]);
  });
});

test("places count units of the text, also behind characters of two", () => {
  expect(seek("😀 fog 😀 fog", "fog", ANY, words)).toEqual([
    { from: 3, to: 6 },
    { from: 10, to: 13 },
  ]);
});

test("what is found does not overlap, and nothing finds nothing", () => {
  expect(found("aaaa", "aa")).toEqual(["aa", "aa"]);
  expect(found("text", "")).toEqual([]);
  expect(found("text", "\u00ad")).toEqual([]);
});
