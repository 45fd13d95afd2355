/** A backup that the author opened outside of the window, until a form has taken it. The newest one counts. */
import type { Host } from "../host/host";

export class Opened {
  file = $state<string | null>(null);
  readonly #host: Host;
  #running = false;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Waits for files until the returned function is called. */
  start(): () => void {
    this.#running = true;
    void this.#hear();
    return () => {
      this.#running = false;
    };
  }

  take(): string | null {
    const { file } = this;
    this.file = null;
    return file;
  }

  async #hear(): Promise<void> {
    while (this.#running) {
      try {
        this.file = await this.#host.nextFile();
      } catch {
        // Nobody can be heard from any more; a file can be chosen in the form as well.
        return;
      }
    }
  }
}
