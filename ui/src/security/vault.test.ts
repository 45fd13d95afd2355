import { describe, expect, test } from "vitest";
import { fill, find, key, press, settled, showWindow, submit, until } from "../dev/screen";
import { FakeHost } from "../host/fake";
import { WORDS } from "../host/fake-vault";

const PASSWORD = "seven lamps over cold water";
const NEXT = "paper boats under a green door";
const DAY = 86_400_000;

async function sheet(part: "keys" | "kit" | "locking" | "devices", host = new FakeHost()) {
  host.state = "open";
  host.password = PASSWORD;
  for (const name of ["Attic", "Cellar"])
    host.vault.devices.push({
      id: name.toLowerCase().padEnd(32, "0"),
      name,
      this_one: false,
      revoked: false,
      created_at: Date.now() - DAY,
      seen_at: name === "Attic" ? Date.now() - DAY : null,
      countersigned: name === "Attic",
    });
  const shown = await showWindow(host);
  await key("l", document.body, { ctrlKey: true, shiftKey: true });
  await until(() => find("facts"));
  await press(`part-${part}`);
  return shown;
}

const said = () => find("said").textContent ?? "";
const alert = () => document.querySelector("dialog [role=alert]")?.textContent ?? "";
const shownWords = () =>
  [...find("kit-words").querySelectorAll(".word")].map((word) => word.textContent ?? "");

async function confirmKit() {
  const words = shownWords();
  await press("kit-next");
  for (const at of [1, 2, 3])
    await fill(`confirm-${at}`, words[Number(find(`confirm-${at}`).dataset.place) - 1] ?? "");
  await submit("kit-confirm");
  await settled();
}

describe("the sheet", () => {
  test("is walked with the arrow keys, one stop for Tab, and names its panel", async () => {
    await sheet("keys");
    find("part-keys").focus();
    await key("ArrowDown");
    expect(document.activeElement).toBe(find("part-kit"));
    await key("End");
    expect(document.activeElement).toBe(find("part-backups"));
    expect(document.querySelectorAll("[role=tab][tabindex='0']").length).toBe(1);
    const panel = document.querySelector("[role=tabpanel]");
    expect(panel?.getAttribute("aria-labelledby")).toBe(find("part-backups").id);
  });

  test("says what protects the vault, and no secret", async () => {
    await sheet("keys");
    const facts = find("facts").textContent ?? "";
    expect(facts).toContain("256 MiB of memory, 3 passes, 4 lanes");
    expect(facts).toContain("unchanged since generation 3");
    expect(facts).toContain("not in use");
    expect(document.body.textContent).not.toMatch(/harbor|lamps/);
  });

  test("measures again for the password, and gives the focus back", async () => {
    await sheet("keys");
    await press("measure");
    await fill("password", "something else");
    await submit("answer");
    expect(alert()).toContain("does not open the vault");
    await fill("password", PASSWORD);
    await submit("answer");
    await until(() => expect(said()).toContain("Measured"));
    expect(find("facts").textContent).toContain("512 MiB");
    await until(() => expect(document.activeElement).toBe(find("measure")));
  });

  test("closes one step at a time", async () => {
    const { seshat } = await sheet("keys");
    await press("change-password");
    const cancel = () =>
      document.querySelector("dialog")?.dispatchEvent(new Event("cancel", { cancelable: true }));
    cancel();
    await settled();
    expect(find("vault")).toBeTruthy();
    cancel();
    await settled();
    expect(seshat.overlay).toBe("none");
  });
});

describe("a new password", () => {
  test("needs the present one and is weighed before it is taken", async () => {
    const { host } = await sheet("keys");
    await press("change-password");
    expect(document.activeElement).toBe(find("current"));
    await fill("current", PASSWORD);
    await fill("password", "abc");
    await submit("set-password");
    expect([host.password, document.activeElement]).toEqual([PASSWORD, find("password")]);
    await fill("current", "wrong");
    await fill("password", NEXT);
    await submit("set-password");
    expect(alert()).toContain("does not open the vault");
    expect(document.activeElement).toBe(find("current"));
    await fill("current", PASSWORD);
    await submit("set-password");
    await until(() => expect(said()).toContain("The password is changed"));
    expect(host.password).toBe(NEXT);
    expect(host.vault.kits.length, "the kit stays").toBe(1);
  });
});

