/** The sheet of a novel's own words and its dictionaries, and the menu at a word, on a whole window. */
import { EditorView } from "prosemirror-view";
import { expect, test, vi } from "vitest";
import { showDesk } from "../dev/desk";
import { fill, find, key, press, submit, until } from "../dev/screen";

const said = () => document.querySelector("[data-testid=spelling]")?.textContent ?? "";

const missing = () => document.querySelector("[data-testid=no-dictionary]");

async function add(word: string) {
  await fill("own-word", word);
  await submit("own-word");
}

test("own words are added and taken away, and what is no word is refused where it was typed", async () => {
  const { seshat } = await showDesk();
  seshat.overlay = "spelling";
  await until(() => expect(document.activeElement).toBe(find("own-word")));
  await add("Gryffald");
  await until(() => expect(said()).toContain("Gryffald"));
  await until(() => expect(find<HTMLInputElement>("own-word").value).toBe(""));
  await add("two words");
  await until(() => expect(find("own-word").getAttribute("aria-invalid")).toBe("true"));
  expect(find<HTMLInputElement>("own-word").value).toBe("two words");
  const remove = document.querySelector<HTMLElement>(
    '[data-testid=spelling] [aria-label="Remove “Gryffald”"]',
  );
  remove?.click();
  await until(() => expect(document.querySelector("[data-testid=spelling] .words")).toBeNull());
  expect(document.activeElement).toBe(find("own-word"));
});

test("a novel without a dictionary is told so in the settings, and gets one that the author brings", async () => {
  const { seshat, host } = await showDesk();
  host.bundled = ["de"];
  await key(",", find("editor"), { ctrlKey: true });
  await press("settings-writing");
  await until(() => expect(find("no-dictionary").textContent).toContain("English"));
  await press("to-words");
  expect(seshat.overlay).toBe("spelling");
  await press("choose-dictionary");
  await until(() => expect(missing()).toBeNull());
  expect(said()).toContain("added by you");
});

test("F7 opens the menu at the next misspelt word, and a choice goes back to the text", async () => {
  vi.spyOn(EditorView.prototype, "coordsAtPos").mockReturnValue({ left: 9, right: 9, top: 9, bottom: 30 });
  const { novel, seshat } = await showDesk();
  const view = novel.desk.view;
  if (!view) throw new Error("the scene has an editor");
  view.dispatch(view.state.tr.insertText("lanturn ", 1));
  await key("F7", find("editor"));
  await until(() => expect(document.activeElement).toBe(find("menu-suggestion-0")));
  await press("menu-suggestion-0");
  await until(() => expect(view.dom.textContent).toContain("lantern "));
  expect(document.activeElement).toBe(view.dom);
  await key("F7", find("editor"));
  await until(() => expect(seshat.notice).toBe("There is no misspelt word here."));
  vi.restoreAllMocks();
});
