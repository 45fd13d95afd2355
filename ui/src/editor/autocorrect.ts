/**
 * Slips of the fingers that nobody means, mended when the word is over.
 *
 * **Invariants:** only what can be no word of the language is in the lists, and no word gets a capital that the author
 * did not type: a novel may begin a sentence as it likes.
 */

/** `slip:word`, with spaces between; `_` stands for a space inside a word. */
const LISTS: Readonly<Record<string, string>> = {
  en: `teh:the hte:the adn:and taht:that thta:that thsi:this tihs:this waht:what hwat:what wiht:with wtih:with
    whcih:which wich:which wehn:when becuase:because becasue:because beacuse:because thier:their freind:friend
    freinds:friends beleive:believe beleived:believed recieve:receive recieved:received acheive:achieve wierd:weird
    wierdly:weirdly seperate:separate seperately:separately definately:definitely occured:occurred untill:until
    tommorow:tomorrow tommorrow:tomorrow tomorow:tomorrow begining:beginning suprise:surprise suprised:surprised
    knwo:know konw:know liek:like jsut:just sicne:since peopel:people agian:again alot:a_lot abotu:about cna:can
    dont:don’t doesnt:doesn’t didnt:didn’t isnt:isn’t wasnt:wasn’t werent:weren’t arent:aren’t couldnt:couldn’t
    wouldnt:wouldn’t shouldnt:shouldn’t hasnt:hasn’t hadnt:hadn’t havent:haven’t theyre:they’re youre:you’re`,
  fr: `qeu:que uqe:que dnas:dans avce:avec aevc:avec puor:pour parceque:parce_que ausssi:aussi aors:alors
    apres:après tres:très deja:déjà etait:était etaient:étaient etre:être peut-etre:peut-être
    bientot:bientôt plutot:plutôt aussitot:aussitôt coeur:cœur coeurs:cœurs soeur:sœur soeurs:sœurs oeil:œil
    oeuvre:œuvre oeuvres:œuvres oeuf:œuf oeufs:œufs boeuf:bœuf noeud:nœud noeuds:nœuds voeu:vœu voeux:vœux moeurs:mœurs
    aujourdhui:aujourd’hui quelquun:quelqu’un jusqua:jusqu’à malgrés:malgré parmis:parmi`,
  de: `udn:und nud:und dsa:das acuh:auch auhc:auch nciht:nicht nihct:nicht sihc:sich shcon:schon scohn:schon
    aslo:also eien:eine vieleicht:vielleicht villeicht:vielleicht warscheinlich:wahrscheinlich
    standart:Standard agressiv:aggressiv garnicht:gar_nicht garkein:gar_kein nähmlich:nämlich
    zumindestens:zumindest wiederspiegeln:widerspiegeln`,
  es: `qeu:que uqe:que poruqe:porque porqeu:porque tambien:también aqui:aquí despues:después dias:días estan:están
    habia:había habian:habían ningun:ningún algun:algún detras:detrás ademas:además corazon:corazón razon:razón
    jardin:jardín todavia:todavía asi:así ahi:ahí alli:allí quizas:quizás`,
  it: `chè:ché perchè:perché poichè:poiché benchè:benché finchè:finché affinchè:affinché anzichè:anziché nè:né sè:sé
    pò:po’ puo:può cioe:cioè anhce:anche nno:non qunado:quando`,
  pt: `nao:não entao:então tambem:também atras:atrás alem:além ninguem:ninguém alguem:alguém coracao:coração
    voces:vocês qeu:que`,
  nl: `neit:niet hte:het dta:dat mischien:misschien misshcien:misschien nogsteeds:nog_steeds zcih:zich
    wnat:want`,
  pl: `wogóle:w_ogóle napewno:na_pewno narazie:na_razie wziąść:wziąć włanczać:włączać wyłanczać:wyłączać poprostu:po_prostu`,
  ru: `вообщем:в_общем вобщем:в_общем незнаю:не_знаю зделать:сделать следущий:следующий будующий:будущий
    извените:извините прийдти:прийти`,
  sv: `dte:det ohc:och ochs:och någotn:något`,
};

/** Slips whose word differs in its capital alone, or that are words after all, would do nothing but harm. */
function listFor(language: string): ReadonlyMap<string, string> {
  const pairs = (LISTS[language] ?? "").split(/\s+/).filter(Boolean);
  return new Map(
    pairs
      .map((pair) => pair.split(":") as [string, string])
      .map(([slip, word]): [string, string] => [slip, word.replaceAll("_", " ")])
      .filter(([slip, word]) => slip !== word),
  );
}

const known = new Map<string, ReadonlyMap<string, string>>();

function slips(tag: string): ReadonlyMap<string, string> {
  const language = tag.toLowerCase().split(/[-_]/)[0] ?? "";
  const list = known.get(language) ?? listFor(language);
  known.set(language, list);
  return list;
}

/** The word that ends here. Not one that an address, a number or another alphabet is part of. */
const WORD = /(?:^|[^\p{L}\p{M}\p{N}_@/.\\'’‘&#-])(\p{L}[\p{L}\p{M}-]*)$/u;

/** The word that ends here and what it should have been; null: it is well, or nobody can be sure. */
export function slipAt(before: string, tag: string): { word: string; text: string } | null {
  const word = before.match(WORD)?.[1];
  if (word === undefined || word.length < 2) return null;
  const meant = slips(tag).get(word.toLowerCase());
  const text = meant === undefined ? twoCapitals(word, tag) : likeTyped(word, meant);
  return text === null || text === word ? null : { word, text };
}

const upper = (text: string) => text === text.toUpperCase() && text !== text.toLowerCase();

function likeTyped(word: string, meant: string): string | null {
  if (word.length > 2 && upper(word)) return meant.toUpperCase();
  if (word === word.toLowerCase()) return meant;
  const [first, rest] = [word[0] ?? "", word.slice(1)];
  return upper(first) && rest === rest.toLowerCase() ? meant[0]?.toUpperCase() + meant.slice(1) : null;
}

/** THe becomes The. MPs, OKed and the Dutch IJsland stay. */
function twoCapitals(word: string, tag: string): string | null {
  const parts = word.match(/^(\p{Lu})(\p{Lu})(\p{Ll}+)$/u);
  if (!parts) return null;
  const [, first = "", second = "", rest = ""] = parts;
  if (/^(s|ed|er|ing|ish)$/.test(rest) || /^ij/i.test(word) || tag.toLowerCase().startsWith("cy"))
    return null;
  return first + second.toLowerCase() + rest;
}
