/** What came into the open novel from other laptops and was not put away yet. */
import type { Host, MergeReport } from "../host/host";

export class Merges {
  reports = $state.raw<MergeReport[]>([]);
  readonly #host: Host;
  readonly #novel: string;
  #known = 0;
  #forgotten = false;

  constructor(host: Host, novel: string) {
    this.#host = host;
    this.#novel = novel;
  }

  /** Scenes in all reports. */
  get count(): number {
    return this.reports.reduce((sum, report) => sum + report.scenes.length, 0);
  }

  /** The status counts those of every novel: when that number changes, ours are asked for. */
  async heard(all: number): Promise<void> {
    if (all === this.#known) return;
    this.#known = all;
    await this.load();
  }

  async load(): Promise<void> {
    const reports = await this.#host.merges(this.#novel);
    if (!this.#forgotten) this.reports = reports;
  }

  async dismiss(): Promise<void> {
    await this.#host.dismissMerges(this.#novel);
    await this.load();
  }

  forget(): void {
    this.#forgotten = true;
    this.reports = [];
  }
}
