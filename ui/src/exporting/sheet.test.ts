/** The sheet of an export, as one sees and hears it. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { showDesk } from "../dev/desk";
import { fill, find, key, press, settled, until } from "../dev/screen";
import type { FakeHost } from "../host/fake";

beforeEach(() => {
  let pages = 0;
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
    pages += 1;
    return `blob:page-${pages}`;
  });
  vi.spyOn(URL, "revokeObjectURL").mockImplementation(() => undefined);
});
afterEach(() => vi.restoreAllMocks());

async function sheet(before: (host: FakeHost) => unknown = () => undefined) {
  const shown = await showDesk(before);
  await key("e", document.activeElement as Element, { ctrlKey: true });
  await until(() => find("page-image"));
  return shown;
}

const card = (id: string) => document.querySelector<HTMLInputElement>(`[data-preset="${id}"] input`);
const has = (testid: string) => document.querySelector(`[data-testid="${testid}"]`) !== null;
async function choose(testid: string, value: string) {
  const field = find<HTMLSelectElement>(testid);
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  await settled();
}
async function preset(id: string) {
  card(id)?.click();
  await settled();
  await until(() => expect(card(id)?.checked).toBe(true));
}

describe("choices", () => {
  test("are those that the chosen kind knows", async () => {
    await sheet();
    expect([has("export-contact"), has("cover-choose"), has("export-paper")]).toEqual([true, false, false]);
    await preset("builtin-ebook");
    expect([has("export-contact"), has("cover-choose"), has("fact-description")]).toEqual([
      false,
      true,
      true,
    ]);
    await preset("builtin-print");
    expect([has("export-paper"), has("page-gutter"), has("fact-description")]).toEqual([true, true, false]);
    await choose("export-kind", "csv");
    expect([has("range-whole"), has("recipient"), has("heading-chapter")]).toEqual([true, false, false]);
  });

  test("a heading is shown as it will read, and signs are put where the cursor is", async () => {
    await sheet();
    await preset("builtin-ebook");
    await fill("heading-chapter", "Chapter : #t");
    find<HTMLInputElement>("heading-chapter").setSelectionRange(8, 8);
    await press("sign-words");
    await until(() =>
      expect(find("example-chapter").textContent).toContain("Chapter One: The Keeper’s Ledger"),
    );
    expect(document.activeElement).toBe(find("heading-chapter"));
    expect(find<HTMLInputElement>("heading-chapter").value).toBe("Chapter #w: #t");
  });

  test("some chapters are from one to another one, never the wrong way round", async () => {
    const { host, card: novel } = await sheet();
    const { nodes } = await host.outline(novel.id);
    await press("range-chapters");
    await choose("range-first", nodes[2]?.id ?? "");
    const last = () => host.looked.at(-1)?.preset.range;
    await until(() => expect(last()).toEqual({ kind: "chapters", first: nodes[2]?.id, last: nodes[2]?.id }));
    await choose("range-last", nodes[1]?.id ?? "");
    await until(() => expect(last()).toEqual({ kind: "chapters", first: nodes[1]?.id, last: nodes[1]?.id }));
  });

  test("ticked scenes begin with the open one, and are counted", async () => {
    const { host } = await sheet();
    await press("range-scenes");
    expect(find("range-ticks").parentElement?.textContent).toContain("1 scene is ticked");
    const ticks = [...document.querySelectorAll<HTMLInputElement>("[data-testid=range-scene]")];
    ticks[1]?.click();
    await settled();
    expect(find("range-ticks").parentElement?.textContent).toContain("2 scenes are ticked");
    await until(() => expect(host.looked.at(-1)?.preset.range).toMatchObject({ kind: "scenes" }));
    ticks[0]?.click();
    ticks[1]?.click();
    await settled();
    await until(() => expect(find("preview-failed").textContent).toContain("Nothing is chosen"));
  });

  test("pages before the text are added, written, moved and taken out, the focus never lost", async () => {
    const { host } = await sheet();
    await preset("builtin-ebook");
    await choose("matter-add-front", "dedication");
    await until(() => expect(document.activeElement?.tagName).toBe("TEXTAREA"));
    const text = document.activeElement as HTMLTextAreaElement;
    text.value = "For Tomas";
    text.dispatchEvent(new Event("input", { bubbles: true }));
    await settled();
    document.querySelector<HTMLElement>('[data-row="1"] [data-move="-1"]')?.click();
    await settled();
    await until(() =>
      expect(document.activeElement?.closest("[data-row]")?.getAttribute("data-row")).toBe("0"),
    );
    const front = () => host.looked.at(-1)?.preset.front.map((row) => [row.role, row.text]);
    await until(() =>
      expect(front()).toEqual([
        ["dedication", "For Tomas"],
        ["title-page", ""],
      ]),
    );
    document.querySelector<HTMLElement>('[data-row="0"] [data-remove]')?.click();
    await settled();
    await until(() => expect(document.activeElement?.hasAttribute("data-remove")).toBe(true));
    document.querySelector<HTMLElement>('[data-row="0"] [data-remove]')?.click();
    await settled();
    await until(() => expect(document.activeElement).toBe(find("matter-add-front")));
  });
});

test("a preset is renamed with F2 and removed with Delete, and there is a way back", async () => {
  const { host, card: novel } = await sheet();
  await press("preset-add");
  const field = await until(() => find<HTMLInputElement>("preset-name"));
  expect(document.activeElement).toBe(field);
  field.value = "For Ada";
  await key("Enter", field);
  await until(() => expect(host.presets.get(novel.id)?.[0]?.name).toBe("For Ada"));
  const id = host.presets.get(novel.id)?.[0]?.id ?? "";
  await until(() => expect(document.activeElement).toBe(card(id)));
  await key("F2");
  const again = await until(() => find<HTMLInputElement>("preset-name"));
  again.value = "Never mind";
  await key("Escape", again);
  await until(() => expect(document.activeElement).toBe(card(id)));
  expect(host.presets.get(novel.id)?.[0]?.name).toBe("For Ada");
  expect(document.querySelector("dialog"), "Escape closed the sheet").not.toBe(null);
  await key("Delete");
  await until(() => expect(host.presets.get(novel.id)).toEqual([]));
  expect(find("export-said").textContent).toContain("For Ada");
  await until(() => expect(document.activeElement?.getAttribute("type")).toBe("radio"));
  await press("export-undo");
  await until(() => expect(host.presets.get(novel.id)?.[0]?.name).toBe("For Ada"));
});

describe("pages", () => {
  test("are pictures with names, turned by keys, with their place said", async () => {
    await sheet();
    await preset("builtin-print");
    await until(() => expect(find("page-place").textContent).toContain("Page 1 of "));
    await key("ArrowRight", find("spread"));
    expect(find("page-place").textContent).toMatch(/^Pages 2 and 3 of \d/);
    const alt = [...document.querySelectorAll("[data-testid=page-image]")].map((image) =>
      image.getAttribute("alt"),
    );
    expect(alt).toEqual(["Page 2", "Page 3"]);
    await key("End", find("spread"));
    await key("Home", find("spread"));
    expect(find("page-place").textContent).toContain("Page 1 of ");
    expect(find("page-words").textContent).toContain("431 words");
  });

  test("say which characters no font has, and where there are none to look at", async () => {
    await sheet((host) => {
      host.missing = "ᚠᛒ";
    });
    expect(find("page-missing").textContent).toContain("ᚠᛒ");
    await preset("builtin-plain");
    await until(() => expect(find("preview-pageless").textContent).toContain("no pages"));
  });
});

describe("a copy", () => {
  test("for somebody is marked unless the author says otherwise, stands in the register and is found again", async () => {
    const { host } = await sheet();
    expect(has("copy-mark")).toBe(false);
    await fill("recipient", "Ada Lane");
    expect([
      find<HTMLInputElement>("copy-mark").checked,
      find<HTMLInputElement>("copy-line").checked,
    ]).toEqual([true, false]);
    expect(document.querySelector("form.bottom")?.textContent).toContain("can take it out");
    find("export-start").closest("form")?.requestSubmit();
    await until(() => expect(find("export-result").textContent).toContain("Nothing to mend."));
    expect(document.activeElement).toBe(find("show-in-folder"));
    expect(host.exported[0]?.copy.recipient).toBe("Ada Lane");
    await press("show-in-folder");
    expect(host.shownFolders).toEqual([host.chosenExport]);
    await press("result-back");
    expect(has("preview")).toBe(true);
    await press("copies");
    await until(() => expect(find("register").textContent).toContain("Ada Lane"));
    await press("identify");
    await until(() => expect(find("identified").textContent).toContain("for Ada Lane"));
    await key("Escape");
    expect(has("exporting")).toBe(true);
  });

  test("that nobody knows, and one without a mark, are said so", async () => {
    const { host } = await sheet();
    await press("copies");
    await until(() => expect(find("copies-view").textContent).toContain("No copy with a mark"));
    await press("identify");
    await until(() => expect(find("identified").textContent).toContain("no mark in found.epub"));
    host.identifyCopy = async () => [
      { id: "", novel: "", title: "", recipient: "", kind: null, made_ms: 0, mark: "a1b2c3" },
    ];
    await press("identify");
    await until(() => expect(find("identified").textContent).toContain("no register of this vault: a1b2c3"));
  });
});

test("findings stand with the grave ones first, said in words and not by colour", async () => {
  await sheet((host) => {
    host.findings = [
      { grave: false, said: "A picture has no words." },
      { grave: true, said: "The book has no author." },
    ];
  });
  find("export-start").closest("form")?.requestSubmit();
  const said = () =>
    [...find("findings").querySelectorAll("li")].map((row) => row.textContent?.replace(/\s+/g, " "));
  await until(() =>
    expect(said()).toEqual(["To be mended The book has no author.", "To know A picture has no words."]),
  );
});

test("an export that runs can be stopped from the sheet", async () => {
  const { host } = await sheet((host) => {
    host.held = true;
  });
  find("export-start").closest("form")?.requestSubmit();
  await until(() => expect(find("export-running").textContent).toContain("Making the file"));
  await press("export-cancel");
  await until(() => expect(find("export-said").textContent).toContain("nothing was written"));
  expect([has("export-start"), host.running]).toEqual([true, null]);
});
