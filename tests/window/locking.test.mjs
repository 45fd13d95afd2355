/** The vault locks by itself, and the page then holds nothing. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { screenSaver } from "./bus.mjs";
import { createVault, lockedWithout, newNovel, saved, unlock } from "./steps.mjs";
import { home, open, until } from "./window.mjs";

const TITLE = "A House Without Clocks";
const TEXT = "By the third evening they had stopped listening for it.";

async function writing(test) {
  const window = await open(test, home(test));
  await createVault(window);
  await newNovel(window, TITLE);
  await window.type('[data-testid="editor"]', TEXT);
  return window;
}

async function comesBack(window) {
  await unlock(window);
  await window.click('[data-testid="novel"]');
  await until("the text", async () => (await window.text('[data-testid="editor"]')) === TEXT, 30_000);
}

test("a minute in which nothing happens locks the window", async (t) => {
  const window = await writing(t);
  await saved(window);
  await window.command("set_idle_minutes", { minutes: 1 });
  await new Promise((resolve) => setTimeout(resolve, 40_000));
  assert.equal((await window.all('[data-testid="editor"]')).length, 1, "not before its time");
  await lockedWithout(window, [TITLE, TEXT], 50_000);
  await comesBack(window);
});

test("a desktop that locks its screen locks the window, and the last letters are kept", async (t) => {
  const window = await writing(t);
  const saver = await screenSaver(t);
  await until("the screen saver to be noticed", async () => (await window.command("security")).watches_screen);
  saver.locks();
  await lockedWithout(window, [TITLE, TEXT]);
  await comesBack(window);
});

/** A process and all that it started. */
function family(pid) {
  const table = execFileSync("ps", ["-e", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  const rows = table.map((row) => row.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) found.push(...rows.filter((row) => row[1] === parent).map((row) => row[0]));
  return found;
}

test("neither the program nor the process that draws its page may leave a core file", async (t) => {
  const window = await open(t, home(t));
  await window.find('[data-testid="password"]');
  const processes = family(await window.process());
  const names = processes.map((pid) => readFileSync(`/proc/${pid}/comm`, "utf8").trim());
  assert.ok(names.includes("seshat-desktop") && names.some((name) => name.startsWith("WebKitWeb")), names.join(", "));
  for (const pid of processes) assert.match(readFileSync(`/proc/${pid}/limits`, "utf8"), /Max core file size\s+0\s+0\s/);
});
