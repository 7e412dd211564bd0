import type { Tone } from "./badge";

/** Labels of webhook deliveries. */

export const authSchemeLabels: Record<"signed" | "automation" | "none", string> = {
  signed: "Signed webhook",
  automation: "Automation",
  none: "Unknown sender",
};

export const outcomeLabels: Record<
  "accepted" | "stale" | "ignored" | "unreadable",
  { text: string; tone: Tone }
> = {
  accepted: { text: "Accepted", tone: "good" },
  stale: { text: "Outdated", tone: "neutral" },
  ignored: { text: "Ignored", tone: "neutral" },
  unreadable: { text: "Unreadable", tone: "bad" },
};

/** The type of a delivery's event as the log of deliveries shows it. */
export const eventTypeText = (type: string | null): string => {
  if (type === null) return "Unknown";
  return type === "plumbline.test" ? "Test from here" : type;
};

const reasons: Record<string, string> = {
  no_credential: "without a signature or secret",
  wrong_signature: "with a signature made with another secret",
  wrong_secret: "with a wrong secret",
  no_secret_set: "while no secret was set",
  too_large: "larger than 256 KiB",
  broken_body: "whose body broke off",
  wrong_method: "with another method than POST",
};

/** Completes "3 deliveries …". */
export const troubleText = ({ kind, reason }: { kind: "refused" | "unreadable"; reason: string }): string =>
  kind === "refused" ? (reasons[reason] ?? reason) : `that could not be read: ${reason}`;
