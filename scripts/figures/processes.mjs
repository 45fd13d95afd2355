/** What a program and everything that it started holds and has used, off `/proc`. */
import { readdirSync, readFileSync } from "node:fs";

const TICK = 10; // milliseconds; Linux says it so to every program

/** The process and all below it. */
export function tree(root) {
  const children = new Map();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    if (stat === null) continue;
    const parent = Number(fields(stat)[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found = [root];
  for (let at = 0; at < found.length; at += 1) found.push(...(children.get(found[at]) ?? []));
  return found;
}

/** Milliseconds of CPU that they have used. */
export function cpu(root) {
  return tree(root).reduce((sum, pid) => {
    const stat = read(`/proc/${pid}/stat`);
    if (stat === null) return sum;
    const [user, system] = fields(stat).slice(11, 13).map(Number);
    return sum + (user + system) * TICK;
  }, 0);
}

/** MiB that they hold, what they share counted in parts. */
export function memory(root) {
  const kib = tree(root).reduce((sum, pid) => {
    const rollup = read(`/proc/${pid}/smaps_rollup`);
    return sum + Number(rollup?.match(/^Pss:\s+(\d+)/m)?.[1] ?? 0);
  }, 0);
  if (kib === 0) throw new Error("nothing may be read of these processes; this needs root");
  return kib / 1024;
}

/** What stands behind the name, which may hold spaces and brackets: state, parent, … */
function fields(stat) {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null; // It has ended meanwhile.
  }
}
