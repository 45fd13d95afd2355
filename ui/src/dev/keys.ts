/** Puts what the address asks for of laptops, questions to join, alarms and locks into an invented host. */
import type { FakeHost } from "../host/fake";
import type { DeviceCard, JoinState } from "../host/host";

const DAY = 86_400_000;

const ALARMS = [
  [
    "regress",
    "The server shows an older state of your account than this laptop has seen; everything you wrote is safe here and nothing was overwritten; ask whoever runs the server whether a backup was put back.",
  ],
  [
    "gap",
    "Three changes that your laptop “Attic” made did not arrive although the server says that it sent everything; what is here is safe; sync that laptop again, and if this stays, look at the server.",
  ],
] as const;

export function fillKeys(host: FakeHost, asked: URLSearchParams, novel: string): void {
  const { vault } = host;
  const names = ["Attic", "Reading laptop with a name that somebody made rather long", "Old machine"];
  for (const name of names.slice(0, Number(asked.get("devices") ?? 0))) vault.devices.push(laptop(name));
  const code = asked.get("code");
  for (let at = 0; at < Number(asked.get("joins") ?? 0); at += 1) host.knock(code);
  for (const [kind, message] of ALARMS.slice(0, Number(asked.get("alarms") ?? 0))) host.raise(kind, message);
  if (asked.has("remembered")) vault.facts.remembered_until = Date.now() + 7 * DAY;
  vault.facts.keychain = (asked.get("keychain") ?? "ready") as "ready";
  vault.facts.watches_screen = !asked.has("unwatched");
  vault.facts.kit_again = !asked.has("nokit");
  const lock = asked.get("novel");
  if (lock) vault.lockNovel(novel, "passphrase", asked.has("copy"));
  if (lock === "locked") vault.closeNovel(novel);
  const joining = asked.get("join");
  if (joining) {
    const state = { step: joining, code: joining === "compare" ? "482913" : null } as JoinState;
    host.joinState = async () => state;
  }
}

function laptop(name: string): DeviceCard {
  const old = name === "Old machine";
  return {
    id: name.length.toString(16).padStart(32, "b"),
    name,
    this_one: false,
    revoked: old,
    created_at: Date.now() - 40 * DAY,
    seen_at: old ? Date.now() - 30 * DAY : Date.now() - 2 * DAY,
    countersigned: name === "Attic",
  };
}
