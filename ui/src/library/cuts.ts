/**
 * What may be chosen about how a document is cut: one row for each kind of sign that stands in it, and for none that
 * does not.
 */
import type { ImportSigns, ShapingChoice } from "../host/host";
import { t } from "../shared/i18n.svelte";

export type Cut = {
  /** Names the row among the others. */
  id: string;
  /** What stands in the document. */
  sign: string;
  /** How often; null where that is not counted. */
  count: number | null;
  /** What it may become, and what it becomes now. */
  options: readonly { value: string; label: string }[];
  value: string;
  /** The choices when it becomes `value`. */
  as(value: string): Partial<ShapingChoice>;
};

/** Whatever a sign can become. */
type As =
  | (typeof ROLES)[number]
  | "folders"
  | "texts"
  | "both"
  | "text"
  | "break"
  | "nothing"
  | "kept"
  | "space";

const ROLES = ["title", "part", "chapter", "scene"] as const;
type Role = (typeof ROLES)[number];
const levelOf = (role: Role) => `${role}_level` as const;

/** How many empty lines one behind the other may be asked for. */
export const MOST_BLANKS = 9;

export function cutsOf(choice: ShapingChoice, signs: ImportSigns): Cut[] {
  const headings = signs.levels.map((level) => heading(choice, level));
  const rest = [
    tree(choice),
    lines(choice, signs),
    ...flags(choice, signs),
    ...breaks(choice, signs),
    blanks(choice, signs),
  ];
  const there = (cut: Cut) => (cut.id === "tree" ? signs.tree : (cut.count ?? 0) > 0);
  return [...headings, ...rest.filter(there)];
}

/** One level is one thing: what another level was is taken from it. */
function heading(choice: ShapingChoice, level: number): Cut {
  const role = ROLES.find((one) => choice[levelOf(one)] === level);
  return {
    id: `level-${level}`,
    sign: t("import.cut.level", { level: String(level) }),
    count: null,
    options: [...ROLES.map((one) => option(one)), option("text")],
    value: role ?? "text",
    as: (value) => {
      const change: Partial<ShapingChoice> = {};
      if (role) change[levelOf(role)] = null;
      const wanted = ROLES.find((one) => one === value);
      if (wanted) change[levelOf(wanted)] = level;
      return change;
    },
  };
}

function tree(choice: ShapingChoice): Cut {
  return {
    id: "tree",
    sign: t("import.cut.tree"),
    count: null,
    options: [option("folders"), option("texts")],
    value: choice.items === "texts_are_chapters" ? "texts" : "folders",
    as: (value) => ({ items: value === "texts" ? "texts_are_chapters" : "by_folders" }),
  };
}

function lines(choice: ShapingChoice, { lines: count }: ImportSigns): Cut {
  const values = { both: "chapters_and_parts", chapter: "chapters", text: "none" } as const;
  const names = ["both", "chapter", "text"] as const;
  return {
    id: "lines",
    sign: t("import.cut.lines"),
    count,
    options: names.map((name) => option(name)),
    value: names.find((name) => values[name] === choice.lines) ?? "text",
    as: (value) => ({ lines: values[names.find((name) => name === value) ?? "text"] }),
  };
}

/** Signs that are read as such or left as what they are. */
function flags(choice: ShapingChoice, signs: ImportSigns): Cut[] {
  const flag = (id: "numbers" | "ornaments" | "rules", yes: As, no: As): Cut => ({
    id,
    sign: t(`import.cut.${id}`),
    count: signs[id],
    options: [option(yes), option(no)],
    value: choice[id] ? yes : no,
    as: (value) => ({ [id]: value === yes }),
  });
  return [
    flag("numbers", "chapter", "text"),
    flag("ornaments", "scene", "text"),
    flag("rules", "scene", "break"),
  ];
}

function breaks(choice: ShapingChoice, signs: ImportSigns): Cut[] {
  const names = ["chapter", "scene", "nothing"] as const;
  return (["pages", "sections", "files"] as const).map((id) => ({
    id,
    sign: t(`import.cut.${id}`),
    count: signs[id],
    options: names.map((name) => option(name)),
    value: choice[id],
    as: (value) => ({ [id]: names.find((name) => name === value) ?? "nothing" }),
  }));
}

function blanks(choice: ShapingChoice, { blanks: count }: ImportSigns): Cut {
  const names = ["scene", "kept", "space"] as const;
  return {
    id: "blanks",
    sign: t("import.cut.blanks"),
    count,
    options: names.map((name) => option(name)),
    value: choice.blanks,
    as: (value) => ({ blanks: names.find((name) => name === value) ?? "space" }),
  };
}

const option = (value: As) => ({ value, label: t(`import.cut.as.${value}`) });
