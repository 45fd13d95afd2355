/** Another laptop is let in from the window, named, and shut out; a real server stands between them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { connect, EMAIL, laptop, serve } from "./another.mjs";
import { createVault, newNovel, openVault, page, saved, unlock } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

const digits = (text) => text.replaceAll(/\D/g, "");

const code = async (window) => {
  await window.find('[data-testid="code"]', 30_000);
  return digits(await window.run(`return document.querySelector('[data-testid="code"]').textContent`));
};

const names = (window) =>
  window.run(`return [...document.querySelectorAll('[data-testid="device"] .name bdi')].map((name) => name.textContent)`);

test("a laptop shows the same digits, is let in, gets its name, and is shut out", async (t) => {
  const { url } = await serve(t);
  const window = await open(t, home(t));
  await createVault(window);
  await newNovel(window, "Two Desks");
  await window.type('[data-testid="editor"]', "Written at the window.");
  await saved(window);
  await connect(window, url);
  await window.press(Key.escape);

  const other = laptop(t);
  const joining = other.asks("account", "join", "--server", url, "--email", EMAIL, "--approve");
  await window.find('[data-testid="joins-banner"]', 40_000);
  await window.click('[data-testid="open-joins"]');
  const here = await code(window);
  const [there] = await until("the digits on the other laptop", () => /shows \d{3} \d{3}/.exec(joining.said()), 30_000);
  assert.equal(here, digits(there), "both show the same six digits");
  await window.type('[data-testid="join-name"]', "Kitchen laptop");
  await window.click('[data-testid="allow"]');
  assert.equal(await joining.ended, 0, joining.said());
  other.seshat("sync");
  assert.match(other.seshat("scene", "show", "Two Desks", "1/1"), /Written at the window\./);
  await window.press(Key.escape);

  await window.command("sync_now");
  await openVault(window, "devices");
  await until("the new laptop in the list", async () => (await names(window)).length === 2);
  await window.click('[data-testid="device"][data-this="false"] [data-testid="rename-device"]');
  await window.find('[data-testid="device-name"]');
  await window.keys("Summer house", Key.enter);
  await until("its new name", async () => (await names(window)).includes("Summer house"));

  await window.click('[data-testid="device"][data-this="false"] [data-testid="revoke-device"]');
  await window.click('[data-testid="revoke"]');
  await window.click('[data-testid="revoked-later"]');
  await until("one laptop in the list", async () => (await names(window)).length === 1, 30_000);
  assert.ok((await window.text('[data-testid="vault"]')).includes("Summer house"), "it is listed as shut out");
  const refusal = await until("the server to refuse it", () => other.refused("sync"), 30_000);
  assert.match(refusal, /^[A-Z].*;.*\.\n$/, "one sentence");
  assert.match(refusal, /shut out of the account/);
});

/** A laptop that has a desk and an account. */
function settled(test, url) {
  const first = laptop(test);
  first.seshat("init", "--kit", join(first.folder, "kit.txt"), "--new-password-file", join(first.folder, "password"));
  first.seshat("novel", "new", "Carried Over");
  first.seshat("account", "create", "--server", url, "--email", EMAIL);
  first.seshat("sync");
  return first;
}

/** A window on an empty home that asks another laptop. */
async function asking(test, url) {
  const window = await open(test, home(test));
  await window.click('[data-testid="go-join"]');
  await window.click('[data-testid="go-approval"]');
  await window.type('[data-testid="server"]', url);
  await window.type('[data-testid="email"]', EMAIL);
  await window.click('[data-testid="ask-to-join"]');
  await window.find('[data-testid="cancel-join"]');
  return window;
}

test("a new window is let in by the laptop that has the desk, and opens there with its password", async (t) => {
  const { url } = await serve(t);
  const first = settled(t, url);
  const window = await asking(t, url);
  const approving = first.asks("device", "approve", "--name", "Attic laptop");
  const here = await code(window);
  assert.ok(!(await page(window)).includes("Carried Over"), "nothing was sent before the digits were compared");
  const [there] = await until("the question there", () => /show \d{3} \d{3}/.exec(approving.said()), 30_000);
  assert.equal(here, digits(there), "both show the same six digits");
  approving.answer("yes");
  assert.equal(await approving.ended, 0, approving.said());
  await window.find('[data-testid="new-novel"]', 30_000);
  await window.command("sync_now");
  await until("the novel", async () => (await page(window)).includes("Carried Over"), 30_000);
  await window.press(Key.control, "l");
  await unlock(window);
  await window.find('[data-testid="novel"]', 30_000);
});

test("a new window that is refused gets nothing and says so", async (t) => {
  const { url } = await serve(t);
  const first = settled(t, url);
  const window = await asking(t, url);
  const approving = first.asks("device", "approve");
  await code(window);
  await until("the question there", () => approving.said().includes("Does it?"), 30_000);
  approving.answer("no");
  await window.find('[data-testid="ask-again"]', 30_000);
  assert.equal(await window.command("vault_state"), "absent");
});
