/** The clipboard: what comes in of Word, Google Docs, a web page and hostile HTML, and what goes out. */
import { undo } from "prosemirror-history";
import { EditorState, TextSelection } from "prosemirror-state";
import { EditorView } from "prosemirror-view";
import { afterEach, describe, expect, test } from "vitest";
import { Chance } from "../dev/random";
import type { Run } from "../host/host";
import { Settings } from "../settings/settings.svelte";
import { docFromRuns, runsFromDoc } from "./binding";
import { clipboard, LEFT_OUT, read, textOf } from "./paste";
import { readDocument } from "./paste-html";
import { pluginsFor } from "./plugins";
import { schema } from "./schema";

let view: EditorView | null = null;
afterEach(() => {
  view?.destroy();
  view = null;
});

/** What the editors of the tests' novel share. */
let copies = clipboard();

function open(...runs: Run[]): EditorView {
  const place = document.createElement("div");
  document.body.append(place);
  const doc = docFromRuns(runs.length === 0 ? [{ text: "\n", attributes: {} }] : runs);
  const plugins = pluginsFor({ language: "en", settings: new Settings(), copies });
  view = new EditorView(place, { state: EditorState.create({ doc, plugins }) });
  const end = TextSelection.atEnd(view.state.doc);
  view.dispatch(view.state.tr.setSelection(end));
  return view;
}

/** Each paragraph with its block in front, marks in brackets with their first letters. */
function shown(doc = view?.state.doc ?? schema.node("doc")): string[] {
  const lines: string[] = [];
  doc.forEach((node) => {
    let line = "";
    node.forEach((piece) => {
      const marks = piece.marks.map((mark) => mark.type.name.slice(0, 3)).join("+");
      const text = piece.isText ? piece.text : piece.type.name === "break" ? "⏎" : "◇";
      line += marks === "" ? text : `[${marks} ${text}]`;
    });
    const { block, align } = node.attrs;
    lines.push(`${block === "body" ? "" : `${block}: `}${align ? `(${align}) ` : ""}${line}`);
  });
  return lines;
}

const pasted = (html: string) => {
  open().pasteHTML(html);
  view?.state.doc.check();
  return shown();
};

const WORD = `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word"><head><meta name=Generator content="Microsoft Word 15">
<link rel=File-List href="file:///C:/temp/msohtmlclip1/01/clip_filelist.xml">
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Normal</w:View></w:WordDocument></xml><![endif]-->
<style><!-- p.MsoNormal {margin:0cm; font-size:12.0pt;} @page WordSection1 {size:612.0pt 792.0pt;} --></style></head>
<body lang=EN-GB style='tab-interval:36.0pt'><!--StartFragment-->
<h1 style='mso-margin-top-alt:auto'><span lang=EN-GB>Chapter
One<o:p></o:p></span></h1>
<p class=MsoNormal style='text-align:justify;text-indent:21.3pt'><span lang=EN-GB style='font-family:"Garamond",serif;mso-bidi-font-weight:bold'>She
had <i style='mso-bidi-font-style:normal'>never</i> seen <b>it</b>, <u>nor</u> <s>wanted</s> <span style='font-variant:small-caps'>Rome</span>.<a
style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1" title=""><span class=MsoFootnoteReference><sup>[1]</sup></span></a><o:p></o:p></span></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraph style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span><![endif]>An item<o:p></o:p></p>
<p class=MsoNormal align=center style='text-align:center'>* * *</p>
<p class=MsoQuote>As he said</p>
<!--[if gte vml 1]><v:shape><v:imagedata src="file:///C:/temp/clip_image001.png"/></v:shape><![endif]-->
<p class=MsoNormal><![if !vml]><img width=602 height=338 src="file:///C:/temp/clip_image002.jpg"><![endif]></p>
<p class=MsoNormal><span style='mso-hide:all;display:none'>secret</span>See <a href="https://example.org/a">there</a>.</p>
<div style='mso-element:footnote-list'><hr align=left size=1 width="33%">
<div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText>A note.</p></div></div>
<!--EndFragment--></body></html>`;

