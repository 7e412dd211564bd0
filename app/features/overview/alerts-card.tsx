import { alertSeverities } from "@domain/alert-words";
import { BarList } from "~/ui/bar-list";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { severityLabels } from "~/ui/labels";
import { MoreLink } from "~/ui/more-link";

import type { Overview } from "./overview.page.server";

const severityTones = {
  critical: "bad",
  major: "bad",
  moderate: "warn",
  minor: "accent",
  none: "neutral",
} as const;

const ages = [
  { time: "day", label: "Last 24 hours" },
  { time: "week", label: "Last 7 days" },
  { time: "month", label: "Last 30 days" },
  { time: "older", label: "Over 30 days ago" },
] as const;

/** The active alerts by severity, and by when they began. */
export function ActiveAlertsCard({ alerts, total }: { alerts: Overview["alerts"]; total: number }) {
  const bySeverity = alertSeverities
    .map((severity) => ({
      label: severityLabels[severity].text,
      value: alerts.severities[severity] ?? 0,
      to: `/alerts/list?state=active&severity=${severity}`,
      tone: severityTones[severity],
    }))
    .filter(({ value }) => value > 0);
  return (
    <Card>
      <CardHeader
        title="Active alerts"
        actions={<MoreLink to="/alerts/list?state=active">All active alerts</MoreLink>}
      />
      <CardBody className="space-y-4">
        {total === 0 ? (
          <p className="text-ink-muted">No alert is active.</p>
        ) : (
          <>
            <BarList label="Active alerts by severity" bars={bySeverity} of={total} />
            <section>
              <h3 className="mb-1 text-xs font-medium text-ink-faint">By age</h3>
              <BarList
                label="Active alerts by age"
                of={total}
                bars={ages.map(({ time, label }) => ({
                  label,
                  value: alerts.times[time],
                  to: `/alerts/list?state=active&time=${time}`,
                  tone: time === "older" ? ("warn" as const) : ("accent" as const),
                }))}
              />
            </section>
          </>
        )}
      </CardBody>
    </Card>
  );
}
