/** The controller of an export: what is kept, what wins, what is said, and what is gone. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeHost } from "../host/fake";
import type { ExportPages, ExportPreset } from "../host/host";
import { chaptersOf } from "./chapters";
import { Exporting } from "./exporting.svelte";
import { heading } from "./heading";
import { hasColumns, isRightToLeft, knows } from "./kinds";
import { Pages } from "./pages.svelte";

let host: FakeHost;
let novel: string;
let exporting: Exporting;
let told: string[];
let [made, revoked]: [string[], string[]] = [[], []];

beforeEach(async () => {
  host = new FakeHost();
  host.state = "open";
  novel = (await host.createNovel("The Ferry", "en-GB")).id;
  told = [];
  exporting = new Exporting({
    host,
    novel: { id: novel, title: () => "The Ferry" },
    flush: () => host.flush(),
    tell: (notice) => void told.push(notice),
  });
  [made, revoked] = [[], []];
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
    made.push(`blob:page-${made.length}`);
    return made.at(-1) as string;
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation((url) => void revoked.push(url));
});

afterEach(() => {
  exporting.forget();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const own = () => host.presets.get(novel) ?? [];
const names = () => exporting.presets.map((preset) => preset.name);

describe("presets", () => {
  test("those that came with Seshat are there at once, the first one chosen, with its pages", async () => {
    await exporting.open();
    expect(names()).toEqual(["Manuscript", "E-book", "Print", "Word", "Plain"]);
    expect(exporting.draft?.id).toBe("builtin-manuscript");
    await vi.waitFor(() => expect(exporting.pages.urls.size).toBeGreaterThan(0));
  });

  test("changing one that came with Seshat makes one of the author's own and leaves it as it was", async () => {
    await exporting.open();
    await exporting.choose("builtin-ebook");
    exporting.change({ subtitle: "A crossing" });
    exporting.change({ publisher: "Quay" });
    await exporting.kept();
    expect(own().map(({ name, subtitle, publisher }) => [name, subtitle, publisher])).toEqual([
      ["My E-book", "A crossing", "Quay"],
    ]);
    expect(exporting.draft?.id).toBe(own()[0]?.id);
    expect(exporting.presets.find((one) => one.id === "builtin-ebook")?.subtitle).toBe("");
    expect(exporting.said?.message).toContain("My E-book");
    await exporting.undo();
    expect(own()).toEqual([]);
    expect(exporting.draft?.id).toBe("builtin-ebook");
  });

  test("what is chosen while a new preset is on its way to the disk is in it, and makes no second one", async () => {
    await exporting.open();
    const save = host.saveExportPreset.bind(host);
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    host.saveExportPreset = async (id, preset) => {
      await gate;
      return save(id, preset);
    };
    exporting.change({ subtitle: "One" });
    const kept = exporting.kept();
    await Promise.resolve();
    exporting.change({ subtitle: "Two" });
    open();
    await kept;
    await exporting.kept();
    expect(own().map((preset) => preset.subtitle)).toEqual(["Two"]);
  });

  test("choices are kept by themselves after a rest, and when the sheet is closed", async () => {
    await exporting.open();
    await exporting.add();
    vi.useFakeTimers();
    exporting.change({ rights: "© Ada Lane" });
    expect(own()[0]?.rights).toBe("");
    await vi.advanceTimersByTimeAsync(1000);
    expect(own()[0]?.rights).toBe("© Ada Lane");
    vi.useRealTimers();
    exporting.change({ publisher: "Quay" });
    await exporting.close();
    expect(own()[0]?.publisher).toBe("Quay");
  });

  test("one is made from another, renamed, removed and brought back", async () => {
    await exporting.open();
    await exporting.choose("builtin-print");
    await exporting.add();
    const id = exporting.draft?.id ?? "";
    expect([exporting.renaming, names().at(-1)]).toEqual([id, "Print 2"]);
    await exporting.rename(id, "  For the printer ");
    expect([exporting.renaming, own()[0]?.name, exporting.draft?.name]).toEqual([
      null,
      "For the printer",
      "For the printer",
    ]);
    await exporting.remove(id);
    expect([own(), exporting.draft?.id]).toEqual([[], "builtin-plain"]);
    await exporting.undo();
    expect([own()[0]?.name, own()[0]?.kind, exporting.draft?.id]).toEqual(["For the printer", "pdf", id]);
  });

  test("one that came with Seshat is not removed", async () => {
    await exporting.open();
    await exporting.remove("builtin-word");
    expect(names()).toContain("Word");
  });

  test("a choice that could not be kept is said, stays on the screen and is kept the next time", async () => {
    await exporting.open();
    await exporting.add();
    const save = host.saveExportPreset.bind(host);
    host.saveExportPreset = async () => {
      throw { code: "other", message: "The disk is full." };
    };
    exporting.change({ subtitle: "Kept anyway" });
    await exporting.kept();
    expect([exporting.error, exporting.draft?.subtitle]).toEqual(["The disk is full.", "Kept anyway"]);
    host.saveExportPreset = save;
    await exporting.kept();
    expect([exporting.error, own()[0]?.subtitle]).toEqual([null, "Kept anyway"]);
  });
});

describe("an export", () => {
  test("goes where the author said, with everything typed before on the disk, and tells what became of it", async () => {
    await exporting.open();
    const flushes = host.flushes;
    host.findings = [{ grave: false, said: "Small." }];
    await exporting.export();
    expect(host.flushes).toBe(flushes + 1);
    expect(host.exported[0]?.path).toBe(host.chosenExport);
    expect(host.exported[0]?.copy).toEqual({ recipient: "", line: false, mark: false, cover: null });
    expect(exporting.step).toMatchObject({
      kind: "done",
      done: { copy: null, findings: [{ said: "Small." }] },
    });
    exporting.change({ chapter_heading: "#d" });
    expect(exporting.step.kind).toBe("choosing");
  });

  test("does nothing when the question where to is closed", async () => {
    await exporting.open();
    host.chosenExport = null;
    await exporting.export();
    expect([host.exported, exporting.step.kind]).toEqual([[], "choosing"]);
  });

  test("names nobody to a kind that has no copies, and takes a cover only where there is one", async () => {
    await exporting.open();
    exporting.address("Ada Lane");
    await exporting.chooseCover();
    expect(exporting.copy).toMatchObject({ recipient: "Ada Lane", mark: true, line: false });
    for (const kind of ["csv", "docx", "epub"] as const) {
      exporting.change({ kind });
      await exporting.export();
    }
    expect(host.exported.map(({ copy }) => [copy.recipient, copy.mark, copy.cover])).toEqual([
      ["", false, null],
      ["Ada Lane", true, null],
      ["Ada Lane", true, host.chosenCover],
    ]);
    exporting.address(" ");
    expect([exporting.copy.mark, exporting.copy.line]).toEqual([false, false]);
  });

  test("says how far it is, stops when it is told to, and leaves nothing but a sentence", async () => {
    await exporting.open();
    host.held = true;
    const running = exporting.export();
    await vi.waitFor(() =>
      expect(exporting.step).toMatchObject({ kind: "writing", progress: { step: "making" } }),
    );
    await exporting.cancel();
    await running;
    expect([exporting.step.kind, exporting.error]).toEqual(["choosing", null]);
    expect(exporting.said?.message).toContain("nothing was written");
  });

  test("goes on when the sheet is closed, and says then where it is", async () => {
    await exporting.open();
    host.held = true;
    const running = exporting.export();
    await vi.waitFor(() => expect(host.running).not.toBe(null));
    await exporting.close();
    host.letGo();
    await running;
    expect(told).toEqual([`Exported to ${host.chosenExport}`]);
    expect(exporting.step.kind).toBe("choosing");
  });

  test("that fails is said, and the choices are as they were", async () => {
    await exporting.open();
    host.exportNovel = async () => {
      throw { code: "exists", message: "There is a folder of this name; choose another one." };
    };
    await exporting.export();
    expect([exporting.step.kind, exporting.error]).toEqual([
      "choosing",
      "There is a folder of this name; choose another one.",
    ]);
  });
});

test("after a lock nothing is held, and what arrives late is not shown", async () => {
  await exporting.open();
  await vi.waitFor(() => expect(exporting.pages.urls.size).toBeGreaterThan(0));
  exporting.address("Ada Lane");
  host.held = true;
  const running = exporting.export();
  await vi.waitFor(() => expect(host.running).not.toBe(null));
  exporting.forget();
  host.letGo();
  await running;
  expect([exporting.presets, exporting.draft, exporting.copy.recipient, exporting.step.kind]).toEqual([
    [],
    null,
    "",
    "choosing",
  ]);
  expect(told).toEqual([]);
  expect(revoked.sort()).toEqual(made.sort());
});

describe("pages", () => {
  let answers: ((answer: Partial<ExportPages>) => void)[];
  let asked: [string, number][];
  let pages: Pages;
  const preset = (change: Partial<ExportPreset> = {}) =>
    ({ kind: "pdf", subtitle: "", ...change }) as ExportPreset;
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  const answer = async (at: number, change: Partial<ExportPages> = {}) => {
    answers[at]?.(change);
    await settled();
  };

  beforeEach(() => {
    [answers, asked] = [[], []];
    host.previewExport = (_novel, { subtitle }, from, count) => {
      asked.push([subtitle, from]);
      const images = Array.from({ length: Math.min(count, 10 - from) }, () => btoa("page"));
      const whole = { pages: 10, words: 99, from, images, missing: "", done: true };
      return new Promise((resolve) => answers.push((change) => resolve({ ...whole, ...change })));
    };
    pages = new Pages(host, novel);
  });

  afterEach(() => pages.forget());

  test("the newest choices win, whatever comes late", async () => {
    pages.show(preset({ subtitle: "old" }), "now");
    pages.show(preset({ subtitle: "new" }), "now");
    await answer(1, { words: 2 });
    await answer(0, { words: 1 });
    expect(asked).toEqual([
      ["old", 0],
      ["new", 0],
    ]);
    expect(pages.look).toMatchObject({ kind: "shown", words: 2 });
    expect(pages.busy).toBe(false);
  });

  test("choices that rest are asked for once", async () => {
    vi.useFakeTimers();
    for (const subtitle of ["A", "A c", "A crossing"]) pages.show(preset({ subtitle }), "rested");
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toEqual([["A crossing", 0]]);
  });

  test("old pages stay in sight until new ones are there, and are given back then", async () => {
    pages.show(preset(), "now");
    await answer(0);
    const before = [...pages.urls.values()];
    pages.show(preset({ subtitle: "new" }), "now");
    expect([[...pages.urls.values()], pages.busy]).toEqual([before, true]);
    await answer(1);
    expect(revoked).toEqual(before);
    pages.forget();
    expect(revoked.toSorted()).toEqual(made.toSorted());
  });

  test("a book opens on its first page alone and goes on in pairs, forth and back, and no further than its end", async () => {
    pages.show(preset(), "now");
    await answer(0);
    const seen: (readonly number[])[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      seen.push(pages.visible);
      pages.turn(1);
    }
    expect(seen).toEqual([[0], [1, 2], [3, 4], [5, 6], [7, 8], [9], [9]]);
    pages.turn(-1);
    expect(pages.visible).toEqual([7, 8]);
    pages.go(4);
    expect(pages.visible).toEqual([3, 4]);
    pages.go(0);
    pages.turn(-1);
    expect(pages.visible).toEqual([0]);
  });

  test("pages that are turned to are fetched, and none twice", async () => {
    pages.show(preset({ kind: "epub" }), "now");
    await answer(0);
    pages.go(3);
    await answer(1);
    pages.go(9);
    pages.go(9);
    await answer(2);
    expect(asked.map(([, from]) => from)).toEqual([0, 4, 9]);
    expect(pages.urls.has(9)).toBe(true);
  });

  test("while only the beginning is set, the count is not said to be whole, and the rest is asked for", async () => {
    pages.show(preset(), "now");
    await answer(0, { pages: 4, done: false });
    expect([pages.look, pages.busy]).toMatchObject([{ whole: false }, true]);
    await answer(1);
    expect([pages.look, pages.busy]).toMatchObject([{ whole: true, pages: 10 }, false]);
  });

  test("pages that gave way to others are asked for again", async () => {
    const answering = host.previewExport;
    host.previewExport = async () => {
      host.previewExport = answering;
      throw { code: "stale", message: "Other pages were asked for meanwhile." };
    };
    pages.show(preset(), "now");
    await vi.waitFor(() => expect(asked).toEqual([["", 0]]));
    const again = host.previewExport;
    host.previewExport = async () => {
      host.previewExport = again;
      throw { code: "stale", message: "Other pages were asked for meanwhile." };
    };
    await answer(0, { pages: 4, done: false });
    await vi.waitFor(() => expect(asked.length).toBe(2));
    await answer(1);
    expect([pages.look, pages.busy]).toMatchObject([{ kind: "shown", pages: 10, whole: true }, false]);
  });

  test("a refusal is one sentence, and the next choice is tried anew", async () => {
    host.previewExport = async () => {
      throw { code: "other", message: "Nothing is chosen." };
    };
    pages.show(preset(), "now");
    await settled();
    expect(pages.look).toEqual({ kind: "failed", message: "Nothing is chosen." });
    expect(pages.busy).toBe(false);
  });
});

describe("headings", () => {
  test("read as the file will have them", () => {
    const cases = [
      ["#t", 1, "The Pier", "en", "The Pier"],
      ["Chapter #w: #t", 2, "The Pier", "en-GB", "Chapter Two: The Pier"],
      ["CHAPTER #W", 2, "", "en", "CHAPTER TWO"],
      ["#R. #t", 4, "", "en", "IV"],
      ["Kapitel #w", 2, "", "de", "Kapitel Zwei"],
      ["#W", 3, "", "de", "DREI"],
      ["第#w章", 2, "", "ja", "第二章"],
      ["#w", 2, "", "he", "2"],
      ["## #d", 2, "", "en", "# 2"],
      ["#x #", 2, "", "en", "#x #"],
      ["Chapter #d: #t", 1, "", "en", "Chapter 1"],
      ["#t", 1, "$1 and $&", "en", "$1 and $&"],
    ] as const;
    for (const [template, number, title, language, made] of cases)
      expect(heading(template, number, title, language), template).toBe(made);
  });

  test("chapters are numbered through the novel and in their parts, without what is left out", async () => {
    const { nodes } = await host.outline(novel);
    const part = await host.addNode(novel, { kind: "part", parent: null, after: null, title: "Winter" });
    const inside = { kind: "chapter" as const, parent: part.id, after: null };
    await host.addNode(novel, { ...inside, title: "Ice" });
    const left = await host.addNode(novel, { ...inside, title: "Left out" });
    await host.addNode(novel, { ...inside, title: "Thaw" });
    await host.setIncluded(novel, left.id, false);
    const found = chaptersOf((await host.outline(novel)).nodes);
    expect(found.map(({ node, number, place }) => [node.title, number, place])).toEqual([
      [nodes[0]?.title, 1, 1],
      ["Ice", 2, 1],
      ["Thaw", 3, 2],
    ]);
  });
});

test("a kind is asked for nothing that its file will not have", () => {
  expect(knows("csv")).toMatchObject({
    outline: true,
    headings: false,
    copies: false,
    matter: false,
    papers: [],
  });
  expect(knows("manuscript_docx")).toMatchObject({ separator: false, contents: false, manuscript: true });
  expect(knows("pdf").print && !knows("epub").print && knows("epub").cover).toBe(true);
  expect([hasColumns("ja"), hasColumns("zh-Hant"), hasColumns("jam")]).toEqual([true, true, false]);
  expect(["he", "fa-IR", "uz-Arab", "hex"].map(isRightToLeft)).toEqual([true, true, true, false]);
});
