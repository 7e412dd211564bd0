import type { SerializeFrom } from "@remix-run/node";

import { Badge } from "~/ui/badge";
import { severityLabels } from "~/ui/labels";

import type { AlertLine } from "./alerts.page.server";

type Alert = Pick<SerializeFrom<AlertLine>, "severity" | "status" | "acknowledgedAt">;

/** The severity of an alert. A resolved alert has the text without the colour. */
export const SeverityBadge = ({ alert }: { alert: Alert }) => {
  const { text, tone } = severityLabels[alert.severity];
  const isActive = alert.status === "active";
  return (
    <Badge tone={isActive ? tone : "neutral"} dot={isActive}>
      {text}
    </Badge>
  );
};

export const StateBadge = ({ alert }: { alert: Alert }) => {
  if (alert.status === "resolved") return <Badge tone="good">Resolved</Badge>;
  if (alert.acknowledgedAt !== null) return <Badge tone="info">Acknowledged</Badge>;
  return <Badge tone="warn">Open</Badge>;
};
