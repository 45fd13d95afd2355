/**
 * What the window and the program tell each other about keys, laptops and alarms.
 *
 * Plain types in the shape of the generated ones: where `bindings` has a type of the same name, importing that one
 * instead changes nothing else.
 */
import type { Imported as BareImported } from "./bindings/Imported";
import type { NovelCard as BareCard } from "./bindings/NovelCard";
import type { Outline as BareOutline } from "./bindings/Outline";
import type { Status as BareStatus } from "./bindings/Status";

/** Whether the system can keep a secret for us. */
export type Keychain = "ready" | "locked" | "absent";

/** One way into the vault. `generation` grows when it is replaced. */
export type Slot = { kind: "password" | "recovery" | "device"; generation: number };

/** A laptop of this account. Times are milliseconds since 1970. */
export type Device = {
  id: string;
  name: string;
  this_one: boolean;
  revoked: boolean;
  created_at: number;
  /** To the hour, by the server; null: it has not said. */
  seen_at: number | null;
  /** The server's receipt for this laptop's keys holds. */
  countersigned: boolean;
};

export type Security = {
  memory_mib: number;
  passes: number;
  lanes: number;
  generation: number;
  header_epoch: number;
  /** The newest of each novel's keys, highest first. */
  novel_epochs: number[];
  account_code: boolean;
  /** Whether the kit in force can be shown again. */
  kit_again: boolean;
  /** Null: never. */
  idle_minutes: number | null;
  /** Milliseconds since 1970; null: this laptop always asks for the password. */
  remembered_until: number | null;
  keychain: Keychain;
  /** Whether this system says when it sleeps or locks its screen. */
  watches_screen: boolean;
  devices: Device[];
  slots: Slot[];
};

/** Where a laptop that asks to join stands. `code`: six digits, once both sides have spoken. */
export type JoinState = {
  step: "waiting" | "compare" | "joined" | "denied" | "ended";
  code: string | null;
};

/** A laptop that asks this one whether it may join. */
export type JoinRequest = { join: string; code: string | null; asked_at: number };

/** `locked`: only a spine, without title and counts. `open`: has a passphrase, which was given. */
export type NovelLock = "none" | "locked" | "open";

export type NovelCard = BareCard & { lock: NovelLock };
export type Outline = Omit<BareOutline, "novel"> & { novel: NovelCard };
export type Imported = Omit<BareImported, "novel"> & { novel: NovelCard };
export type Status = BareStatus & {
  /** How many laptops ask to join. */
  joins: number;
};
