import type { IncidentState } from "@domain/incidents";
import type { AlertSeverity } from "@domain/alert-words";
import { Badge } from "~/ui/badge";
import { severityLabels } from "~/ui/labels";

import { incidentStateLabels } from "./labels";

interface Shown {
  severity: AlertSeverity;
  state: IncidentState;
}

/** A resolved incident keeps the text of its severity, without its colour. */
export const IncidentSeverityBadge = ({ severity, state }: Shown) => {
  const { text, tone } = severityLabels[severity];
  const isOver = state === "resolved";
  return (
    <Badge tone={isOver ? "neutral" : tone} dot={!isOver}>
      {text}
    </Badge>
  );
};

export const IncidentStateBadge = ({ state }: Pick<Shown, "state">) => {
  const { text, tone } = incidentStateLabels[state];
  return <Badge tone={tone}>{text}</Badge>;
};
