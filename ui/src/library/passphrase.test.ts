import { describe, expect, test } from "vitest";
import { fillLibrary } from "../dev/library";
import { fill, find, press, settled, showWindow, submit, until } from "../dev/screen";
import { FakeHost } from "../host/fake";
import { WORDS } from "../host/fake-vault";

const PASSPHRASE = "salt on the north window";
const TITLE = "The Lamp at Corvo Head";

async function shelf(lock: "none" | "locked" | "with a copy") {
  const host = new FakeHost();
  host.state = "open";
  const card = await fillLibrary(host);
  if (lock !== "none") {
    host.vault.lockNovel(card.id, PASSPHRASE, lock === "with a copy");
    host.vault.closeNovel(card.id);
  }
  return { ...(await showWindow(host)), card };
}

describe("a locked novel", () => {
  test("shows a spine and nothing else, and says to a screen reader what it is", async () => {
    await shelf("locked");
    expect(document.body.textContent).not.toContain(TITLE);
    expect(find("novel").getAttribute("aria-label")).toBe("Locked novel");
    expect(find("novel").textContent).not.toMatch(/word|chapter|Edited/);
  });

  test("asks for its passphrase; a wrong one costs nothing, and its text is ready to be typed over", async () => {
    const { seshat } = await shelf("locked");
    await press("novel");
    const field = find<HTMLInputElement>("passphrase");
    expect(document.activeElement).toBe(field);
    await fill("passphrase", "wrong");
    await submit("open-novel");
    expect(document.querySelector("dialog [role=alert]")?.textContent).toContain("does not open the novel");
    expect([document.activeElement, field.selectionStart, field.selectionEnd]).toEqual([field, 0, 5]);
    expect(seshat.screen.kind).toBe("library");
    await fill("passphrase", PASSPHRASE);
    await submit("open-novel");
    await until(() => expect(find("editor").textContent).toContain("The lamp was burning"));
  });

  test("does not offer the Emergency Kit where no copy was allowed", async () => {
    await shelf("locked");
    await press("novel");
    expect(find("passphrase")).toBeTruthy();
    expect(document.querySelector('[data-testid="other-way"]')).toBeNull();
  });

  test("opens with the Emergency Kit where a copy was allowed", async () => {
    await shelf("with a copy");
    await press("novel");
    await press("other-way");
    expect(document.activeElement).toBe(find("kit-text"));
    await fill("kit-text", WORDS);
    await submit("open-novel");
    await until(() => find("editor"));
  });

  test("that another laptop gave a passphrase a moment ago is asked for it", async () => {
    const { host, seshat, card } = await shelf("none");
    host.vault.lockNovel(card.id, PASSPHRASE, false);
    host.vault.closeNovel(card.id);
    await press("novel");
    await until(() => find("passphrase"));
    expect(seshat.screen.kind).toBe("library");
    expect(document.body.textContent).not.toContain(TITLE);
  });

  test("is closed again from the desk, with everything sent and no title left", async () => {
    const { host, seshat, card } = await shelf("locked");
    await press("novel");
    await fill("passphrase", PASSPHRASE);
    await submit("open-novel");
    await until(() => expect(find("editor").textContent).toContain("The lamp was burning"));
    if (seshat.screen.kind !== "write") throw new Error("not on the desk");
    const scene = seshat.screen.novel.desk.scene ?? "";
    seshat.screen.novel.desk.type("Last words. ");
    await press("close-this-novel");
    await until(() => find("new-novel"));
    expect(host.textOf(scene)).toContain("Last words.");
    expect(host.vault.locks.get(card.id)?.open).toBe(false);
    await until(() => expect(document.body.textContent).not.toContain(TITLE));
  });
});

describe("a passphrase", () => {
  test("is set when both are the same, without a copy for the kit unless that is asked for", async () => {
    const { host, card } = await shelf("none");
    await press("novel-sheet");
    await press("set-passphrase");
    await fill("passphrase", PASSPHRASE);
    await fill("passphrase-again", "something else");
    await submit("lock-novel");
    expect(document.querySelector("dialog [role=alert]")?.textContent).toContain("not the same");
    expect(host.vault.locks.size).toBe(0);
    await fill("passphrase-again", PASSPHRASE);
    await submit("lock-novel");
    await until(() => find("close-novel"));
    expect(host.vault.locks.get(card.id)).toEqual({ passphrase: PASSPHRASE, copy: false, open: true });
    await press("close-novel");
    await until(() => expect(document.body.textContent).not.toContain(TITLE));
  });

  test("that is easy to guess is not taken", async () => {
    const { host } = await shelf("none");
    await press("novel-sheet");
    await press("set-passphrase");
    await fill("passphrase", "abc");
    await fill("passphrase-again", "abc");
    await submit("lock-novel");
    expect(host.vault.locks.size).toBe(0);
    expect(document.activeElement).toBe(find("passphrase"));
  });

  test("is removed after a question", async () => {
    const { host, card } = await shelf("locked");
    host.vault.openNovel(card.id, PASSPHRASE);
    await showAgain();
    await press("novel-sheet");
    await press("remove-passphrase");
    await press("unlock-for-good");
    await until(() => expect(host.vault.locks.size).toBe(0));
    await settled();
    expect(document.querySelector("dialog")).toBeNull();

    async function showAgain() {
      host.say({ changed_novels: [card.id] });
      await until(() => expect(document.body.textContent).toContain(TITLE));
    }
  });
});