const GOOGLE = `<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-7f">
<p dir="ltr" style="line-height:1.38;margin-top:0pt;"><span style="font-size:11pt;font-weight:400;font-style:normal;text-decoration:none;vertical-align:baseline;white-space:pre-wrap;">Plain and </span><span style="font-weight:700;font-style:italic;white-space:pre-wrap;">both</span><span style="text-decoration:underline;white-space:pre-wrap;"> under</span><span style="text-decoration:line-through;"> struck</span><span style="font-size:0.6em;vertical-align:super;">2</span></p><br />
<h2 dir="ltr"><span style="font-weight:400">A heading</span></h2>
<p dir="ltr" style="text-align: center;"><a href="https://example.org/" style="text-decoration:none;"><span style="text-decoration:underline;color:#1155cc;">a link</span></a></p>
<ul><li dir="ltr" aria-level="1"><p dir="ltr" role="presentation"><span>one</span></p></li><li><p><span>two</span></p></li></ul>
<table><tbody><tr><td><p><span>a1</span></p></td><td><p><span>b1</span></p></td></tr><tr><td><p><span>a2</span></p></td></tr></tbody></table></b><br class="Apple-interchange-newline">`;

const LIBRE = `<!DOCTYPE html><html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"/><title></title>
<style type="text/css">@page { size: 21cm 29.7cm } p { line-height: 115% }</style></head><body lang="fr-FR" link="#000080" dir="ltr">
<p style="line-height: 100%"><font face="Liberation Serif"><font size="3" style="font-size: 12pt"><i>Elle</i> dit&nbsp;:
«&#8239;oui&#8239;»<br/>
puis</font></font></p><p align="right"><span style="font-variant: small-caps">Corvo</span></p></body></html>`;

