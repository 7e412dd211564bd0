import { count } from "./format";
import { oneLine, type Message } from "./notification-text";
import { capText } from "./text";

/** Above this many notices an e-mail gives only the number of the rest. */
const NAMED = 40;
const MAX_TEXT = 300;

export interface DigestItem {
  subject: string;
  body: string;
  href: string;
}

/** One e-mail for all notices of an hour or a day, in order. */
export function digestMessage(items: readonly DigestItem[]): Message {
  const shown = items.slice(0, NAMED);
  const rest = items.length - shown.length;
  const subject = items.length === 1 ? items[0]!.subject : count(items.length, "notice");
  return {
    subject,
    body: [
      `What Plumbline noticed since the last e-mail: ${count(items.length, "notice")}.`,
      ...shown.flatMap((one) => [
        oneLine(one.subject, MAX_TEXT),
        `${capText(oneLine(one.body.split("\n\n")[0] ?? ""), MAX_TEXT)} ${one.href}`,
      ]),
      ...(rest > 0 ? [`And ${count(rest, "more notice")}.`] : []),
    ].join("\n\n"),
  };
}
