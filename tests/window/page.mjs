/**
 * The page on an invented host (`ui/dev.html`), in the WebKit that also draws the window. It reaches every state of every
 * screen in a moment, without a vault, a server or a second laptop.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { freePort, until, Window } from "./window.mjs";

export const ui = fileURLToPath(new URL("../../ui/", import.meta.url));

/** Builds the page as it stands now, and serves it. */
async function serve(end) {
  const vite = pathToFileURL(createRequire(`${ui}package.json`).resolve("vite"));
  const { build, preview } = await import(vite);
  const folder = mkdtempSync(join(tmpdir(), "seshat-page-"));
  end(() => rmSync(folder, { recursive: true, force: true }));
  const common = { root: ui, configFile: `${ui}vite.config.ts`, logLevel: "error" };
  const input = `${ui}dev.html`;
  await build({ ...common, build: { outDir: folder, emptyOutDir: true, minify: false, rolldownOptions: { input } } });
  const port = await freePort();
  const server = await preview({ ...common, build: { outDir: folder }, preview: { port, host: "127.0.0.1" } });
  end(() => server.close());
  return `http://127.0.0.1:${port}`;
}

/** A browser for the page. `end` is told how each thing that was started is ended. */
export async function browse(end) {
  const address = await serve(end);
  const port = await freePort();
  const driver = spawn("WebKitWebDriver", [`--port=${port}`, "--host=127.0.0.1"], {
    env: { ...process.env, WEBKIT_DISABLE_DMABUF_RENDERER: "1" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const page = new Page(port, driver);
  page.address = address;
  end(() => page.end());
  await until("the driver", () => fetch(`http://127.0.0.1:${port}/status`).then((answer) => answer.ok));
  const { sessionId } = await page.call("POST", "/session", { capabilities: { alwaysMatch: {} } });
  page.session = `/session/${sessionId}`;
  return page;
}

class Page extends Window {
  /** What is shown of a page has this size, without what the browser puts around it. */
  async fit(width, height) {
    await this.resize(width, height);
    const inner = () => this.run("return [innerWidth, innerHeight]");
    const [w, h] = await until("the browser's size", async () => {
      const [w, h] = await inner();
      return w > 0 && h > 0 && [w, h];
    });
    await this.resize(width + (width - w), height + (height - h));
    await until(`${width} by ${height}`, async () => {
      const [w, h] = await inner();
      return w === width && h === height;
    });
  }

  go(ask) {
    return this.ask("POST", "/url", { url: `${this.address}/dev.html?${ask}` });
  }

  /** Shows one of `states.mjs`, drawn to the end. */
  async show({ ask, shows, after = [] }, more = "") {
    await this.go(ask + more);
    await until("the window", () => this.run("return typeof seshat === 'object'"));
    for (const step of after) await this.step(step);
    await this.find(shows);
    await this.still();
  }

  async step(step) {
    if (step.click) await this.click(step.click);
    else if (step.run) {
      await this.find(step.on);
      await this.run(step.run);
    } else if (step.press) {
      await this.find(step.on);
      await this.press(...step.press);
    } else if (step.type) await this.type(step.into, step.type);
  }

  /** Until every font is there, nothing fades any more, and the frame is drawn. */
  async still() {
    await this.ask("POST", "/execute/async", {
      script: `const done = arguments[0];
        (async () => {
          await document.fonts.ready;
          const moves = (one) => one.playState === "running" && one.effect?.getComputedTiming().endTime !== Infinity;
          const frame = () => new Promise(requestAnimationFrame);
          await frame();
          for (let frames = 0; frames < 120 && document.getAnimations().some(moves); frames += 1) await frame();
          await frame();
          done();
        })();`,
      args: [],
    });
  }

  async theme(theme) {
    await this.run("seshat.settings.theme = arguments[0]", theme);
    await until(`the ${theme} theme`, () => this.run("return document.documentElement.dataset.theme === arguments[0]", theme));
    await this.still();
  }

  /** WebKit waits for the next frame before it answers, and a page at rest has none: a speck in a corner makes some. */
  async screenshot(path) {
    await this.run(`const speck = document.createElement("i");
      speck.style.cssText = "position:fixed;inset:auto 0 0 auto;width:1px;height:1px;background:var(--canvas)";
      document.documentElement.append(speck);
      const timer = setInterval(() => (speck.style.opacity = speck.style.opacity === "1" ? "0.9" : "1"), 30);
      window.stopSpeck = () => { clearInterval(timer); speck.remove(); };`);
    await super.screenshot(path);
    await this.run("window.stopSpeck()");
  }

  process() {
    return Promise.resolve(null);
  }
}
