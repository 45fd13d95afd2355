/**
 * The invented program's keys, laptops and questions to join. Nothing is sealed; the rules are the real ones, so
 * that a window which asks in the wrong order is refused here as it would be there.
 */
import type { DeviceCard, Failure, JoinAsking, JoinState, Kit, Security } from "./host";

export const WORDS =
  "harbor violin ember quiet lantern orchard silver meadow paper winter copper river candle feather stone garden " +
  "marble thunder willow button island mirror pocket saddle";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Lock = { passphrase: string; copy: boolean; open: boolean };

export class FakeVault {
  password = "";
  /** The words of the kit in force, and of every kit before it. */
  kits: string[] = [WORDS];
  accountCode = false;
  locks = new Map<string, Lock>();
  requests: JoinAsking[] = [];
  joining: JoinState = { step: "ended", code: null };
  /** How often the window said that the author did something. */
  stirred = 0;
  facts: Omit<Security, "devices"> = {
    memory_mib: 256,
    passes: 3,
    lanes: 4,
    generation: 12,
    header_epoch: 2,
    novel_epochs: [4, 1, 1],
    account_code: false,
    kit_again: true,
    idle_minutes: 15,
    remembered_until: null,
    keychain: "ready",
    watches_screen: true,
    slots: [
      { kind: "password", generation: 3 },
      { kind: "recovery", generation: 2 },
    ],
  };
  devices: DeviceCard[] = [
    {
      id: "a1".repeat(16),
      name: "Writing laptop",
      this_one: true,
      revoked: false,
      created_at: Date.now() - 200 * DAY,
      seen_at: Date.now() - HOUR,
      countersigned: true,
    },
  ];

  security(): Security {
    const { facts, accountCode, devices } = this;
    return structuredClone({ ...facts, account_code: accountCode, devices });
  }

  check(password: string): void {
    if (password !== this.password)
      throw failure(
        "wrong_password",
        "This password does not open the vault; nothing was changed; try again, or set a new one with the Emergency Kit.",
      );
  }

  kit(): Kit {
    return {
      text: "Emergency Kit",
      words: (this.kits.at(-1) ?? WORDS).split(" "),
      confirm: [3, 11, 20],
      account_code: this.accountCode ? "7Q2M-4XKD-9RTA-W1BC-5NHE-3VGZ-8P" : null,
    };
  }

  change(current: string, next: string): void {
    this.check(current);
    this.password = next;
    this.#replaced("password");
  }

  rotate(current: string, next: string): Kit {
    this.change(current, next);
    this.facts.header_epoch += 1;
    this.facts.novel_epochs = this.facts.novel_epochs.map((epoch) => epoch + 1);
    const others = this.devices.filter((device) => !device.this_one && !device.revoked);
    const kept = this.facts.slots.filter((slot) => slot.kind !== "device");
    this.facts.slots = [
      ...kept,
      ...others.map(() => ({ kind: "device" as const, generation: this.facts.generation })),
    ];
    return this.renew(next);
  }

  /** A kit of other words. The one before opens nothing any more. */
  renew(password: string): Kit {
    this.check(password);
    const words = (this.kits.at(-1) ?? WORDS).split(" ");
    this.kits.push([...words.slice(5), ...words.slice(0, 5)].join(" "));
    this.#replaced("recovery");
    this.facts.kit_again = true;
    return this.kit();
  }

  opensWith(kitText: string): boolean {
    const words = this.kits.at(-1) ?? WORDS;
    return kitText.toLowerCase().split(/\s+/).filter(Boolean).join(" ").includes(words);
  }

  remember(days: number): void {
    const { keychain } = this.facts;
    if (keychain === "locked")
      throw failure(
        "other",
        "The system's keychain is locked; nothing was changed; unlock it and try again.",
      );
    if (keychain === "absent")
      throw failure("other", "This system has no keychain; nothing was changed; use the password.");
    this.facts.remembered_until = Date.now() + days * DAY;
  }

  device(id: string): DeviceCard {
    const found = this.devices.find((device) => device.id === id);
    if (!found) throw failure("not_found", "There is no such laptop in your account; nothing was changed.");
    return found;
  }

  revoke(id: string): void {
    const device = this.device(id);
    if (device.this_one) throw failure("other", "A laptop cannot revoke itself; nothing was changed.");
    device.revoked = true;
    this.facts.generation += 1;
  }

  approve(join: string, name: string): void {
    const found = this.#request(join);
    if (found.code === null) throw failure("other", "The new laptop has not answered yet; nothing was sent.");
    this.requests = this.requests.filter((request) => request !== found);
    const added = { created_at: Date.now(), seen_at: Date.now(), countersigned: true };
    this.devices.push({
      id: found.join.repeat(2).slice(0, 32),
      name: name || "New laptop",
      this_one: false,
      revoked: false,
      ...added,
    });
    this.facts.generation += 1;
  }

  deny(join: string): void {
    const found = this.#request(join);
    this.requests = this.requests.filter((request) => request !== found);
  }

  lockNovel(novel: string, passphrase: string, copy: boolean): void {
    this.locks.set(novel, { passphrase, copy, open: true });
    const [newest = 0, ...others] = this.facts.novel_epochs;
    this.facts.novel_epochs = [newest + 1, ...others];
  }

  openNovel(novel: string, passphrase: string): void {
    const lock = this.#lock(novel);
    if (lock.passphrase !== passphrase)
      throw failure(
        "wrong_password",
        "This passphrase does not open the novel; nothing was changed; try again.",
      );
    lock.open = true;
  }

  openNovelWithKit(novel: string, kitText: string): void {
    const lock = this.#lock(novel);
    if (!lock.copy)
      throw failure(
        "other",
        "The Emergency Kit was not allowed to open this novel; nothing was changed; only its passphrase opens it.",
      );
    if (!this.opensWith(kitText))
      throw failure(
        "wrong_password",
        "This kit does not open the novel; nothing was changed; check its words.",
      );
    lock.open = true;
  }

  closeNovel(novel: string): void {
    this.#lock(novel).open = false;
  }

  /** Locking the vault closes every novel that has a passphrase. */
  closeAll(): void {
    for (const lock of this.locks.values()) lock.open = false;
  }

  #lock(novel: string): Lock {
    const lock = this.locks.get(novel);
    if (!lock) throw failure("not_found", "This novel has no passphrase; nothing was changed.");
    return lock;
  }

  #request(join: string): JoinAsking {
    const found = this.requests.find((request) => request.join === join);
    if (!found) throw failure("not_found", "This laptop does not ask any more; nothing was sent.");
    return found;
  }

  #replaced(kind: "password" | "recovery"): void {
    this.facts.generation += 1;
    const { generation } = this.facts;
    this.facts.slots = this.facts.slots.map((slot) => (slot.kind === kind ? { kind, generation } : slot));
  }
}

export function failure(code: Failure["code"], message: string): Failure {
  return { code, message };
}
