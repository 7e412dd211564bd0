import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import type { ReactNode } from "react";

import { DELIVERY_DAYS } from "@domain/schedule-limits";
import { Badge } from "~/ui/badge";
import { Card, CardBody, CardHeader, Fact, Facts } from "~/ui/card";
import { eventTypeText, outcomeLabels, authSchemeLabels } from "~/ui/delivery-labels";
import { ExactTime, RelativeTime } from "~/ui/time";

import type { AlertDetail } from "./alerts.page.server";
import { observedViaLabels } from "./labels";

type Detail = SerializeFrom<AlertDetail>;

export const AlertFacts = ({ alert }: { alert: Detail["alert"] }) => (
  <Card>
    <CardHeader title="Alert" />
    <CardBody>
      {alert.description !== null && <p className="mb-4 text-sm whitespace-pre-line">{alert.description}</p>}
      <Facts>
        <Fact name="Asset">
          {alert.assetId === null ? (
            `${alert.deviceHostname ?? "Unknown device"} (no asset yet)`
          ) : (
            <>
              <Link to={`/assets/${alert.assetId}`} className="hover:underline">
                {alert.asset}
              </Link>{" "}
              ·{" "}
              <Link
                to={`/alerts/list?state=all&asset=${alert.assetId}`}
                className="text-accent hover:underline"
              >
                all its alerts
              </Link>
            </>
          )}
        </Fact>
        <Fact name="Client">
          {alert.clientId === null ? null : (
            <Link to={`/clients/${alert.clientId}`} className="hover:underline">
              {alert.client}
            </Link>
          )}
        </Fact>
        <Fact name="Started">
          <ExactTime at={alert.startedAt} />
        </Fact>
        <Fact name="Resolved">
          <ExactTime at={alert.resolvedAt} />
        </Fact>
        <Fact name="Acknowledged">
          {alert.acknowledgedAt === null ? null : (
            <>
              <ExactTime at={alert.acknowledgedAt} />
              {alert.acknowledgedBy !== null && ` by ${alert.acknowledgedBy}`}
            </>
          )}
        </Fact>
        <Fact name="Severity in the RMM">{alert.providerSeverity}</Fact>
        <Fact name="Connection">{alert.integration}</Fact>
        <Fact name="Last known state">
          {observedViaLabels[alert.observedVia] ?? alert.observedVia}, <RelativeTime at={alert.observedAt} />
        </Fact>
      </Facts>
      {alert.payload !== null && <Payload text={alert.payload} />}
    </CardBody>
  </Card>
);

const Payload = ({ text }: { text: string }) => (
  <details className="mt-4">
    <summary className="w-fit rounded-sm text-sm font-medium text-accent hover:underline">
      What the monitor attached
    </summary>
    <pre
      tabIndex={0}
      aria-label="What the monitor attached"
      className="mt-2 max-h-80 overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs"
    >
      {text}
    </pre>
  </details>
);

/** The deliveries about the alert, newest first. Comparisons with the RMM are not deliveries and are not listed. */
export const AlertHistory = ({ history, wasOnlyRead }: Pick<Detail, "history" | "wasOnlyRead">) => (
  <Card>
    <CardHeader
      title="Received"
      description={`What the webhook reported about this alert in the last ${DELIVERY_DAYS} days.`}
    />
    {history.length === 0 ? (
      <CardBody className="text-sm text-ink-muted">
        {wasOnlyRead
          ? "Nothing: this alert was found when the RMM was read."
          : `Nothing in the last ${DELIVERY_DAYS} days.`}
      </CardBody>
    ) : (
      <ol>
        {history.map((delivery) => (
          <li key={delivery.id} className="flex items-start gap-3 border-t border-line px-4 py-2.5 text-sm">
            <div className="min-w-0 flex-1">
              <Link to={`/alerts/deliveries/${delivery.id}`} className="font-medium hover:underline">
                {eventTypeText(delivery.eventType)}
              </Link>
              <p className="text-xs text-ink-faint">
                {authSchemeLabels[delivery.scheme]}
                {delivery.duplicates > 0 && ` · came ${delivery.duplicates + 1} times`}
                {delivery.reason !== null && ` · ${delivery.reason}`}
              </p>
            </div>
            <OutcomeBadge outcome={delivery.outcome} />
            <RelativeTime at={delivery.receivedAt} className="w-24 text-right text-xs text-ink-muted" />
          </li>
        ))}
      </ol>
    )}
  </Card>
);

export const OutcomeBadge = ({ outcome }: { outcome: keyof typeof outcomeLabels }): ReactNode => {
  const { text, tone } = outcomeLabels[outcome];
  return <Badge tone={tone}>{text}</Badge>;
};
