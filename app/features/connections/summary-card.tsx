import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import type { ReactNode } from "react";

import { count, formatNumber } from "@domain/format";
import type { SyncKind } from "@domain/sync-words";
import { Absent, Card, CardBody, CardHeader } from "~/ui/card";
import { RelativeTime } from "~/ui/time";

import type { ConnectionSummary } from "./integrations.page.server";
import { levelPath } from "./paths";

const kinds: Record<SyncKind, string> = { groups: "Groups", full: "Devices", alerts: "Alerts" };

/** The connection's totals, and the last successful sync of each kind. */
export function SummaryCard({ connection }: { connection: SerializeFrom<ConnectionSummary> }) {
  const { id, counts, lastSyncs, syncs } = connection;
  const unmapped = counts.groups - counts.mappedGroups - counts.inheritingGroups - counts.excludedGroups;
  const others = [
    counts.inheritingGroups > 0 && `${formatNumber(counts.inheritingGroups)} inherit`,
    `${formatNumber(unmapped)} not mapped`,
    counts.excludedGroups > 0 && `${formatNumber(counts.excludedGroups)} excluded`,
  ];
  return (
    <Card>
      <CardHeader title="Summary" />
      <CardBody>
        <dl className="grid grid-cols-2 gap-x-6 gap-y-4 md:grid-cols-4">
          <Figure
            name="Groups"
            isKnown={lastSyncs.groups !== null}
            value={`${formatNumber(counts.mappedGroups)} mapped`}
            to={levelPath(id, "mapping")}
            note={others.filter(Boolean).join(", ")}
          />
          <Figure
            name="Devices"
            isKnown={lastSyncs.full !== null || counts.devices > 0}
            value={`${formatNumber(counts.withClient)} with a client`}
            to={levelPath(id, "devices")}
            note={`${formatNumber(counts.withoutClient)} without a client`}
          />
          <Figure
            name="Assets"
            isKnown={lastSyncs.full !== null || counts.assets > 0}
            value={count(counts.assets, "asset")}
            to="/assets"
          />
          <Figure
            name="Active alerts"
            isKnown={lastSyncs.alerts !== null || counts.activeAlerts > 0}
            value={count(counts.activeAlerts, "alert")}
            to="/alerts/list"
          />
        </dl>
        <h3 className="mt-4 text-xs text-ink-faint">Last sync</h3>
        <ul className="mt-1 flex flex-wrap gap-x-6 gap-y-1 text-sm">
          {(Object.keys(kinds) as SyncKind[]).map((kind) => (
            <li key={kind}>
              {kinds[kind]}: <RelativeTime at={lastSyncs[kind]} absent="never" />
              {syncs[kind] === "failed" && <span className="text-bad"> (failed since)</span>}
            </li>
          ))}
        </ul>
      </CardBody>
    </Card>
  );
}

interface FigureProps {
  name: string;
  /** Shows the number only after the first sync of its kind, because 0 would be a false claim before. */
  isKnown: boolean;
  value: string;
  to: string;
  note?: ReactNode;
}

const Figure = ({ name, isKnown, value, to, note }: FigureProps) => (
  <div className="min-w-0">
    <dt className="text-xs text-ink-faint">{name}</dt>
    <dd className="text-sm tabular-nums">
      {isKnown ? (
        <>
          <Link to={to} prefetch="intent" className="font-semibold hover:underline">
            {value}
          </Link>
          {note !== undefined && <p className="text-ink-muted">{note}</p>}
        </>
      ) : (
        <Absent />
      )}
    </dd>
  </div>
);
