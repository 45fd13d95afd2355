/** What the tests' document lacks: places on the screen, which nothing here measures. */
import { afterEach } from "vitest";

const nowhere = () => ({
  x: 0,
  y: 0,
  top: 0,
  left: 0,
  right: 0,
  bottom: 0,
  width: 0,
  height: 0,
  toJSON: () => "",
});
Range.prototype.getClientRects = () => [] as unknown as DOMRectList;
Range.prototype.getBoundingClientRect = nowhere as () => DOMRect;

afterEach(() => {
  document.body.innerHTML = "";
  localStorage.clear();
});
