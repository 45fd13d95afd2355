/** What stands beside the window: a real server, and other laptops played by the command line. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PASSWORD } from "./steps.mjs";
import { home, until } from "./window.mjs";

const programs = process.env.SESHAT_BIN;
export const EMAIL = "author@example.org";

/** A server on a free port, with these options beside its own; ended with the test. */
export async function serve(test, ...options) {
  const server = new Server(home(test), options);
  test.after(() => server.stop());
  await server.start();
  return server;
}

class Server {
  url = null;

  constructor(folder, options) {
    this.options = options;
    this.data = join(folder, "server");
    this.copy = join(folder, "copy");
  }

  /** On the same port as before, if there was one. */
  async start() {
    const listen = this.url ? new URL(this.url).host : "127.0.0.1:0";
    this.program = spawn(join(programs, "seshat-server"), ["--listen", listen, "--data", this.data, ...this.options], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    for await (const line of createInterface(this.program.stdout)) {
      this.url = line.replace("listening on ", "");
      return;
    }
    throw new Error("the server ended before it listened");
  }

  /** A code with which one account can be made. */
  invite() {
    const said = execFileSync(join(programs, "seshat-server"), ["account", "invite", "--data", this.data], { encoding: "utf8" });
    return said.trim().split(/\s+/)[0];
  }

  async stop() {
    if (this.program.exitCode !== null || this.program.signalCode !== null) return;
    const ended = new Promise((resolve) => this.program.once("exit", resolve));
    this.program.kill("SIGKILL");
    await ended;
  }

  /** Keeps a copy of everything it has. */
  async keep() {
    await this.stop();
    cpSync(this.data, this.copy, { recursive: true });
    await this.start();
  }

  /** Puts the copy in the place of everything that came since. */
  async rollBack() {
    await this.stop();
    rmSync(this.data, { recursive: true });
    cpSync(this.copy, this.data, { recursive: true });
    await this.start();
  }
}

/** The command line on a vault of its own. */
export function laptop(test) {
  const folder = home(test);
  writeFileSync(join(folder, "password"), PASSWORD);
  const vault = ["--home", join(folder, "vault"), "--password-file", join(folder, "password")];
  return {
    folder,
    seshat: (...command) => execFileSync(join(programs, "seshat"), [...vault, ...command], { encoding: "utf8" }),
    /** What a command says that must fail. */
    refused: (...command) => {
      const { status, stderr } = spawnSync(join(programs, "seshat"), [...vault, ...command], { encoding: "utf8" });
      if (status === 0) throw new Error(`${command.join(" ")} was let through`);
      return stderr;
    },
    asks: (...command) => asks(test, [...vault, ...command]),
  };
}

/** A command that waits for something while the test goes on. */
function asks(test, command) {
  const program = spawn(join(programs, "seshat"), command, { stdio: ["pipe", "ignore", "pipe"] });
  test.after(() => program.kill("SIGKILL"));
  let said = "";
  program.stderr.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const ended = new Promise((resolve) => program.once("exit", resolve));
  return { said: () => said, answer: (text) => program.stdin.write(`${text}\n`), ended };
}

/** Makes an account on the server and sends everything there. */
export async function connect(window, url) {
  await window.click('[data-testid="link"]');
  await window.type('[data-testid="server"]', url);
  await window.type('[data-testid="email"]', EMAIL);
  await window.click('[data-testid="connect"]');
  await sync(window);
  await until("the server to have it", () => window.run(`return document.querySelector('[data-testid="link"]').dataset.link === "online"`));
}

/** In the sheet about the server, which is open. */
export async function sync(window) {
  await window.click('[data-testid="sync-now"]');
}