describe("a password that leaked", () => {
  test("makes new keys and a new kit, which has to be confirmed", async () => {
    const { host } = await sheet("keys");
    await press("leaked");
    await fill("current", PASSWORD);
    await fill("password", NEXT);
    await submit("set-password");
    await until(() => find("kit-words"));
    expect(shownWords().join(" ")).not.toBe(WORDS);
    await confirmKit();
    await until(() => expect(said()).toContain("New keys"));
    expect(document.body.textContent).not.toContain("harbor");
    expect(find("facts").textContent).toContain("2 laptops, after new keys");
    expect([host.password, host.vault.facts.header_epoch]).toEqual([NEXT, 3]);
  });

  test("does not let the new kit slip away with a key press", async () => {
    await sheet("keys");
    await press("leaked");
    await fill("current", PASSWORD);
    await fill("password", NEXT);
    await submit("set-password");
    await until(() => find("kit-words"));
    const words = shownWords();
    await key("F1", document.body);
    await key(",", document.body, { ctrlKey: true });
    expect(shownWords()).toEqual(words);
    document.querySelector("dialog")?.dispatchEvent(new Event("cancel", { cancelable: true }));
    await settled();
    expect(document.querySelector("dialog")?.textContent).toContain("the old kit does not work any more");
    await key("Escape");
    expect(shownWords()).toEqual(words);
  });

  test("is still there when the browser closes the dialog by itself", async () => {
    await sheet("keys");
    await press("leaked");
    await fill("current", PASSWORD);
    await fill("password", NEXT);
    await submit("set-password");
    await until(() => find("kit-words"));
    const dialog = document.querySelector("dialog");
    dialog?.close();
    await until(() => expect(dialog?.textContent).toContain("the old kit does not work any more"));
    await until(() => expect(dialog?.open).toBe(true));
  });

  test("stays on the screen until the new keys are made", async () => {
    const host = new FakeHost();
    await sheet("keys", host);
    let go = () => undefined as unknown;
    const rotate = host.rotateVault.bind(host);
    host.rotateVault = (...given) =>
      new Promise<void>((resolve) => (go = resolve)).then(() => rotate(...given));
    await press("leaked");
    await fill("current", PASSWORD);
    await fill("password", NEXT);
    await submit("set-password");
    for (let times = 0; times < 3; times += 1)
      document.querySelector("dialog")?.dispatchEvent(new Event("cancel", { cancelable: true }));
    await settled();
    expect(find("set-password").getAttribute("aria-busy")).toBe("true");
    go();
    await until(() => find("kit-words"));
  });
});

describe("the Emergency Kit", () => {
  test("is shown again for the password, without asking for three words", async () => {
    const { host } = await sheet("kit");
    await press("show-kit");
    await fill("password", PASSWORD);
    await submit("answer");
    await until(() => expect(shownWords().join(" ")).toBe(WORDS));
    await press("kit-page");
    expect(document.querySelector("dialog")?.textContent).toContain("Emergency Kit.html");
    await press("kit-done");
    expect(document.body.textContent).not.toContain("harbor");
    await until(() => expect(document.activeElement).toBe(find("show-kit")));
    expect(host.vault.kits.length).toBe(1);
  });

  test("is made anew, and the sheet says when there is none to show", async () => {
    const host = new FakeHost();
    host.vault.facts.kit_again = false;
    await sheet("kit", host);
    expect(document.querySelector("[data-testid=show-kit]")).toBeNull();
    await press("new-kit");
    await fill("password", PASSWORD);
    await submit("answer");
    await until(() => find("kit-words"));
    await confirmKit();
    await until(() => expect(said()).toContain("in force"));
    expect(find("show-kit")).toBeTruthy();
  });
});

