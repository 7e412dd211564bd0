import type { IncidentState } from "@domain/incidents";
import type { AlertSeverity } from "@domain/alert-words";
import { Badge } from "~/ui/badge";
import { severityLabels } from "~/ui/labels";

import { incidentStateLabels } from "./labels";

interface Shown {
  severity: AlertSeverity;
  state: IncidentState;
}

/** The severity of an incident. A resolved incident has the text without the colour. */
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
