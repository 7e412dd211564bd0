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
    `The rule “${short(rule)}” met more than ${MAX_HITS_AN_HOUR} incidents within an hour, and is off now. What it has already done is not undone.`,
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

/** The e-mail about an automation of a rule that was not started, or may have been. */
export const automationNotStartedMessage = (
  rule: string,
  incident: string,
  { state, reason }: { state: "refused" | "unknown"; reason: string },
): Message =>
  state === "unknown"
    ? {
        subject: `Look whether an automation ran: ${short(incident)}`,
        body: [
          `The rule “${short(rule)}” asked for an automation to be started, and no answer came back (${oneLine(reason)}). It may have been started.`,
          "What to do: look in the RMM whether it ran, and start it there if it did not. It is not asked for again, because it could run twice.",
        ].join("\n\n"),
      }
    : {
        subject: `An automation was not started: ${short(incident)}`,
        body: [
          `The rule “${short(rule)}” could not start its automation: ${oneLine(reason)}.`,
          "What to do: start it in the RMM if it is needed, and mend the rule or the connection. It is not asked for again for this incident.",
        ].join("\n\n"),
      };
