/**
 * Drives the real window through WebKitWebDriver: plain W3C calls, no library.
 *
 * **Invariant:** whatever happens, every process that was started here is ended, by its own handle.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const programs = process.env.SESHAT_BIN;

/** Keys that are no characters. */
export const Key = { control: "\uE009", shift: "\uE008", enter: "\uE007", escape: "\uE00C", tab: "\uE004", home: "\uE011", left: "\uE012", delete: "\uE017", alt: "\uE00A", down: "\uE015", end: "\uE010", pageDown: "\uE00F", pageUp: "\uE00E", f1: "\uE031", f9: "\uE039" };

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Asks until the answer is something, or fails saying what was waited for. */
export async function until(what, ask, millis = 30_000) {
  const end = Date.now() + millis;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`waited ${millis} ms for ${what}${last ? `: ${last.message}` : ""}`);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

/** The windows of each test. */
const windows = new WeakMap();

/** An empty folder for a vault; when the test ends and its windows are gone, so is it, and what they kept beside it. */
export function home(test) {
  const folder = mkdtempSync(join(tmpdir(), "seshat-window-"));
  test.after(async () => {
    for (const window of windows.get(test) ?? []) await window.end();
    // A process that was ended a moment ago may have one more file to write.
    const patience = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };
    for (const one of [folder, besideOf(folder)]) rmSync(one, patience);
  });
  return folder;
}

/** Where the web view keeps the settings of the window: of each vault for itself, or tests would find each other's. */
const besideOf = (folder) => `${folder}-window`;

/**
 * A running window on the vault in `folder`. `world` is what its programs find in their environment beside ours, `args`
 * what stands behind the program's name. Without a width it is as large as it opens by itself.
 */
export async function open(test, folder, { width = 1400, height = 840, world = {}, args = [] } = {}) {
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    env: { ...process.env, XDG_DATA_HOME: besideOf(folder), ...world, SESHAT_HOME: folder, TAURI_AUTOMATION: "true", TAURI_WEBVIEW_AUTOMATION: "true" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const window = new Window(port, driver);
  windows.set(test, [...(windows.get(test) ?? []), window]);
  test.after(() => window.end());
  await until("the driver", () => fetch(`http://127.0.0.1:${port}/status`).then((answer) => answer.ok));
  const capabilities = {
    alwaysMatch: { "webkitgtk:browserOptions": { binary: join(programs, "seshat-desktop"), args } },
  };
  const session = await window.call("POST", "/session", { capabilities });
  window.session = `/session/${session.sessionId}`;
  if (width !== null) await window.resize(width, height);
  return window;
}

export class Window {
  constructor(port, driver) {
    this.port = port;
    this.driver = driver;
    this.session = null;
  }

  async call(method, path, body) {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }

  ask(method, path, body) {
    return this.call(method, this.session + path, body);
  }

  resize(width, height) {
    return this.ask("POST", "/window/rect", { x: 0, y: 0, width, height });
  }

  /** The first element that a CSS selector names, once it is there. */
  find(selector, millis) {
    return until(selector, () => this.ask("POST", "/element", { using: "css selector", value: selector }), millis).then(
      (element) => element[ELEMENT],
    );
  }

  async all(selector) {
    const elements = await this.ask("POST", "/elements", { using: "css selector", value: selector });
    return elements.map((element) => element[ELEMENT]);
  }

  async click(selector, millis) {
    const element = await this.find(selector, millis);
    await until(`a click on ${selector}`, () => this.ask("POST", `/element/${element}/click`, {}).then(() => true));
  }

  /** Types into an element, key by key. */
  async type(selector, text) {
    const element = await this.find(selector);
    await this.ask("POST", `/element/${element}/value`, { text });
  }

  async text(selector) {
    return this.ask("GET", `/element/${await this.find(selector)}/text`);
  }

  /** Runs a function body in the page. */
  run(script, ...args) {
    return this.ask("POST", "/execute/sync", { script, args });
  }

  /** Asks the program behind the page, as the page does. */
  async command(name, args = {}) {
    const [failed, answer] = await this.ask("POST", "/execute/async", {
      script: `const [name, args, done] = arguments;
        window.__TAURI_INTERNALS__.invoke(name, args).then((answer) => done([false, answer]), (failure) => done([true, failure]));`,
      args: [name, args],
    });
    if (failed) throw new Error(`${name}: ${answer.message ?? answer}`);
    return answer;
  }

  /** Presses keys together, such as `[Key.control, "l"]`. */
  async press(...keys) {
    const down = keys.map((value) => ({ type: "keyDown", value }));
    const up = keys.toReversed().map((value) => ({ type: "keyUp", value }));
    await this.ask("POST", "/actions", { actions: [{ type: "key", id: "keys", actions: [...down, ...up] }] });
  }

  /** Types into whatever has the focus. */
  async keys(...texts) {
    const actions = [...texts.join("")].flatMap((value) => [
      { type: "keyDown", value },
      { type: "keyUp", value },
    ]);
    await this.ask("POST", "/actions", { actions: [{ type: "key", id: "keys", actions }] });
  }

  async screenshot(path) {
    writeFileSync(path, Buffer.from(await this.ask("GET", "/screenshot"), "base64"));
  }

  /** The process of the window, below the driver. */
  async process() {
    const { execFileSync } = await import("node:child_process");
    const children = execFileSync("ps", ["-o", "pid=,comm=", "--ppid", String(this.driver.pid)], { encoding: "utf8" });
    const line = children.split("\n").find((row) => row.includes("seshat-desktop"));
    return line ? Number(line.trim().split(" ")[0]) : null;
  }

  /** Ends the program as a power cut would, and the driver with it. */
  async kill() {
    const pid = await this.process();
    if (pid) process.kill(pid, "SIGKILL");
    this.driver.kill("SIGKILL");
    this.session = null;
  }

  async end() {
    const pid = await this.process().catch(() => null);
    if (this.session) await this.ask("DELETE", "").catch(() => {});
    this.session = null;
    this.driver.kill("SIGKILL");
    try {
      if (pid) process.kill(pid, "SIGKILL");
    } catch {
      // It has ended by itself, as it should.
    }
  }
}

