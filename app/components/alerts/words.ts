import type { DeliveryLine } from "~/presenters/deliveries.server";
import type { WebhookTrouble } from "~/presenters/webhook-health.server";

import type { Tone } from "../ui/badge";
import { count } from "../ui/format";

/** How the words of alerts and deliveries are shown to people. */

export const wayWords: Record<WebhookTrouble["way"], string> = {
  signed: "Signed webhook",
  automation: "Automation",
  none: "Unknown sender",
};

export const outcomeWords: Record<DeliveryLine["outcome"], { text: string; tone: Tone }> = {
  accepted: { text: "Taken over", tone: "good" },
  stale: { text: "Overtaken", tone: "neutral" },
  ignored: { text: "Ignored", tone: "neutral" },
  unreadable: { text: "Unreadable", tone: "bad" },
};

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
};

/** Completes "3 deliveries …". */
export const troubleText = ({ kind, reason }: Pick<WebhookTrouble, "kind" | "reason">): string =>
  kind === "refused" ? (reasons[reason] ?? reason) : `that could not be read: ${reason}`;

export const observedViaWords: Record<string, string> = {
  sweep: "read from the RMM",
  webhook: "told by a signed webhook",
  automation: "told by an automation",
  person: "closed here by a person",
};

/** Completes "Last comparison …:". */
export const untoldText = ({ untold, wasHeard }: { untold: number | null; wasHeard: boolean }): string => {
  if (untold) return `${count(untold, "change")} that the webhook had not told.`;
  return wasHeard ? "nothing that the webhook had not told." : "the webhook had not been heard yet.";
};
