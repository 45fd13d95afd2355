/** Which panes stand beside the page: by the window's width until the author says otherwise. */

import type { View } from "./novel.svelte";

export type Pane = "binder" | "inspector";
type Choice = "auto" | "shown" | "hidden";
export type Place = "column" | "overlay" | "hidden";

/** How wide the window has to be. In the history what stands at the end is its list, which always stays. */
const ROOM: Record<View, Record<Pane, number>> = {
  write: { binder: 860, inspector: 1180 },
  history: { binder: 1100, inspector: 0 },
};

export class Panes {
  width = $state(1400);
  view = $state<View>("write");
  #choices = $state<Record<Pane, Choice>>({ binder: "auto", inspector: "auto" });

  place(pane: Pane): Place {
    const roomy = this.width >= ROOM[this.view][pane];
    const choice = this.#choices[pane];
    if (this.view === "history" && pane === "inspector") return "column";
    if (choice === "hidden" || (choice === "auto" && !roomy)) return "hidden";
    return roomy ? "column" : "overlay";
  }

  toggle(pane: Pane): void {
    this.#choices[pane] = this.place(pane) === "hidden" ? "shown" : "hidden";
  }

  /** What lies over the page goes away when its work is done; columns stay. */
  dismiss(): void {
    for (const pane of ["binder", "inspector"] as const) {
      if (this.place(pane) === "overlay") this.#choices[pane] = "auto";
    }
  }
}
