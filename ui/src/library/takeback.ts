/** An import is one deed: right after it the window says what came, and offers to take all of it back. */
import type { NovelCard } from "../host/host";
import { t } from "../shared/i18n.svelte";
import type { Seshat } from "../views/seshat.svelte";

const titleOf = (novel: NovelCard) => novel.title || t("novel.untitled");

export function offerUndo(seshat: Seshat, novel: NovelCard): void {
  const offer = { label: t("common.undo"), run: () => takeBack(seshat, novel) };
  seshat.tell(t("import.done", { title: titleOf(novel) }), offer);
}

/** It is gone, and the shelf shows that. */
export async function tellUndone(seshat: Seshat, novel: NovelCard): Promise<void> {
  await seshat.refreshLibrary();
  seshat.tell(t("import.undone", { title: titleOf(novel) }));
}

async function takeBack(seshat: Seshat, novel: NovelCard): Promise<void> {
  const { screen } = seshat;
  if (screen.kind === "write" && screen.novel.binder.novel.id === novel.id) await seshat.openLibrary();
  await seshat.tried(async () => {
    await seshat.host.undoImport(novel.id);
    await tellUndone(seshat, novel);
  });
}
