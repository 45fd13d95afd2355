/** Which panes stand beside the page: by the window's width until the author says otherwise. */

export type Pane = "binder" | "inspector";
type Choice = "auto" | "shown" | "hidden";
export type Place = "column" | "overlay" | "hidden";

const ROOM: Record<Pane, number> = { binder: 860, inspector: 1180 };

export class Panes {
  width = $state(1400);
  #choices = $state<Record<Pane, Choice>>({ binder: "auto", inspector: "auto" });

  place(pane: Pane): Place {
    const roomy = this.width >= ROOM[pane];
    const choice = this.#choices[pane];
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
