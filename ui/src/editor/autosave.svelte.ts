/**
 * Sends one scene's changes a moment after they are made, in order, and says how that went.
 *
 * **Guarantees:** a change is in the queue in the same turn that made it; one batch is under way at a time; a batch
 * that failed is sent again under the same number, so that the host applies it once; nothing leaves the queue
 * before the host has answered.
 */
import { asFailure, type Edited, type EditOp, type Failure } from "../host/host";
import { alone, sameAttributes } from "./flat";
import type { LocalStep } from "./merge";

export type SaveState = { kind: "saved" } | { kind: "waiting" } | { kind: "failed"; failure: Failure };

/** One or more transactions: what to send, how to take it back, and whether the author's fingers made it. */
export type Batch = { ops: EditOp[]; steps: LocalStep[]; typed: boolean };

/** The opening that edits belong to, with the number of the last edit that it contains. */
export type Opening = { session: number; sequence: number };

type Send = (opening: Opening, batch: { ops: EditOp[]; typed: boolean }) => Promise<Edited>;

type Reports = {
  onEdited: (edited: Edited) => void;
  /** The opening is over: the scene has to be opened again and the queue laid over it. */
  onStale: () => void;
  /** The host does not take this batch as it is, however often it is sent: the scene has to be opened again. */
  onRefused: () => void;
};

const PAUSE = 150;
/** How often a batch is sent again before it counts as refused. */
const PATIENCE = 3;
const RETRIES = [500, 1000, 2000, 5000, 10_000];

export class Autosave {
  state = $state.raw<SaveState>({ kind: "saved" });
  #opening: Opening;
  #queue: Batch[] = [];
  #sending: Batch | null = null;
  #running: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #held = false;
  readonly #send: Send;
  readonly #reports: Reports;

  constructor(opening: Opening, send: Send, reports: Reports) {
    this.#opening = { ...opening };
    this.#send = send;
    this.#reports = reports;
  }

  take(batch: Batch): void {
    if (batch.ops.length === 0) return;
    this.#queue.push(batch);
    if (this.state.kind !== "failed") this.state = { kind: "waiting" };
    this.#schedule(PAUSE);
  }

  /** Before anything that could end the window, the scene or the attention. True: the host has everything. */
  async flush(): Promise<boolean> {
    while (this.#running || (this.#anything && !this.#held)) {
      const failures = this.#failures;
      await this.#run();
      if (this.#failures > failures) return false;
    }
    return !this.#anything;
  }

  /** Stops sending until {@link adopt} or {@link resume}. Changes are still taken. */
  async hold(): Promise<void> {
    this.#held = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
  }

  resume(): void {
    this.#held = false;
    if (this.#anything) this.#schedule(0);
  }

  /** Sends nothing more and forgets every word: the vault is locked, and its keys are gone. */
  drop(): void {
    this.#held = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#queue = [];
    this.#sending = null;
    this.state = { kind: "saved" };
  }

  /** The steps of everything that the host has not answered for, oldest first. */
  get unsent(): LocalStep[] {
    return [...(this.#sending ? [this.#sending] : []), ...this.#queue].flatMap((batch) => batch.steps);
  }

  /** Goes on under a new opening with the queue as it was laid over its text. */
  adopt(opening: Opening, batch: Batch): void {
    this.#opening = { ...opening };
    this.#sending = null;
    this.#queue = batch.ops.length > 0 ? [batch] : [];
    this.#failures = 0;
    this.state = this.#anything ? { kind: "waiting" } : { kind: "saved" };
    this.resume();
  }

  get #anything(): boolean {
    return this.#sending !== null || this.#queue.length > 0;
  }

  #schedule(delay: number): void {
    if (this.#held || this.#running || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#run(), delay);
  }

  #run(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#sendOne().finally(() => {
      this.#running = null;
      const wait = this.#failures === 0 ? PAUSE : RETRIES[Math.min(this.#failures, RETRIES.length) - 1];
      if (this.#anything && this.state.kind !== "saved" && !this.#stale) this.#schedule(wait ?? PAUSE);
    });
    return this.#running;
  }

  get #stale(): boolean {
    return this.state.kind === "failed" && this.state.failure.code === "stale";
  }

  async #sendOne(): Promise<void> {
    this.#sending ??= this.#next();
    if (this.#sending === null) return;
    const next = { session: this.#opening.session, sequence: this.#opening.sequence + 1 };
    try {
      const { ops, typed } = this.#sending;
      const edited = await this.#send(next, { ops, typed });
      this.#opening = next;
      this.#sending = null;
      this.#failures = 0;
      this.state = this.#queue.length > 0 ? { kind: "waiting" } : { kind: "saved" };
      this.#reports.onEdited(edited);
    } catch (thrown) {
      if (this.#sending === null) return;
      this.#failures += 1;
      this.state = { kind: "failed", failure: asFailure(thrown) };
      if (this.#stale) this.#reports.onStale();
      else if (this.#failures % PATIENCE === 0) this.#reports.onRefused();
    }
  }

  #next(): Batch | null {
    const [first] = this.#queue;
    if (!first) return null;
    // What was typed is counted for the day, what was pasted is not: the two go apart.
    const other = this.#queue.findIndex(({ typed }) => typed !== first.typed);
    const batches = this.#queue.splice(0, other === -1 ? this.#queue.length : other);
    return {
      ops: joinInserts(batches.flatMap((batch) => batch.ops)),
      steps: batches.flatMap((batch) => batch.steps),
      typed: first.typed,
    };
  }
}

/** Letters typed one after the other as one insertion. Only under the very same marks. */
export function joinInserts(ops: readonly EditOp[]): EditOp[] {
  const joined: EditOp[] = [];
  for (const op of ops) {
    const last = joined.at(-1);
    const follows =
      last?.op === "insert" &&
      op.op === "insert" &&
      op.at === last.at + last.text.length &&
      !alone(op.text) &&
      !alone(last.text) &&
      sameAttributes(last.attributes, op.attributes);
    if (follows) joined[joined.length - 1] = { ...last, text: last.text + op.text };
    else joined.push(op);
  }
  return joined;
}
