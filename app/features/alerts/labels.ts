import { count } from "@domain/format";

/** Labels of alerts. */

export const observedViaLabels: Record<string, string> = {
  sweep: "read from the RMM",
  webhook: "reported by a signed webhook",
  automation: "reported by an automation",
  person: "closed here by a person",
};

/** Completes "Last comparison …:". */
export const missedText = ({
  missed,
  wasReceiving,
}: {
  missed: number | null;
  wasReceiving: boolean;
}): string => {
  if (missed) return `${count(missed, "change")} that the webhook had missed.`;
  return wasReceiving ? "nothing that the webhook had missed." : "the webhook had not received anything yet.";
};