describe("pasted text", () => {
  test("from Word keeps its words and marks, and nothing of Word", () => {
    expect(pasted(WORD)).toEqual([
      "heading: Chapter One",
      "She had [emp never] seen [str it], [und nor] [str wanted] [sma Rome].[sup [1]]",
      "An item",
      "break: ",
      "quote: As he said",
      "See [lin there].",
      "A note.",
    ]);
  });

  test("from Google Docs is not bold for being inside a bold that is none", () => {
    expect(pasted(GOOGLE)).toEqual([
      "Plain and [emp+str both][und  under][str  struck][sup 2]",
      "heading: A heading",
      "(center) [lin a link]",
      "one",
      "two",
      "a1",
      "b1",
      "a2",
    ]);
  });

  test("from LibreOffice keeps the spaces of French and a line break inside a paragraph", () => {
    expect(pasted(LIBRE)).toEqual(["[emp Elle] dit\u00a0: «\u202foui\u202f»⏎puis", "(right) [sma Corvo]"]);
  });

  test.each([
    ["<p>one</p>\n\n<p>two</p>", ["one", "two"]],
    ["one<br>two<br><br>three<br>", ["one⏎two", "three"]],
    ["<div>one<div>two</div>three</div>", ["one", "two", "three"]],
    ["  <p>  one\n  <b> two</b>  three </p>", ["one [str two] three"]],
    ["<pre>one\n\ntwo</pre>", ["one", "two"]],
    ["<blockquote>one<p>two</p></blockquote>", ["quote: one", "quote: two"]],
    ["one<hr><hr>two", ["one", "break: ", "two"]],
    ["<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字", ["[rub 漢]字"]],
    ["<span class='Apple-converted-space'>&nbsp;</span>one", ["one"]],
    ["a<script>b</script><style>c</style><textarea>d</textarea>e", ["ae"]],
    ["<a href='javascript:alert(1)'>one</a> <a href='//evil'>two</a>", ["one two"]],
    ["<a href=' https://example.org '>one</a>", ["[lin one]"]],
    ["<p data-block=verse>one</p>", ["verse: one"]],
    ["<p data-block=evil>one</p>", ["one"]],
    ["<span lang=fr>one</span>", ["one"]],
    ["<p>\ufffc\u0000one\ud800</p>", ["one\ufffd"]],
  ])("%s", (html, expected) => expect(pasted(html)).toEqual(expected));

  test("that is plain becomes paragraphs, and Markdown stays as it is", () => {
    open().pasteText("one\r\n\r\n\n_two_ # x\n* * *\nthree");
    expect(shown()).toEqual(["one", "_two_ # x", "break: ", "three"]);
  });

  test("in a line melts into the line, with its spaces", () => {
    const at = open({ text: "\nab", attributes: {} });
    at.dispatch(at.state.tr.setSelection(TextSelection.create(at.state.doc, 2)));
    at.pasteText(" x ");
    expect(shown()).toEqual(["a x b"]);
    at.pasteHTML("<b>y</b>");
    expect(shown()).toEqual(["a x [str y]b"]);
  });

  test("that begins with a heading does not make one of the line it is put into", () => {
    const at = open({ text: "\nab", attributes: {} });
    at.dispatch(at.state.tr.setSelection(TextSelection.create(at.state.doc, 2)));
    at.pasteHTML("<h1>x</h1><p>y</p>");
    expect(shown()).toEqual(["a", "heading: x", "yb"]);
  });

  test("is taken back alone, however fast it came after a key", () => {
    const at = open();
    at.dispatch(at.state.tr.insertText("typed "));
    at.pasteHTML("<p>one</p><p>two</p>");
    undo(at.state, at.dispatch);
    expect(shown()).toEqual(["typed "]);
  });

  test("goes our way or not at all: the browser's own is refused even where ours fails", () => {
    const at = open();
    const paste = (html: string, text = "", init: KeyboardEventInit = {}) => {
      at.dom.dispatchEvent(new KeyboardEvent("keydown", { key: "v", ctrlKey: true, bubbles: true, ...init }));
      const data = new DataTransfer();
      if (html !== "") data.setData("text/html", html);
      if (text !== "") data.setData("text/plain", text);
      const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      try {
        at.dom.dispatchEvent(event);
      } catch (thrown) {
        expect(String(thrown)).toContain("broken");
      }
      return event.defaultPrevented;
    };
    expect(paste("<b>one</b>", "one")).toBe(true);
    expect(paste("<b> two</b>", " two", { shiftKey: true })).toBe(true);
    expect(paste("", " three")).toBe(true);
    expect(shown()).toEqual(["[str one two three]"]);
    at.setProps({
      transformPasted: () => {
        throw new Error("broken");
      },
    });
    expect(paste("<b>four</b>")).toBe(true);
    const native = new InputEvent("beforeinput", {
      inputType: "insertFromDrop",
      bubbles: true,
      cancelable: true,
    });
    at.dom.dispatchEvent(native);
    expect([native.defaultPrevented, shown()]).toEqual([true, ["[str one two three]"]]);
  });

  test("without anything to put in leaves what is selected", () => {
    const at = open({ text: "\nstays", attributes: {} });
    at.dispatch(at.state.tr.setSelection(TextSelection.create(at.state.doc, 1, 6)));
    at.pasteHTML("<img src='https://example.org/a.png'><script>x</script>");
    expect(shown()).toEqual(["stays"]);
  });

  test("tells of pictures that were left out, and of no invisible ones", () => {
    const at = open();
    const told: number[] = [];
    at.dom.addEventListener(LEFT_OUT, (event) => told.push((event as CustomEvent).detail));
    at.pasteHTML("a<img src=x width=20>b<img src=y>c<img width=1 height=1 src=z>");
    at.pasteHTML("no picture");
    at.pasteText("none");
    expect([told, shown()]).toEqual([[2], ["abcno picturenone"]]);
  });
});

