import { count } from "@domain/format";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";

import { useToReview } from "./use-to-review";

/** Links to pending review if anything is pending. */
export function WaitingCallout() {
  const { held, ambiguous, approval } = useToReview();
  if (held + ambiguous + approval === 0) return null;
  const title = [
    held > 0 && `${count(held, "change")} of Level's ${held === 1 ? "is" : "are"} held`,
    ambiguous > 0 &&
      `${count(ambiguous, "device")} may be ${ambiguous === 1 ? "a known machine" : "known machines"}`,
    approval > 0 && `${count(approval, "new device")} ${approval === 1 ? "waits" : "wait"} for approval`,
  ];
  return (
    <Callout
      tone="warn"
      title={title.filter((part) => part !== false).join(", ")}
      actions={
        <ButtonLink
          to={held > 0 ? "/review" : ambiguous > 0 ? "/review/identity" : "/review/devices"}
          size="sm"
        >
          Review
        </ButtonLink>
      }
    >
      The assets stay as they are until somebody decides.
    </Callout>
  );
}
