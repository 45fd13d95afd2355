/** A server that goes back in time is an alarm above the footer, and costs no word. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, laptop, EMAIL, serve, sync } from "./another.mjs";
import { createVault, newNovel, saved } from "./steps.mjs";
import { home, Key, open, until } from "./window.mjs";

test("a server that went back is told of in one sentence, until it is dismissed, and gets back what it lost", async (t) => {
  const server = await serve(t);
  const window = await open(t, home(t));
  await createVault(window);
  await newNovel(window, "The Second Tide");
  await window.type('[data-testid="editor"]', "Before.");
  await saved(window);
  await connect(window, server.url);
  await window.press(Key.escape);

  await server.keep();
  await window.type('[data-testid="editor"]', " After.");
  await saved(window);
  await window.click('[data-testid="link"]');
  await sync(window);
  await until("everything to be sent", async () => (await window.command("status", { since: 0 })).waiting === 0, 30_000);
  await server.rollBack();
  await sync(window);
  await window.press(Key.escape);

  await window.find('.banners [data-testid="alarm"]', 40_000);
  const kind = await window.run(`return document.querySelector('.banners [data-testid="alarm"]').dataset.kind`);
  assert.equal(kind, "regress");
  const sentence = await window.run(`return document.querySelector('.banners [data-testid="alarm"] .message').textContent`);
  assert.match(sentence, /^[A-Z][^.]*;[^.]*;[^.]*\.$/, "what happened; what is safe; what to do");
  assert.ok((await window.text('[data-testid="editor"]')).includes("Before. After."), "no word is lost here");
  while ((await window.all('.banners [data-testid="dismiss"]')).length > 0) {
    const before = await window.run(`return document.querySelector('.banners [data-testid="alarm"] .message')?.textContent`);
    await window.click('.banners [data-testid="dismiss"]');
    await until("it to go", async () => (await window.run(`return document.querySelector('.banners [data-testid="alarm"] .message')?.textContent`)) !== before);
  }

  const other = laptop(t);
  other.seshat("account", "join", "--server", server.url, "--email", EMAIL);
  other.seshat("sync");
  assert.match(other.seshat("scene", "show", "The Second Tide", "1/1"), /Before\. After\./, "the server has it again");
});
