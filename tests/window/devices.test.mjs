/** Another laptop is let in from the window, named, and shut out; a real server stands between them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, EMAIL, laptop, serve } from "./another.mjs";
import { createVault, newNovel, openVault, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

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
  const asking = other.asks("account", "join", "--server", url, "--email", EMAIL, "--approve");
  await window.find('[data-testid="joins-banner"]', 40_000);
  await window.click('[data-testid="open-joins"]');
  await window.find('[data-testid="code"]', 30_000);
  const here = (await window.run(`return document.querySelector('[data-testid="code"]').textContent`)).replaceAll(/\D/g, "");
  const there = await until("the digits on the other laptop", () => /shows (\d{3}) (\d{3})/.exec(asking.said()), 30_000);
  assert.equal(here, there.slice(1).join(""), "both show the same six digits");
  await window.type('[data-testid="join-name"]', "Kitchen laptop");
  await window.click('[data-testid="allow"]');
  assert.equal(await asking.ended, 0, asking.said());
  other.seshat("sync");
  assert.match(other.seshat("scene", "show", "Two Desks", "1/1"), /Written at the window\./);
  await window.press(Key.escape);

  await openVault(window, "devices");
  await until("the new laptop in the list", async () => (await names(window)).includes("Kitchen laptop"));
  assert.equal((await names(window)).length, 2);
  await window.click('[data-testid="device"][data-this="false"] [data-testid="rename-device"]');
  await window.find('[data-testid="device-name"]');
  await window.keys("Summer house", Key.enter);
  await until("its new name", async () => (await names(window)).includes("Summer house"));

  await window.click('[data-testid="device"][data-this="false"] [data-testid="revoke-device"]');
  await window.click('[data-testid="revoke"]');
  await window.click('[data-testid="revoked-later"]');
  await until("one laptop in the list", async () => (await names(window)).length === 1, 30_000);
  assert.ok((await window.text('[data-testid="vault"]')).includes("Summer house"), "it is remembered as shut out");
  const refusal = await until("the server to refuse it", () => other.refused("sync"), 30_000);
  assert.match(refusal, /^[A-Z].*;.*\.\n$/, "one sentence");
  assert.match(refusal, /shut out/);
});