const RUNS: Run[] = [
  { text: "\n", attributes: { block: "heading" } },
  { text: "Title", attributes: {} },
  { text: "\n", attributes: {} },
  { text: "plain ", attributes: {} },
  { text: "all ", attributes: { emphasis: true, strong: true, underline: true, strike: true } },
  { text: "caps", attributes: { smallcaps: true } },
  { text: "2", attributes: { superscript: true } },
  { text: "link", attributes: { link: "https://example.org/" } },
  { text: "mot", attributes: { language: "fr" } },
  { text: "漢", attributes: { ruby: "かん" } },
  { text: "\ufffc", attributes: { atom: { kind: "footnote", id: "n1" } } },
  { text: "\ufffc", attributes: { atom: { kind: "map", scale: 2 } } },
  { text: "\n", attributes: { block: "quote", align: "right" } },
  { text: "said", attributes: {} },
  { text: "\n", attributes: { block: "break" } },
  { text: "\n", attributes: { block: "verse" } },
  { text: "  a line", attributes: {} },
  { text: "\n", attributes: {} },
];

describe("copied text", () => {
  const copy = () => {
    const at = open(...RUNS);
    const { doc } = at.state;
    return at.serializeForClipboard(doc.slice(0, doc.content.size));
  };

  test("comes back as it was, whatever HTML cannot say", () => {
    const { dom } = copy();
    const at = view as EditorView;
    at.dispatch(at.state.tr.delete(0, at.state.doc.content.size));
    at.pasteHTML(dom.innerHTML);
    const back = runsFromDoc(at.state.doc);
    expect(back.slice(0, RUNS.length)).toEqual(RUNS);
  });

  test("comes back as it was in another scene of the novel, and in another novel without what is not there", () => {
    const html = copy().dom.innerHTML;
    view?.destroy();
    const scene = open();
    scene.pasteHTML(html);
    expect(runsFromDoc(scene.state.doc)).toContainEqual(RUNS[11]);
    view?.destroy();
    copies = clipboard();
    const novel = open();
    novel.pasteHTML(html);
    const text = novel.state.doc.textBetween(0, novel.state.doc.content.size, "", "\ufffc");
    expect([text.includes("\ufffc"), text.includes("caps2link")]).toEqual([false, true]);
  });

  test("is plain HTML for others, with real links, headings and quotations", () => {
    const html = copy().dom.innerHTML;
    for (const part of [
      "<h2 ",
      '<a href="https://example.org/">link</a>',
      "<blockquote><p",
      "<hr",
      "<rt>かん</rt>",
      'style="font-variant-caps: small-caps',
    ])
      expect(html).toContain(part);
    expect(html).not.toContain("remark");
  });

  test("in another window keeps what HTML can say", () => {
    const html = copy().dom.innerHTML;
    copies = clipboard();
    const lines = pasted(html);
    expect(lines[0]).toBe("heading: Title");
    expect(lines[1]).toContain("[sma caps][sup 2][lin link]");
    expect(lines).toContain("quote: (right) said");
    expect(lines.slice(-3)).toEqual(["break: ", "verse:   a line", ""]);
  });

  test("is one line a paragraph as plain text", () => {
    const { doc } = open(...RUNS).state;
    expect(textOf(doc.content)).toBe("Title\nplain all caps2linkmot漢\nsaid\n***\n  a line\n");
  });
});

