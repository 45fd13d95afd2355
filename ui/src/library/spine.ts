/** A novel's spine on the shelf, the same on every laptop, because it comes from the novel's id alone. */

/** Warm leathers, cloth greens and blues: no hue that would shout on paper. */
const HUES = [30, 48, 72, 128, 160, 215, 250, 345];

export function spine(id: string): { hue: number; rise: number } {
  let mixed = 7;
  for (const letter of id) mixed = (mixed * 31 + letter.charCodeAt(0)) >>> 0;
  return { hue: HUES[mixed % HUES.length] ?? 30, rise: ((mixed >>> 8) % 3) * 6 };
}
