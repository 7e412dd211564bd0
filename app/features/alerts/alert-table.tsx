import type { SerializeFrom } from "@remix-run/node";
import { Link, useLocation } from "@remix-run/react";

import { PostForm, SubmitButton } from "~/ui/form";
import { Table, Td, Th, Tr } from "~/ui/table";
import { TickCell, TickHeader, type Ticks } from "~/ui/ticks";
import { RelativeTime } from "~/ui/time";

import { SeverityBadge, StateBadge } from "./alert-state";
import type { AlertLine } from "./alerts.page.server";

type Line = SerializeFrom<AlertLine>;

export interface AlertTableProps {
  alerts: Line[];
  mayWrite: boolean;
  /** The ticks of the rows; absent if rows cannot be selected. */
  ticks?: Ticks;
}

export const AlertTable = ({ alerts, mayWrite, ticks }: AlertTableProps) => (
  <Table label="Alerts">
    <thead>
      <tr>
        {ticks && <TickHeader ticks={ticks} />}
        <Th>Severity</Th>
        <Th>Alert</Th>
        <Th className="hidden md:table-cell">Asset</Th>
        <Th className="hidden sm:table-cell">State</Th>
        <Th className="hidden text-right xl:table-cell">Since</Th>
        {mayWrite && (
          <Th className="hidden text-right sm:table-cell">
            <span className="sr-only">Actions</span>
          </Th>
        )}
      </tr>
    </thead>
    <tbody>
      {alerts.map((alert) => (
        <Tr key={alert.id}>
          {ticks && <TickCell ticks={ticks} field="alert" row={alert.id} name={alert.name} />}
          <Td className="align-top">
            <SeverityBadge alert={alert} />
          </Td>
          <Td className="max-w-96 min-w-40 align-top wrap-anywhere">
            <Link
              to={`/alerts/${alert.id}`}
              prefetch="intent"
              className="line-clamp-3 font-medium hover:underline"
              title={alert.name}
            >
              {alert.name}
            </Link>
            {alert.description !== null && (
              <span className="line-clamp-1 text-xs text-ink-muted">{alert.description}</span>
            )}
            <span className="grid grid-cols-[minmax(0,1fr)] text-xs text-ink-muted md:hidden">
              <Where alert={alert} />
            </span>
            <span className="mt-1 flex items-center gap-2 text-xs text-ink-faint xl:hidden">
              <span className="sm:hidden">
                <StateBadge alert={alert} />
              </span>
              <RelativeTime at={alert.startedAt ?? alert.observedAt} />
            </span>
          </Td>
          <Td className="hidden max-w-36 min-w-32 align-top xl:max-w-60 wrap-anywhere md:table-cell">
            <Where alert={alert} />
          </Td>
          <Td className="hidden align-top sm:table-cell">
            <StateBadge alert={alert} />
          </Td>
          <Td className="hidden text-right align-top text-ink-muted xl:table-cell">
            <RelativeTime at={alert.startedAt ?? alert.observedAt} />
          </Td>
          {mayWrite && (
            <Td className="hidden text-right align-top sm:table-cell">
              {alert.status === "active" && alert.acknowledgedAt === null && <Acknowledge alert={alert} />}
            </Td>
          )}
        </Tr>
      ))}
    </tbody>
  </Table>
);

/** The asset and its client, or the RMM's name of the device. */
function Where({ alert }: { alert: Line }) {
  if (alert.assetId === null || alert.asset === null) {
    return (
      <span title="No asset is known for this device yet. It is linked as soon as it is.">
        <span className="line-clamp-2">{alert.deviceHostname ?? "Unknown device"}</span>
        <span className="block text-xs text-ink-faint">not linked</span>
      </span>
    );
  }
  return (
    <span className="block min-w-0">
      <Link to={`/assets/${alert.assetId}`} className="line-clamp-2 hover:underline" title={alert.asset}>
        {alert.asset}
      </Link>
      {alert.client !== null && (
        <span title={alert.client} className="block truncate text-xs text-ink-faint">
          {alert.client}
        </span>
      )}
    </span>
  );
}

function Acknowledge({ alert }: { alert: Line }) {
  const { pathname, search } = useLocation();
  return (
    <PostForm intent="acknowledge" action={`/alerts/${alert.id}`} preventScrollReset>
      <input type="hidden" name="back" value={pathname + search} />
      <SubmitButton variant="secondary" size="sm" aria-label={`Acknowledge ${alert.name}`}>
        Acknowledge
      </SubmitButton>
    </PostForm>
  );
}
