/** A right-to-left language that nobody speaks: English in brackets. Shows left edges and words that are fixed. */
import type { Message, Messages } from "../shared/i18n.svelte";
import { en } from "../shared/messages/en";

export function pseudoRtl(): Messages {
  const turned = Object.entries(en).map(([key, message]) => [key, turn(message)]);
  return Object.fromEntries(turned) as Messages;
}

function turn(message: Message): Message {
  if (typeof message !== "string")
    return { one: turn(message.one) as string, other: turn(message.other) as string };
  return `\u2067[${message}]\u2069`;
}
