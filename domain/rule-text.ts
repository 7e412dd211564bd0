import { MAX_HITS_AN_HOUR } from "./alert-rules";
import type { AlertSeverity } from "./alert-words";
import { oneLine, type Message } from "./notification-text";
import { capText } from "./text";

const MAX_NAME = 80;
const short = (text: string): string => capText(oneLine(text), MAX_NAME);

/** The e-mail about a rule that stopped itself. */
export const ruleStoppedMessage = (rule: string): Message => ({
  subject: `The rule “${short(rule)}” has stopped itself`,
  body: [
    `The rule “${short(rule)}” met more than ${MAX_HITS_AN_HOUR} incidents within an hour, and is off now. What it has done stays done.`,
    "What to do: look at its conditions and what it would have done over the last 30 days, and switch it on again.",
  ].join("\n\n"),
});

/** The e-mail that a rule sends about an incident. */
export const ruleMatchedMessage = (
  rule: string,
  incident: { name: string; severity: AlertSeverity; client: string | null; where: string },
): Message => ({
  subject: `${short(incident.name)}: ${short([incident.client, incident.where].filter((part) => part !== null).join(", "))}`,
  body: [
    `An incident of severity ${incident.severity} opened: ${short(incident.name)}.`,
    `Where: ${short(incident.where)}${incident.client === null ? "" : ` of ${short(incident.client)}`}.`,
    `The rule “${short(rule)}” sends this.`,
  ].join("\n\n"),
});
