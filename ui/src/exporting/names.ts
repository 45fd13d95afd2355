/** What presets are called. Those that came with Seshat are named in the language of the window. */
import type { ExportPreset } from "../host/host";
import { type MessageKey, t } from "../shared/i18n.svelte";

const OURS: Readonly<Record<string, MessageKey>> = {
  "builtin-manuscript": "export.preset.manuscript",
  "builtin-ebook": "export.preset.ebook",
  "builtin-print": "export.preset.print",
  "builtin-word": "export.preset.word",
  "builtin-plain": "export.preset.plain",
};

export const isOurs = ({ id }: { id: string }): boolean => id.startsWith("builtin-");

export function nameOf({ id, name }: Pick<ExportPreset, "id" | "name">): string {
  const ours = OURS[id];
  return ours === undefined ? name : t(ours);
}
