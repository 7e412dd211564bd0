import { Link } from "@remix-run/react";

import { Badge } from "~/ui/badge";
import { Card, CardHeader } from "~/ui/card";
import { severityLabels } from "~/ui/labels";
import { RelativeTime } from "~/ui/time";

import type { Detail } from "./asset-detail";

/** The alerts of the asset's devices, active ones first. */
export const AlertsCard = ({ detail }: { detail: Detail }) =>
  detail.alerts.length === 0 ? null : (
    <Card>
      <CardHeader
        title="Alerts"
        actions={
          <Link
            to={`/alerts/list?state=all&asset=${detail.asset.id}`}
            className="text-xs font-medium text-accent hover:underline"
          >
            All alerts
          </Link>
        }
      />
      <ul>
        {detail.alerts.map((alert) => {
          const { text, tone } = severityLabels[alert.severity];
          return (
            <li key={alert.id} className="flex items-start gap-3 border-t border-line px-4 py-2.5">
              <Badge tone={alert.status === "active" ? tone : "neutral"} dot={alert.status === "active"}>
                {text}
              </Badge>
              <div className="min-w-0 flex-1">
                <Link to={`/alerts/${alert.id}`} className="font-medium hover:underline">
                  {alert.name}
                </Link>
                {alert.description !== null && (
                  <p className="line-clamp-2 text-ink-muted">{alert.description}</p>
                )}
              </div>
              <p className="text-right text-xs text-ink-faint">
                {alert.status === "active" ? "since " : "resolved "}
                <RelativeTime at={alert.status === "active" ? alert.startedAt : alert.resolvedAt} absent="" />
              </p>
            </li>
          );
        })}
      </ul>
    </Card>
  );
