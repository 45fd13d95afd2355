/** A name in a sentence of ours, whichever way it runs itself. */
export const isolated = (name: string): string => `\u2068${name}\u2069`;
