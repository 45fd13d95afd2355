/** The settings sheet: its parts, the ways out of it, and what a choice does at once. */
import { expect, test } from "vitest";
import { showDesk } from "../dev/desk";
import { find, key, press, settled, showWindow, until } from "../dev/screen";

const ctrl = { ctrlKey: true };
const chosen = () => document.querySelector<HTMLElement>("[role=tab][aria-selected=true]")?.dataset.testid;

test("its parts are walked with the arrows, and it opens again where it was left", async () => {
  const { seshat } = await showDesk();
  await key(",", find("editor"), ctrl);
  await press("settings-appearance");
  find("settings-appearance").focus();
  await key("ArrowDown", find("settings-appearance"));
  expect(chosen()).toBe("settings-writing");
  await until(() => expect(document.activeElement).toBe(find("settings-writing")));
  await key("End", find("settings-writing"));
  await key("ArrowDown");
  expect(chosen()).toBe("settings-appearance");
  await key("ArrowDown");
  await key(",", document.body, ctrl);
  expect(seshat.overlay).toBe("none");
  await until(() => expect(document.activeElement).toBe(find("editor")));
  await key(",", find("editor"), ctrl);
  expect(chosen()).toBe("settings-writing");
});

test("a font is on the page at once and is kept", async () => {
  const { seshat } = await showDesk();
  await key(",", find("editor"), ctrl);
  await press("settings-appearance");
  await press("font-atkinson");
  expect(document.documentElement.dataset.font).toBe("atkinson");
  expect(JSON.parse(localStorage.getItem("seshat.settings") ?? "{}").font).toBe("atkinson");
  expect(seshat.settings.font).toBe("atkinson");
});

test("every help of the page can be turned off and on", async () => {
  const { seshat } = await showDesk();
  await key(",", find("editor"), ctrl);
  await press("settings-writing");
  for (const name of ["typewriter", "smart", "autocorrect", "spelling"] as const) {
    const before = seshat.settings[name];
    await press(`setting-${name}`);
    expect(seshat.settings[name]).toBe(!before);
  }
});

test("outside of the vault there is no way to what is in it", async () => {
  const { host } = await showWindow();
  expect(host.state).toBe("absent");
  await key(",", document.body, ctrl);
  await settled();
  expect(document.querySelector("[data-testid=to-vault]")).toBeNull();
  await press("to-keys");
  expect(document.querySelectorAll("dialog kbd").length).toBeGreaterThan(20);
});
