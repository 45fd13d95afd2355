/**
 * The page on an invented host (`ui/dev.html`), in the WebKit that also draws the window. It reaches every state of every
 * screen in a moment, without a vault, a server or a second laptop.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { freePort, until, Window } from "./window.mjs";

export const ui = fileURLToPath(new URL("../../ui/", import.meta.url));

/** Serves the page as it stands now: what is edited meanwhile reloads nothing. */
async function serve(end) {
  const vite = pathToFileURL(createRequire(`${ui}package.json`).resolve("vite"));
  const { createServer } = await import(vite);
  const port = await freePort();
  const server = await createServer({
    root: ui,
    configFile: `${ui}vite.config.ts`,
    // Not beside that of a development server that may be running.
    cacheDir: fileURLToPath(new URL("../../target/page", import.meta.url)),
    logLevel: "error",
    server: { port, hmr: false, watch: null },
  });
  end(() => server.close());
  await server.listen();
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
  // The first time everything is compiled, and what it needs is gathered.
  await page.go("");
  await page.find('[data-testid="editor"]', 120_000);
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
    else if (step.press) {
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
          const endless = (one) => one.effect?.getComputedTiming().endTime === Infinity;
          await Promise.all(document.getAnimations().filter((one) => !endless(one)).map((one) => one.finished.catch(() => {})));
          requestAnimationFrame(() => requestAnimationFrame(() => done()));
        })();`,
      args: [],
    });
  }

  async theme(theme) {
    await this.run("seshat.settings.theme = arguments[0]", theme);
    await until(`the ${theme} theme`, () => this.run("return document.documentElement.dataset.theme === arguments[0]", theme));
    await this.still();
  }

  process() {
    return Promise.resolve(null);
  }
}
