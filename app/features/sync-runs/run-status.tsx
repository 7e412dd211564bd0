import type { RunStatus } from "@domain/sync-words";
import { Badge } from "~/ui/badge";
import { isInFlight, runStatusLabels } from "~/ui/labels";

export function RunStatusBadge({ status }: { status: RunStatus }) {
  const { text, tone } = runStatusLabels[status];
  return (
    <Badge tone={tone} dot live={isInFlight(status)}>
      {text}
    </Badge>
  );
}
