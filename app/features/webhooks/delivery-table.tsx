import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { formatDuration } from "@domain/format";
import { OutcomeBadge } from "~/features/alerts/alert-detail";
import { Badge } from "~/ui/badge";
import { eventTypeText, authSchemeLabels } from "~/ui/delivery-labels";
import { Table, Td, Th, Tr } from "~/ui/table";
import { RelativeTime } from "~/ui/time";

import type { DeliveryLine } from "./deliveries.page.server";

export const DeliveryTable = ({ deliveries }: { deliveries: SerializeFrom<DeliveryLine>[] }) => (
  <Table label="Deliveries">
    <thead>
      <tr>
        <Th>Event</Th>
        <Th>Outcome</Th>
        <Th className="hidden md:table-cell">About</Th>
        <Th className="hidden text-right lg:table-cell">Took</Th>
        <Th className="hidden text-right sm:table-cell">Received</Th>
      </tr>
    </thead>
    <tbody>
      {deliveries.map((delivery) => (
        <Tr key={delivery.id}>
          <Td className="max-w-64 align-top">
            <Link
              to={`/alerts/deliveries/${delivery.id}`}
              prefetch="intent"
              className="font-medium break-words hover:underline"
            >
              {eventTypeText(delivery.eventType)}
            </Link>
            <span className="block text-xs text-ink-faint">
              {authSchemeLabels[delivery.scheme]}
              {delivery.secretUsed === "previous" && " · former secret"}
            </span>
          </Td>
          <Td className="max-w-72 align-top">
            <span className="flex flex-wrap gap-1">
              <OutcomeBadge outcome={delivery.outcome} />
              {delivery.duplicates > 0 && <Badge>{delivery.duplicates + 1}×</Badge>}
              {delivery.isRepaired && <Badge tone="warn">Repaired</Badge>}
              {delivery.replays > 0 && <Badge tone="info">Replayed</Badge>}
            </span>
            <RelativeTime
              at={delivery.receivedAt}
              className="mt-0.5 block text-xs text-ink-faint sm:hidden"
            />
            {delivery.reason !== null && (
              <span className="mt-0.5 line-clamp-2 text-xs text-ink-muted">{delivery.reason}</span>
            )}
          </Td>
          <Td className="hidden max-w-72 align-top md:table-cell">
            <About delivery={delivery} />
          </Td>
          <Td className="hidden text-right align-top text-ink-muted lg:table-cell">
            {formatDuration(delivery.durationMs)}
          </Td>
          <Td className="hidden text-right align-top text-ink-muted sm:table-cell">
            <RelativeTime at={delivery.receivedAt} />
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

/** The alert and the asset that a delivery was applied to. */
export function About({ delivery }: { delivery: SerializeFrom<DeliveryLine> }) {
  const { alertId, alertName, assetId, assetName, deviceHostname, externalDeviceId } = delivery;
  const device = deviceHostname ?? externalDeviceId;
  return (
    <>
      {alertId !== null && (
        <Link to={`/alerts/${alertId}`} className="block truncate hover:underline">
          {alertName}
        </Link>
      )}
      {assetId === null ? (
        device !== null && <span className="block truncate text-xs text-ink-faint">{device}</span>
      ) : (
        <Link to={`/assets/${assetId}`} className="block truncate text-xs text-ink-muted hover:underline">
          {assetName}
        </Link>
      )}
    </>
  );
}
