/** Copies of the invented novel that somebody got, for the register. */
import type { FakeHost } from "../host/fake";

const DAY = 86_400_000;

export function fillCopies(host: FakeHost, novel: string): void {
  const title = "The Lamp at Corvo Head";
  const rows = [
    { recipient: "Ada Lane", kind: "epub" as const, days: 2, mark: "7c1e09ab42" },
    { recipient: "קוראת ראשונה", kind: "pdf" as const, days: 40, mark: "01d4ffe310" },
    {
      recipient: "Everybody of the writing group",
      kind: "manuscript_docx" as const,
      days: 300,
      mark: "9a0055c7d1",
    },
  ];
  host.register.set(
    novel,
    rows.map(({ recipient, kind, days, mark }, index) => ({
      id: `copy-${index}`,
      novel,
      title,
      recipient,
      kind,
      made_ms: Date.now() - days * DAY,
      mark,
    })),
  );
}
