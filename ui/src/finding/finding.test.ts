/** Finding and replacing with ticks, options and the way back. */
import { describe, expect, test } from "vitest";
import { oneScene, showDesk } from "../dev/desk";
import { hold } from "../dev/held";
import { fill, find, key, press, settled, submit, until } from "../dev/screen";
import { runsFromText } from "../dev/text";
import { Finding } from "./finding.svelte";

const ctrl = { ctrlKey: true };
const hits = () => [...document.querySelectorAll<HTMLElement>("[data-testid=hit]")];
const ticks = () => [...document.querySelectorAll<HTMLInputElement>("[data-testid=tick]")];

describe("the sheet of search", () => {
  test("groups what it finds by scene and goes to the exact place", async () => {
    const { novel } = await showDesk();
    await key("F", find("editor"), { ctrlKey: true, shiftKey: true });
    await fill("find-field", "ledger");
    await until(() => expect(hits().length).toBe(2));
    expect(find("find-said").textContent).toContain("2 places");
    hits()[1]?.click();
    await until(() => expect(document.querySelector("dialog")).toBe(null));
    await settled();
    await until(() => expect(novel.desk.selection?.to).toBeGreaterThan(0));
    novel.desk.type("diary");
    await until(() => expect(find("editor").textContent).toContain("Where is the diary?"));
    expect(find("editor").textContent).toContain("It is in the ledger.");
  });

  test("leaves the cursor alone while it is typed in", async () => {
    await showDesk();
    await key("f", find("editor"), { ...ctrl, shiftKey: true });
    let selected = 0;
    find<HTMLInputElement>("find-field").select = () => {
      selected += 1;
    };
    for (const text of ["l", "le", "led"]) await fill("find-field", text);
    find<HTMLInputElement>("option-case").click();
    await settled();
    expect(selected).toBe(0);
  });

  test("finds whole words, capitals and expressions when asked to", async () => {
    await showDesk();
    await key("f", find("editor"), { ...ctrl, shiftKey: true });
    await fill("find-field", "the");
    const all = Number(find("find-said").textContent?.match(/\d+/)?.[0]);
    const say = async (testid: string) => {
      find<HTMLInputElement>(testid).click();
      await settled();
      return Number(find("find-said").textContent?.match(/\d+/)?.[0]);
    };
    const whole = await say("option-whole_word");
    const exact = await say("option-case");
    expect([whole < all, exact < whole, exact > 0]).toEqual([true, true, true]);
    await fill("find-field", "(unfinished");
    await say("option-regex");
    expect(find("find-said").textContent).toContain("no regular expression");
  });

  test("says plainly that nothing was found", async () => {
    await showDesk();
    await key("f", find("editor"), { ...ctrl, shiftKey: true });
    await fill("find-field", "xylophone");
    await until(() => expect(find("find-said").textContent).toContain("Not found."));
  });

  test("replaces what is ticked and nothing else, and takes it back", async () => {
    const { host, first, novel } = await showDesk();
    const before = host.textOf(first);
    await key("h", find("editor"), ctrl);
    await fill("find-field", "lamp");
    await fill("replace-field", "lantern");
    await until(() => expect(ticks().length).toBe(2));
    expect(document.querySelector("ins")?.textContent).toBe("lantern");
    ticks()[1]?.click();
    await settled();
    expect(find("replace").textContent).toContain("Replace 1 place");
    expect(find<HTMLInputElement>("tick-scene").indeterminate).toBe(true);
    await submit("replace");
    await until(() => expect(find("replace-said").textContent).toContain("1 place is replaced."));
    expect(host.textOf(first)).toBe(before.replace("lamp", "lantern"));
    await until(() => expect(find("editor").textContent).toContain("The lantern was burning"));
    expect((await host.versions("", first))[0]?.kind).toBe("before_replace");
    await press("undo-replace");
    await until(() => expect(host.textOf(first)).toBe(before));
    await until(() => expect(find("replace-said").textContent).toContain("as it was"));
    expect(document.querySelector("dialog")?.contains(document.activeElement)).toBe(true);
    await until(() => expect(novel.desk.saveState.kind).toBe("saved"));
  });

  test("ticks a scene as a whole, and replaces nothing without a tick", async () => {
    const { host, first } = await showDesk();
    const before = host.textOf(first);
    await key("h", find("editor"), ctrl);
    await fill("find-field", "lamp");
    await fill("replace-field", "x");
    find<HTMLInputElement>("tick-scene").click();
    await settled();
    expect(ticks().map((box) => box.checked)).toEqual([false, false]);
    expect(find<HTMLButtonElement>("replace").disabled).toBe(true);
    await submit("replace");
    expect(host.textOf(first)).toBe(before);
    find<HTMLInputElement>("tick-scene").click();
    await settled();
    await submit("replace");
    await until(() => expect(host.textOf(first)).not.toContain("lamp"));
  });

  test("words typed a moment ago are found, and replaced where they stand", async () => {
    const { host, first, novel } = await showDesk();
    novel.desk.type("Quagmire. ");
    await key("h", find("editor"), ctrl);
    await fill("find-field", "quagmire");
    await fill("replace-field", "Marsh");
    await until(() => expect(hits().length).toBe(1));
    await submit("replace");
    await until(() => expect(host.textOf(first).startsWith("\nMarsh. The lamp")).toBe(true));
  });

  test("keeps what was looked for when it is opened again", async () => {
    await showDesk();
    await key("f", find("editor"), { ...ctrl, shiftKey: true });
    await fill("find-field", "lamp");
    await key("Escape", find("find-field"));
    await until(() => expect(document.activeElement).toBe(find("editor")));
    await key("f", find("editor"), { ...ctrl, shiftKey: true });
    expect(find<HTMLInputElement>("find-field").value).toBe("lamp");
    await until(() => expect(hits().length).toBe(2));
  });

  test("goes to a place in another novel, which it opens", async () => {
    const { seshat } = await showDesk(async (host) => {
      const other = await host.createNovel("Salt", "en");
      const scene = (await host.outline(other.id)).nodes[0]?.children[0]?.scene ?? "";
      host.setText(scene, runsFromText("A quagmire of salt."));
    });
    await key("f", find("editor"), { ...ctrl, shiftKey: true });
    find<HTMLInputElement>("find-library").click();
    await fill("find-field", "quagmire");
    await until(() => expect(find("found").textContent).toContain("Salt"));
    hits()[0]?.click();
    await until(() => expect(find("editor").textContent).toBe("A quagmire of salt."));
    expect(seshat.screen.kind === "write" && seshat.screen.novel.binder.novel.title).toBe("Salt");
  });
});

test("an answer to an older question is not shown, and old ticks do not come back with new hits", async () => {
  const { host, card, page } = await oneScene("one two one");
  const { answers } = hold(host, "find");
  const finding = new Finding(host, card.id, page);
  const ask = async (text: string) => {
    finding.text = text;
    const asked = finding.look();
    while (answers.length === 0) await Promise.resolve();
    return { asked, answer: answers.pop() as () => void };
  };
  const old = await ask("one");
  const fresh = await ask("two");
  fresh.answer();
  await fresh.asked;
  old.answer();
  await old.asked;
  expect(finding.scenes.flatMap((one) => one.hits).map((hit) => hit.found)).toEqual(["two"]);
  finding.tick(finding.ticked, false);
  expect(finding.ticked).toEqual([]);
  const again = await ask("one");
  again.answer();
  await again.asked;
  expect(finding.ticked.length).toBe(2);
});
