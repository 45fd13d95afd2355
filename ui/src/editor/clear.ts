/**
 * What stays clear in the focus mode: the paragraph with the cursor, its sentence, or the line that is being written.
 * This only says where things are; the style sheet decides whether the rest is dimmed.
 *
 * **Invariants:** nothing is measured outside the focus mode, nor during a composition; a paragraph is cut into
 * sentences once and not again until it changes.
 */
import type { Node } from "prosemirror-model";
import { type EditorState, Plugin, PluginKey } from "prosemirror-state";
import { Decoration, DecorationSet, type EditorView } from "prosemirror-view";
import type { Settings } from "../settings/settings.svelte";
import type { Stretch } from "./flat";
import { lineAt } from "./line";
import "./clear.css";

/** The measured line; null: not measured, so the whole paragraph is clear. */
const key = new PluginKey<Stretch | null>("clear");

export function clear(language: string, settings: Settings): Plugin<Stretch | null> {
  const sentences = sentencesOf(language);
  return new Plugin<Stretch | null>({
    key,
    state: {
      init: () => null,
      apply(transaction, line) {
        const measured = transaction.getMeta(key) as { line: Stretch | null } | undefined;
        if (measured) return measured.line;
        if (!line || !transaction.docChanged) return line;
        const [from, to] = [transaction.mapping.map(line.from, -1), transaction.mapping.map(line.to, 1)];
        return { from, to };
      },
    },
    props: {
      decorations(state) {
        const { $from } = state.selection;
        if ($from.depth === 0) return null;
        const around = Decoration.node($from.before(1), $from.after(1), { class: "here" });
        return DecorationSet.create(state.doc, [around, ...away(state, stretch(state))]);
      },
    },
    view: (view) => follow(view, settings),
  });

  function stretch(state: EditorState): Stretch | null {
    if (settings.clear === "line") return key.getState(state) ?? null;
    return settings.clear === "sentence" ? sentenceAt(state, sentences) : null;
  }
}

/** The rest of the paragraph, before and behind what is clear. */
function away(state: EditorState, clear: Stretch | null): Decoration[] {
  if (!clear) return [];
  const { $from, $to } = state.selection;
  const [start, end] = [$from.start(1), $from.end(1)];
  const from = Math.max(start, Math.min(clear.from, $from.pos));
  const to = Math.min(end, Math.max(clear.to, $to.pos));
  const parts: [number, number][] = [
    [start, from],
    [to, end],
  ];
  return parts.flatMap(([a, b]) => (a < b ? [Decoration.inline(a, b, { class: "away" })] : []));
}

/** Where each sentence of a paragraph begins, counted from the paragraph's beginning. */
type Sentences = (paragraph: Node) => readonly number[];

function sentencesOf(language: string): Sentences {
  const known = new WeakMap<Node, number[]>();
  let segmenter: Intl.Segmenter | null = null;
  return (paragraph) => {
    let starts = known.get(paragraph);
    if (!starts) {
      segmenter ??= segmenterFor(language);
      const text = paragraph.textBetween(0, paragraph.content.size, null, "\ufffc");
      starts = joined(
        text,
        [...segmenter.segment(text)].map(({ index }) => index),
      );
      known.set(paragraph, starts);
    }
    return starts;
  };
}

/** A sentence does not begin in small letters: “Who?” he asked. */
function joined(text: string, starts: readonly number[]): number[] {
  return starts.filter((at) => at === 0 || !/^[\p{P}\s]*\p{Ll}/u.test(text.slice(at, at + 12)));
}

/** A novel may name a language that nobody knows. */
function segmenterFor(language: string): Intl.Segmenter {
  try {
    return new Intl.Segmenter(language, { granularity: "sentence" });
  } catch {
    return new Intl.Segmenter(undefined, { granularity: "sentence" });
  }
}

/** The sentence with the cursor. At the very end of one it is still that one, until the next begins. */
export function sentenceAt(state: EditorState, sentences: Sentences): Stretch {
  const { $head } = state.selection;
  const paragraph = $head.parent;
  const starts = sentences(paragraph);
  const end = paragraph.content.size;
  const at = $head.parentOffset;
  const index = starts.findLastIndex((start) => start <= at && (start < at || start < end || start === 0));
  const from = starts[index] ?? 0;
  return { from: $head.start() + from, to: $head.start() + (starts[index + 1] ?? end) };
}

/** Measures the line after every change, as long as the focus mode wants one. */
function follow(view: EditorView, settings: Settings) {
  let frame = 0;
  const measure = () => {
    frame = 0;
    if (view.isDestroyed || view.composing) return;
    const wanted = settings.clear === "line" && view.dom.closest("[data-dimmed=yes]") !== null;
    const line = wanted ? lineAt(view) : null;
    const known = key.getState(view.state) ?? null;
    const same = line?.from === known?.from && line?.to === known?.to;
    if (!same) view.dispatch(view.state.tr.setMeta(key, { line }).setMeta("addToHistory", false));
  };
  const later = () => {
    if (settings.clear === "line" || key.getState(view.state)) frame ||= requestAnimationFrame(measure);
  };
  const resized = new ResizeObserver(later);
  resized.observe(view.dom);
  return {
    update: later,
    destroy: () => {
      cancelAnimationFrame(frame);
      resized.disconnect();
    },
  };
}

/** The focus mode was turned on or off, or wants something else clear: what is drawn is looked at again. */
export function lookAgain(view: EditorView): void {
  view.dispatch(view.state.tr.setMeta("addToHistory", false));
}
