/**
 * The text of the open scene: what the window asks of it and does to it, whichever sheet that is.
 *
 * **Invariant:** where no scene is open there is nothing to select, to undo or to split, and nothing happens.
 */
import { canJoin } from "prosemirror-transform";
import type { EditorView } from "prosemirror-view";
import { tick } from "svelte";
import { cutAt, docPosition, endsParagraph } from "./binding";
import type { Stretch } from "./flat";
import { setBlock } from "./plugins";
import type { Block } from "./schema";
import type { Damage, Reason, Sheet } from "./sheet.svelte";

export abstract class OpenText {
  /** The open scene's sheet. */
  abstract get sheet(): Sheet | null;

  /** The editor with the cursor; null while there is none on the page. */
  get view(): EditorView | null {
    return this.sheet?.drawn ? this.sheet.view : null;
  }

  get words(): number {
    return this.sheet?.words ?? 0;
  }

  get block(): string {
    return this.sheet?.block ?? "body";
  }

  get damage(): Damage | null {
    return this.sheet?.damage ?? null;
  }

  /** Only after the page is drawn: an element that is still hidden takes no focus. */
  async focus(): Promise<void> {
    await tick();
    await this.sheet?.focus();
  }

  focusEnd(): void {
    this.sheet?.selectEdge("end");
    this.sheet?.view?.focus();
  }

  /** Selects a stretch of the text and brings it into sight. */
  async show(stretch: Stretch): Promise<void> {
    await tick();
    this.sheet?.select(stretch);
  }

  /** Brings the cursor into sight. */
  bring(): void {
    const sheet = this.sheet;
    if (sheet?.drawn) sheet.dispatch(sheet.state.tr.scrollIntoView());
  }

  /** Selects what a comment is about. */
  async showComment(id: string): Promise<void> {
    await tick();
    this.sheet?.selectComment(id);
    this.sheet?.view?.focus();
  }

  /** What is selected; `from` and `to` are the same where it is only a cursor. */
  get selection(): Stretch | null {
    return this.sheet?.selection ?? null;
  }

  /** Where the cursor cuts the text in two. At the beginning of a paragraph its newline goes with it. */
  get cut(): number | null {
    const sheet = this.sheet;
    return sheet ? cutAt(sheet.doc, sheet.state.selection.from) : null;
  }

  /** Whether a newline stands at this place of the flat text, or its end. */
  startsParagraph(flat: number): boolean {
    const doc = this.sheet?.doc;
    return !doc || flat >= this.length || endsParagraph(doc, docPosition(doc, flat));
  }

  /** Makes one paragraph of the two that meet at this place, as Backspace does. */
  joinAt(flat: number): void {
    const sheet = this.sheet;
    if (!sheet) return;
    const between = docPosition(sheet.doc, flat) + 1;
    if (canJoin(sheet.doc, between)) sheet.dispatch(sheet.state.tr.join(between));
  }

  /** Units of the flat text. */
  get length(): number {
    return this.sheet?.length ?? 0;
  }

  /** Puts text where the cursor is, as if it were typed. */
  type(text: string): void {
    const sheet = this.sheet;
    sheet?.dispatch(sheet.state.tr.insertText(text));
  }

  /** Of the open scene's text. False: there is nothing to take back. */
  undo(): boolean {
    return this.sheet?.undo() ?? false;
  }

  redo(): boolean {
    return this.sheet?.redo() ?? false;
  }

  setBlock(block: Block): void {
    this.sheet?.run(setBlock(block));
    this.sheet?.view?.focus();
  }

  /** The open scene changed elsewhere. */
  async refresh(reason: Reason = "changed"): Promise<void> {
    await this.sheet?.refresh(reason);
  }
}
