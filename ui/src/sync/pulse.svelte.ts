/**
 * What the program behind the window last said about itself: vault, disk and network. One long question at a time.
 *
 * Listeners hear of changed scenes and novels once. A question that fails is asked again a moment later; until then
 * the last answer stands.
 */
import { type Host, SILENT, type Status } from "../host/host";
import { told, toldOrNull } from "../shared/told";

type Listener = (status: Status) => void;

export class Pulse {
  status = $state.raw<Status>(SILENT);
  /**
   * Now, for "Saved 2 s ago": to the second for ten seconds after a write, then to ten seconds. Painting the footer
   * every second was measured to cost 1.5 % of a core in a window where nothing happens, and a clock that wakes up for
   * nothing is not free either.
   */
  now = $state(Date.now());
  readonly #host: Host;
  readonly #listeners = new Set<Listener>();
  #running = false;
  #clock: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Asks until the returned function is called. */
  start(): () => void {
    this.#running = true;
    this.#tick();
    void this.#ask();
    return () => {
      this.#running = false;
      clearTimeout(this.#clock);
    };
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** At once, after something that the author did and wants to see. */
  async look(): Promise<void> {
    this.#hear(await this.#host.status(this.status.revision));
  }

  /** The vault was locked: no sentence about anything in it stays. The numbers go on. */
  forget(): void {
    const said = {
      message: null,
      notice: null,
      alarms: [],
      joins: 0,
      merges: 0,
      backup: null,
      changed_scenes: [],
      changed_novels: [],
    };
    const sync = { ...SILENT.sync, mode: this.status.sync.mode };
    this.status = { ...this.status, ...said, sync, vault: "locked" };
  }

  #tick(): void {
    clearTimeout(this.#clock);
    this.now = Date.now();
    const { saved_at } = this.status;
    const fresh = saved_at !== null && this.now - saved_at < 10_000;
    this.#clock = setTimeout(() => this.#tick(), fresh ? 1000 : 10_000);
  }

  async #ask(): Promise<void> {
    let first = true;
    while (this.#running) {
      try {
        const since = this.status.revision;
        this.#hear(await (first ? this.#host.status(since) : this.#host.nextStatus(since)));
        first = false;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
    }
  }

  #hear(status: Status): void {
    if (status.revision < this.status.revision) return;
    this.status = inOurWords(status);
    if (this.#running) this.#tick();
    else this.now = Date.now();
    for (const listener of this.#listeners) listener(status);
  }
}

/** With every sentence in the window's language. */
function inOurWords(status: Status): Status {
  const { sync } = status;
  return {
    ...status,
    save_failure: toldOrNull(status.save_failure),
    message: toldOrNull(status.message),
    notice: toldOrNull(status.notice),
    backup: toldOrNull(status.backup),
    alarms: status.alarms.map((alarm) => ({ ...alarm, message: told(alarm.message) })),
    sync: {
      ...sync,
      headline: told(sync.headline),
      held: sync.held && { ...sync.held, message: told(sync.held.message) },
    },
  };
}
