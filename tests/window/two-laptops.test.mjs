/** The window and another laptop, with a real server between them. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { createVault, newNovel, PASSWORD, saved } from "./steps.mjs";
import { home, open, until } from "./window.mjs";

const programs = process.env.SESHAT_BIN;
const EMAIL = "author@example.org";

/** A server on a free port; ended with the test. */
async function serve(test) {
  const server = spawn(join(programs, "seshat-server"), ["--listen", "127.0.0.1:0", "--data", join(home(test), "server")], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  test.after(() => server.kill("SIGKILL"));
  for await (const line of createInterface(server.stdout)) return line.replace("listening on ", "");
  throw new Error("the server ended before it listened");
}

/** The other laptop: the command line on a vault of its own. */
function laptop(test) {
  const folder = home(test);
  writeFileSync(join(folder, "password"), PASSWORD);
  const vault = ["--home", join(folder, "vault"), "--password-file", join(folder, "password")];
  return {
    folder,
    seshat: (...command) => execFileSync(join(programs, "seshat"), [...vault, ...command], { encoding: "utf8" }),
  };
}

async function sync(window) {
  await window.click('[data-testid="sync-now"]');
}

test("what another laptop writes comes into the open page, and what is typed here goes there", async (t) => {
  const url = await serve(t);
  const window = await open(t, home(t));
  await createVault(window);
  await newNovel(window, "Two Desks");
  await window.type('[data-testid="editor"]', "Written at the window.");
  await saved(window);
  await window.click('[data-testid="link"]');
  await window.type('[data-testid="server"]', url);
  await window.type('[data-testid="email"]', EMAIL);
  await window.click('[data-testid="connect"]');
  await sync(window);
  await until("the server to have it", () => window.run(`return document.querySelector('[data-testid="link"]').dataset.link === "online"`));

  const other = laptop(t);
  other.seshat("account", "join", "--server", url, "--email", EMAIL);
  other.seshat("sync");
  assert.match(other.seshat("scene", "show", "Two Desks", "1/1"), /Written at the window\./);
  const file = join(other.folder, "added.md");
  writeFileSync(file, "Written on the other laptop.\n");
  other.seshat("scene", "append", "Two Desks", "1/1", "--file", file);
  other.seshat("sync");

  await sync(window);
  await until(
    "the other laptop's paragraph on the open page",
    async () => (await window.text('[data-testid="editor"]')).includes("Written on the other laptop."),
    40_000,
  );
  const text = await window.text('[data-testid="editor"]');
  assert.equal(text.split("Written at the window.").length, 2, "what was typed here stands there once");
});
