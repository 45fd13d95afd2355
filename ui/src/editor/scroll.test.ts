import { afterEach, describe, expect, test, vi } from "vitest";
import { MOST, Scroll } from "./scroll";

/** A window of 800 over leaves that stand one under the other, none of which the tests' document would measure. */
function paper(heights: number[], drawn: (at: number) => boolean = () => true) {
  const main = document.createElement("main");
  document.body.append(main);
  const state = { scroll: 0 };
  const rect = (top: number, height: number) => ({ top, height, bottom: top + height }) as DOMRect;
  Object.defineProperty(main, "scrollTop", {
    get: () => state.scroll,
    set: (top: number) => {
      state.scroll = top;
    },
  });
  main.getBoundingClientRect = () => rect(40, 800);
  heights.forEach((_, at) => {
    const leaf = document.createElement("div");
    leaf.dataset.leaf = String(at);
    if (drawn(at)) leaf.innerHTML = '<div class="ProseMirror"></div>';
    const above = () => heights.slice(0, at).reduce((sum, one) => sum + one, 0);
    leaf.getBoundingClientRect = () => rect(40 + above() - state.scroll, heights[at] ?? 0);
    Object.defineProperty(leaf, "offsetHeight", { get: () => heights[at] });
    main.append(leaf);
  });
  let asked: string[] = [];
  vi.stubGlobal("requestAnimationFrame", (work: () => void) => {
    work();
    return 0;
  });
  const scroll = new Scroll(main, (scenes) => {
    asked = scenes;
  });
  const to = (top: number) => {
    state.scroll = top;
    scroll.look();
  };
  return { main, heights, state, scroll, to, asked: () => asked };
}

afterEach(() => vi.unstubAllGlobals());

const book = () => Array.from({ length: 40 }, () => 1000);

describe("the paper under the window", () => {
  test("asks for what is in sight first, then for what is close, and for nothing else", () => {
    const { to, asked } = paper(book());
    to(10_100);
    expect(asked().slice(0, 1)).toEqual(["10"]);
    expect(new Set(asked())).toEqual(new Set(["9", "10", "11"]));
  });

  test("asks for few where scenes are short, and for all that are in sight", () => {
    const { to, asked } = paper(Array.from({ length: 200 }, () => 100));
    to(5010);
    expect(
      asked()
        .map(Number)
        .toSorted((a, b) => a - b),
    ).toEqual([50, 51, 52, 53, 54, 55, 56, 57, 58]);
    const { to: other, asked: few } = paper(Array.from({ length: 200 }, () => 250));
    other(5010);
    expect(few().length).toBe(MOST);
  });

  test("stays where it is read when a scene above gets higher or lower", () => {
    const { to, heights, state, scroll } = paper(book());
    to(10_100);
    heights[3] = 1700;
    scroll.look();
    expect(state.scroll).toBe(10_800);
    heights[9] = 400;
    scroll.look();
    expect(state.scroll).toBe(10_200);
  });

  test("stays where it is, too, when that and scrolling happen at once", () => {
    const { to, heights, state } = paper(book());
    to(10_100);
    heights[3] = 1700;
    to(10_140);
    expect(state.scroll).toBe(10_840);
  });

  test("does not move for what changes below, or for what is written in sight", () => {
    const { to, heights, state, scroll } = paper(book());
    to(10_100);
    heights[10] = 1031;
    heights[20] = 5;
    scroll.look();
    expect(state.scroll).toBe(10_100);
  });

  test("holds on to a scene that is drawn while an empty one above it is filled", () => {
    const { to, heights, state, scroll } = paper(book(), (at) => at > 10);
    to(10_500);
    heights[10] = 1300;
    scroll.look();
    expect(state.scroll).toBe(10_800);
  });

  test("is not pulled back after a jump", () => {
    const { to, heights, state, scroll } = paper(book());
    to(10_100);
    heights[2] = 1500;
    state.scroll = 2500;
    scroll.stand();
    scroll.look();
    expect(state.scroll).toBe(2500);
  });
});