/** Pieces that break careless readers. `%` is replaced by a number, so that order can be seen. */
const HOSTILE = [
  "word%",
  " w% ",
  "<p>p%",
  "</p>",
  "<b>",
  "</i></b>",
  "<i style='font-style:normal'>",
  "<table><tr><td>t%",
  "</table>",
  "<script>alert(%)</script>",
  "<script>",
  "</script>",
  "<img src=x onerror=alert(1)>",
  "<svg onload=alert(1)><foreignObject><p>s%</p></foreignObject></svg>",
  "<iframe srcdoc='<p>x'></iframe>",
  "<a href=javascript:alert(1)>j%</a>",
  "<a href='data:text/html,x'>d%</a>",
  "<a href='https://e.example/%'>l%</a>",
  "<div style=\"background:url('https://e.example/%')\">u%",
  '<p data-pm-slice=\'9 9 ["paragraph",{"block":{}}]\'>q%',
  "<p data-block='__proto__' data-align='constructor'>r%",
  "<sup data-footnote='n1'>*</sup>",
  "<template><p>x</template>",
  "<math><mtext><style>x</style></mtext></math>",
  "<!--",
  "-->",
  "<![CDATA[x]]>",
  "&#0;&#xd800;&#xfffc;",
  "<o:p></o:p>",
  "<ruby>k%<rt>r</rt>",
  "<pre>\n a%\n\n b%",
  "<br><br>",
  "<hr>",
  "<span style='font-weight:;;:::bold;-'>",
  "<form><input value=x><select><option>x",
  "<base href='https://e.example/'>",
  "<meta http-equiv=refresh content='0;url=https://e.example/'>",
  "<plaintext-not>",
  "<h1><h2>h%",
  "<li>i%",
  "\"'<>&",
];

const numbersIn = (text: string) => [...text.matchAll(/[a-z]+(\d+);/g)].map((found) => Number(found[1]));

/** The text that a reader of the page would see, in the order of the page as the parser understood it. */
function readable(html: string): string {
  const unread = new Set(["SCRIPT", "STYLE", "TEMPLATE", "SELECT", "SVG", "MATH", "IFRAME", "RT"]);
  const texts: string[] = [];
  const nodes = [new DOMParser().parseFromString(html, "text/html").body as ChildNode];
  for (let node = nodes.pop(); node; node = nodes.pop()) {
    if (node.nodeType === Node.TEXT_NODE) texts.push(node.nodeValue ?? "");
    else if (node.nodeType === Node.ELEMENT_NODE && !unread.has(node.nodeName.toUpperCase()))
      nodes.push(...[...node.childNodes].reverse());
  }
  return texts.join("");
}

describe("hostile HTML", () => {
  test("never throws, brings in nothing but text of ours, and keeps the words in their order", () => {
    const at = open();
    for (let seed = 1; seed <= 100; seed += 1) {
      const chance = new Chance(seed);
      let n = 0;
      const html = Array.from({ length: 1 + chance.below(40) }, () => chance.one(HOSTILE))
        .join("")
        .replace(/%/g, () => {
          n += 1;
          return `${n};`;
        });
      const { slice } = read(html);
      const doc = schema.node("doc", null, slice.size > 0 ? slice.content : [schema.node("paragraph")]);
      doc.check();
      doc.descendants((node) => {
        expect(["paragraph", "text", "break"], `seed ${seed}`).toContain(node.type.name);
        for (const mark of node.marks)
          if (mark.type.name === "link") expect(mark.attrs.href).toMatch(/^https:\/\/e\.example\//);
        return true;
      });
      expect(numbersIn(doc.textContent), `seed ${seed}`).toEqual(numbersIn(readable(html)));
      at.pasteHTML(html);
      at.state.doc.check();
      at.dispatch(at.state.tr.delete(0, at.state.doc.content.size));
    }
  }, 30_000);

  test("ten thousand levels deep is read to the bottom", () => {
    const root = document.implementation.createHTMLDocument("");
    let inner: Element = root.body;
    for (let level = 0; level < 10_000; level += 1) {
      const next = root.createElement(["div", "b", "blockquote"][level % 3] as string);
      inner.append(next);
      inner = next;
    }
    inner.textContent = "bottom";
    expect(readDocument(root, null).paragraphs.map(({ pieces }) => pieces[0]?.text)).toEqual(["bottom"]);
  });
});
