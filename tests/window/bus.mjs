/**
 * What a desktop brings: a screen saver on the session bus, which says that the screen is locked, and a keychain.
 *
 * The screen saver is written by hand and not with `gdbus emit`, because a signal counts only when it comes from the owner of the name. Four messages of
 * D-Bus are shorter than a library: https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol
 */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { home } from "./window.mjs";

const SAVER = "org.gnome.ScreenSaver";
const CALL = 1;
const SIGNAL = 4;
const [PATH, INTERFACE, MEMBER, DESTINATION, SIGNATURE] = [1, 2, 3, 6, 8];

/** A screen saver; it is gone when the test ends. */
export async function screenSaver(test) {
  const bus = connect(address(process.env.DBUS_SESSION_BUS_ADDRESS ?? ""));
  test.after(() => bus.destroy());
  const heard = () => new Promise((resolve, reject) => bus.once("data", resolve).once("error", reject));
  const us = Buffer.from(String(process.getuid())).toString("hex");
  bus.write(`\0AUTH EXTERNAL ${us}\r\n`);
  const answer = String(await heard());
  if (!answer.startsWith("OK")) throw new Error(`the bus does not know us: ${answer}`);
  bus.write("BEGIN\r\n");
  bus.on("data", () => {});
  const daemon = [
    [PATH, "o", "/org/freedesktop/DBus"],
    [INTERFACE, "s", "org.freedesktop.DBus"],
    [DESTINATION, "s", "org.freedesktop.DBus"],
  ];
  bus.write(message(CALL, 1, [...daemon, [MEMBER, "s", "Hello"]]));
  const name = Buffer.concat([text(SAVER), padding(text(SAVER).length, 4), number(0)]);
  bus.write(message(CALL, 2, [...daemon, [MEMBER, "s", "RequestName"], [SIGNATURE, "g", "su"]], name));
  let serial = 3;
  return {
    /** Says that the screen is locked now. */
    locks: () => {
      const fields = [
        [PATH, "o", "/org/gnome/ScreenSaver"],
        [INTERFACE, "s", SAVER],
        [MEMBER, "s", "ActiveChanged"],
        [SIGNATURE, "g", "b"],
      ];
      bus.write(message(SIGNAL, serial++, fields, number(1)));
    },
  };
}

/** A login of its own with an open keychain: the environment for a window. It ends with the test. */
export async function keychain(test) {
  const folder = home(test);
  const world = { HOME: join(folder, "home"), XDG_RUNTIME_DIR: join(folder, "run") };
  mkdirSync(join(world.HOME, ".cache"), { recursive: true });
  mkdirSync(world.XDG_RUNTIME_DIR, { mode: 0o700 });
  const env = { ...process.env, ...world };
  const bus = spawn("dbus-daemon", ["--session", "--nofork", "--print-address"], { env, stdio: ["ignore", "pipe", "ignore"] });
  test.after(() => bus.kill("SIGKILL"));
  for await (const line of createInterface(bus.stdout)) {
    world.DBUS_SESSION_BUS_ADDRESS = line;
    break;
  }
  const keyring = spawn("gnome-keyring-daemon", ["--foreground", "--unlock", "--components=secrets"], {
    env: { ...env, ...world },
    stdio: ["pipe", "ignore", "ignore"],
  });
  test.after(() => keyring.kill("SIGKILL"));
  keyring.stdin.end("the password of this login");
  return world;
}

function address(given) {
  const found = /^unix:(path|abstract)=([^,;]+)/.exec(given);
  if (!found) throw new Error(`no session bus on a socket: ${given}`);
  return found[1] === "path" ? found[2] : `\0${found[2]}`;
}

/** One message, in little-endian order. */
function message(kind, serial, fields, body = Buffer.alloc(0)) {
  let listed = Buffer.alloc(0);
  for (const [code, type, value] of fields) {
    const start = [listed, padding(listed.length, 8), Buffer.from([code, 1, type.charCodeAt(0), 0])];
    listed = Buffer.concat([...start, type === "g" ? signature(value) : text(value)]);
  }
  const head = [Buffer.from([0x6c, kind, 0, 1]), number(body.length), number(serial), number(listed.length)];
  return Buffer.concat([...head, listed, padding(listed.length, 8), body]);
}

function number(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const text = (value) => Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(`${value}\0`)]);
const signature = (value) => Buffer.concat([Buffer.from([value.length]), Buffer.from(`${value}\0`)]);
const padding = (length, to) => Buffer.alloc((to - (length % to)) % to);
