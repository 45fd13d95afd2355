import { describe, expect, test } from "vitest";
import { fillLibrary } from "../dev/library";
import { fill, find, press, settled, showWindow, until } from "../dev/screen";
import { FakeHost } from "../host/fake";

const MESSAGE = "The server shows an older state; what you wrote is safe here; ask whoever runs it.";

async function library() {
  const host = new FakeHost();
  host.state = "open";
  await fillLibrary(host);
  host.say({ server: "https://desk.example.org", email: "ines@example.org", link: "online" });
  return showWindow(host);
}

const alarms = () => [...document.querySelectorAll<HTMLElement>("[data-testid=alarm]")];

describe("an alarm", () => {
  test("is said in words beside its sign, and read out once however often it is drawn", async () => {
    const { host } = await library();
    host.raise("regress", MESSAGE);
    await until(() => expect(alarms().length).toBe(1));
    expect(alarms()[0]?.textContent).toContain("The server went back.");
    expect(alarms()[0]?.textContent).toContain(MESSAGE);
    expect(alarms()[0]?.getAttribute("role")).toBe("alert");
    const drawn = alarms()[0];
    host.say({ saved_at: 1 });
    await settled();
    expect(alarms()[0], "the same element, so nothing is read again").toBe(drawn);
    await press("novel");
    await until(() => find("editor"));
    expect(alarms()[0]?.getAttribute("role")).toBeNull();
  });

  test("goes when it is dismissed; several are listed in the sync panel", async () => {
    const { host } = await library();
    host.raise("regress", MESSAGE);
    host.raise("gap", "Three changes are missing.");
    host.raise("of a newer Seshat" as "gap", "Look.");
    await until(() => expect(find("all-alarms").textContent).toBe("All 3"));
    await press("all-alarms");
    const listed = () => [...document.querySelectorAll("dialog [data-testid=alarm]")];
    expect(listed().map((one) => one.querySelector("b")?.textContent)).toEqual([
      "Look at this.",
      "Something is missing.",
      "The server went back.",
    ]);
    listed()[0]?.querySelector<HTMLElement>("[data-testid=dismiss]")?.click();
    await until(() => expect(listed().length).toBe(2));
    expect(host.report.alarms.map((alarm) => alarm.kind)).toEqual(["regress", "gap"]);
  });

  test("whose cause is gone says so in words, and lets one that goes on stand before it", async () => {
    const { host } = await library();
    host.raise("fork", MESSAGE);
    host.raise("gap", "Everything has arrived since.", "healed");
    await until(() => expect(alarms()[0]?.textContent).toContain("Two histories."));
    await press("dismiss");
    await until(() => expect(alarms()[0]?.textContent).toMatch(/Settled\..*arrived since/s));
  });

  test("covers nothing and takes no focus", async () => {
    const { host } = await library();
    const focused = document.activeElement;
    host.raise("fork", MESSAGE);
    await until(() => expect(alarms().length).toBe(1));
    expect(document.activeElement).toBe(focused);
    expect(document.querySelector("dialog")).toBeNull();
  });
});

describe("a remembered laptop", () => {
  async function locked(keychain: "ready" | "locked") {
    const host = new FakeHost();
    host.state = "locked";
    host.password = "password";
    host.vault.facts.remembered_until = Date.now() + 60_000;
    host.vault.facts.keychain = keychain;
    return showWindow(host);
  }

  test("opens with one button", async () => {
    await locked("ready");
    await until(() => expect(document.activeElement).toBe(find("open-remembered")));
    await press("open-remembered");
    await until(() => find("new-novel"));
  });

  test("does not take the focus from somebody who types the password all the same", async () => {
    await locked("ready");
    await until(() => find("open-remembered"));
    find("password").focus();
    await fill("password", "p");
    await fill("password", "");
    expect(document.activeElement).toBe(find("password"));
  });

  test("falls back on the password when the keychain is locked", async () => {
    await locked("locked");
    await until(() => find("open-remembered"));
    await press("open-remembered");
    expect(document.querySelector("[role=alert]")?.textContent).toContain("keychain is locked");
    expect(document.activeElement).toBe(find("password"));
  });

  test("asks for the password when nothing is remembered", async () => {
    const host = new FakeHost();
    host.state = "locked";
    await showWindow(host);
    expect(document.querySelector("[data-testid=open-remembered]")).toBeNull();
    expect(document.activeElement).toBe(find("password"));
  });
});
