/** Comments on the page and beside it. */
import { describe, expect, test } from "vitest";
import { showDesk } from "../dev/desk";
import { find, key, press, settled, until } from "../dev/screen";

const remarks = () => [...document.querySelectorAll(".remark")].map((mark) => mark.textContent);

async function commented() {
  const desk = await showDesk();
  const { host, novel, first } = desk;
  const from = host.textOf(first).indexOf("the only key");
  await novel.desk.show({ from, to: from + "the only key".length });
  await key("M", find("editor"), { ctrlKey: true, shiftKey: true });
  await until(() => expect(document.activeElement).toBe(find("new-comment")));
  return desk;
}

async function write(text: string) {
  const area = find<HTMLTextAreaElement>("new-comment");
  area.value = text;
  await key("Enter", area, { ctrlKey: true });
  await until(() => find("comment"));
}

describe("a comment", () => {
  test("is made for what is selected, drawn on the page, and no part of its text", async () => {
    const { host, first, card } = await commented();
    const before = host.textOf(first);
    expect(remarks(), "what it will be about is marked while it is written").toEqual(["the only key"]);
    await write("Does Tomas have one?");
    expect((await host.comments(card.id, first)).map((row) => [row.quote, row.text])).toEqual([
      ["the only key", "Does Tomas have one?"],
    ]);
    await until(() => expect(document.activeElement).toBe(find("editor")));
    expect([remarks(), host.textOf(first)]).toEqual([["the only key"], before]);
    expect(find("comment").textContent).toContain("“the only key”");
  });

  test("stays with its words while others are typed, here and on another laptop", async () => {
    const { host, first, novel } = await commented();
    await write("Which key?");
    await novel.desk.show({ from: 1, to: 1 });
    novel.desk.type("Later, ");
    expect(remarks()).toEqual(["the only key"]);
    await novel.desk.flush();
    const row = host.scenes.get(first)?.comments[0];
    if (row) Object.assign(row, { from: row.from + 7 + 8, to: row.to + 7 + 8 });
    host.editElsewhere(first, [{ op: "insert", at: 1, text: "Theirs. ", attributes: {} }]);
    await until(() => expect(find("editor").textContent?.startsWith("Theirs. Later, The lamp")).toBe(true));
    expect(remarks()).toEqual(["the only key"]);
  });

  test("is found from its card, and its card from the text", async () => {
    const { novel, host, first } = await commented();
    await write("Which key?");
    await novel.desk.show({ from: 1, to: 1 });
    expect(novel.desk.comments.here).toBe(null);
    find("comment").querySelector<HTMLElement>(".quote")?.click();
    await settled();
    const from = host.textOf(first).indexOf("the only key");
    expect(novel.desk.selection).toEqual({ from, to: from + 12 });
    expect(find("comment").classList.contains("here")).toBe(true);
  });

  test("is settled, opened again and removed, and the focus is never lost", async () => {
    const { host, first, card } = await commented();
    await write("Which key?");
    find("settle-comment").focus();
    await press("settle-comment");
    await until(() => expect(remarks()).toEqual([]));
    await until(() => expect(document.activeElement?.closest("[data-testid=comment]")).not.toBe(null));
    await press("settle-comment");
    await until(() => expect(remarks()).toEqual(["the only key"]));
    await press("remove-comment");
    await until(async () => expect(await host.comments(card.id, first)).toEqual([]));
    await until(() => expect(document.activeElement).toBe(find("editor")));
  });

  test("that gets no words is none", async () => {
    const { host, first, card } = await commented();
    await key("Escape", find("new-comment"));
    await until(() => expect(document.activeElement).toBe(find("editor")));
    expect([remarks(), await host.comments(card.id, first)]).toEqual([[], []]);
  });
});

test("without a selection the window says what to do first", async () => {
  const { novel } = await showDesk();
  await novel.desk.show({ from: 5, to: 5 });
  await key("M", find("editor"), { ctrlKey: true, shiftKey: true });
  await until(() => expect(find("notice").textContent).toContain("Select the words first"));
});