describe("locking", () => {
  const radio = (label: string) =>
    [...document.querySelectorAll<HTMLInputElement>("dialog input[type=radio]")].find((one) =>
      one.closest("label")?.textContent?.includes(label),
    );

  test("after idle minutes is what the author chose, or never", async () => {
    const { host } = await sheet("locking");
    expect(radio("15 min")?.checked).toBe(true);
    radio("60 min")?.click();
    await settled();
    expect(host.vault.facts.idle_minutes).toBe(60);
    radio("Never")?.click();
    await settled();
    expect(host.vault.facts.idle_minutes).toBeNull();
  });

  test("shows what holds when a choice is refused", async () => {
    const { host } = await sheet("locking");
    host.setIdleMinutes = async () => {
      throw { code: "other", message: "The disk is full; nothing was changed; make room." };
    };
    radio("5 min")?.click();
    await until(() => expect(said()).toContain("The disk is full"));
    expect(radio("15 min")?.checked).toBe(true);
  });

  test("remembers for some days, says until when, and forgets again", async () => {
    const { host } = await sheet("locking");
    expect(find("remember").textContent).toContain("Off.");
    await press("remember-7");
    expect(host.vault.facts.remembered_until).toBeGreaterThan(Date.now() + 6 * DAY);
    expect(document.activeElement).toBe(find("forget-remembered"));
    await press("forget-remembered");
    expect(host.vault.facts.remembered_until).toBeNull();
    expect(document.activeElement).toBe(find("remember-1"));
  });

  test("says that the keychain is locked, or that there is none", async () => {
    const host = new FakeHost();
    host.vault.facts.keychain = "locked";
    await sheet("locking", host);
    expect(find("remember").textContent).toContain("keychain is locked");
    host.vault.facts.keychain = "absent";
    await press("look-again");
    expect(find("remember").textContent).toContain("no keychain");
    expect(document.querySelector("[data-testid=remember-1]")).toBeNull();
  });
});

describe("laptops", () => {
  const names = () =>
    [...document.querySelectorAll("[data-testid=device]")].map((one) => one.textContent ?? "");

  test("are listed with this one marked and the server's word in words", async () => {
    await sheet("devices");
    const [own, attic, cellar] = names();
    expect(own).toMatch(/Writing laptop\s*This laptop/);
    expect(own).not.toContain("Shut out");
    expect(attic).toMatch(/last seen yesterday.*Confirmed by the server/s);
    expect(cellar).toContain("Not yet confirmed by the server");
    expect(cellar).not.toContain("last seen");
  });

  test("show what this laptop knows even if the server cannot be asked", async () => {
    const host = new FakeHost();
    host.devices = async () => {
      throw { code: "offline", message: "The server cannot be reached." };
    };
    await sheet("devices", host);
    expect(names().length).toBe(3);
  });

  test("are renamed in place: Enter takes the name, Escape leaves it, the focus stays", async () => {
    const { host } = await sheet("devices");
    const rename = () => document.querySelectorAll<HTMLElement>("[data-testid=rename-device]")[1];
    rename()?.click();
    await settled();
    const field = find<HTMLInputElement>("device-name");
    expect([document.activeElement, field.value]).toEqual([field, "Attic"]);
    field.value = "Roof";
    await key("Escape", field);
    expect([host.vault.devices[1]?.name, document.activeElement]).toEqual(["Attic", rename()]);
    rename()?.click();
    await settled();
    const again = find<HTMLInputElement>("device-name");
    again.value = "  Roof ";
    await key("Enter", again);
    await until(() => expect(names()[1]).toContain("Roof"));
    expect(host.vault.devices[1]?.name).toBe("Roof");
    expect(document.activeElement).toBe(rename());
  });

  test("are revoked after a question that says what they keep, and new keys are offered at once", async () => {
    const { host } = await sheet("devices");
    await press("revoke-device");
    expect(document.querySelector("dialog")?.textContent).toContain("It keeps what it already had");
    await press("revoke");
    await until(() => find("revoked-rotate"));
    expect(host.vault.devices[1]?.revoked).toBe(true);
    await press("revoked-rotate");
    await fill("current", PASSWORD);
    await fill("password", NEXT);
    await submit("set-password");
    await until(() => find("kit-words"));
    await confirmKit();
    await until(() => find("devices"));
    expect(names().length).toBe(2);
    expect(document.querySelector("dialog h3")?.textContent).toBe("Shut out");
  });
});
