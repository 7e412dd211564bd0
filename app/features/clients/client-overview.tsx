import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { FolderTree, ShieldCheck } from "lucide-react";

import { assetFindings } from "@domain/asset-findings";
import { count, formatNumber } from "@domain/format";
import { Badge } from "~/ui/badge";
import { BarList, type Bar } from "~/ui/bar-list";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { findingLabels, severityLabels } from "~/ui/labels";
import { mappingPath } from "~/ui/paths";
import { Stat } from "~/ui/stat";
import { RelativeTime } from "~/ui/time";

import { freshText } from "./fresh-share";
import type { readClient, readClientOverview } from "./clients.page.server";

type ClientOverview = SerializeFrom<Awaited<ReturnType<typeof readClientOverview>>>;
type Group = SerializeFrom<NonNullable<Awaited<ReturnType<typeof readClient>>>>["groups"][number];

/** The numbers of a client, each a link to its list. */
export const ClientStats = ({ id, summary }: { id: string; summary: ClientOverview["summary"] }) => (
  <div className="mb-5 grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5 print:grid-cols-5">
    <Stat
      label="Assets"
      value={summary.assets}
      note={count(summary.servers, "server")}
      to={`/assets?client=${id}`}
    />
    <Stat label="Online" value={summary.online} to={`/assets?client=${id}&state=online`} />
    <Stat label="Pending updates" value={summary.patches} to={`/patches/devices?client=${id}`} />
    <Stat label="Active alerts" value={summary.alerts} to={`/alerts/list?state=active&client=${id}`} />
    <Card className="p-4">
      <p className="text-xs font-medium text-ink-faint">Confirmed in time</p>
      <p className="mt-1 text-2xl font-semibold tracking-tight tabular-nums">{freshText(summary)}</p>
      <p className="mt-0.5 text-xs text-ink-muted">
        Last sync <RelativeTime at={summary.syncedAt} />
      </p>
    </Card>
  </div>
);

/** What is wrong with the client's assets, and which of their data is missing. */
export function ClientAttentionCard({
  id,
  attention,
  of,
}: {
  id: string;
  attention: ClientOverview["attention"];
  of: number;
}) {
  const bars: Bar[] = [
    ...assetFindings.map((finding) => ({
      label: findingLabels[finding],
      value: attention.findings[finding],
      to: `/assets?client=${id}&finding=${finding}`,
      tone: "warn" as const,
    })),
    {
      label: "Updates pending for 30 days",
      value: attention.overdue,
      to: `/patches/devices?client=${id}&age=30`,
      tone: "bad" as const,
    },
  ].filter(({ value }) => value > 0);
  return (
    <Card>
      <CardHeader title="Needs attention" description="Assets by what is wrong with them." />
      {bars.length === 0 ? (
        <EmptyState icon={ShieldCheck} title="Nothing stands out" />
      ) : (
        <CardBody>
          <BarList label="Needs attention" bars={bars} of={of} />
        </CardBody>
      )}
    </Card>
  );
}

export function ClientCoverageCard({
  id,
  attention,
  of,
}: {
  id: string;
  attention: ClientOverview["attention"];
  of: number;
}) {
  const bars: Bar[] = [
    {
      label: "Assets that no RMM knows",
      value: attention.withoutAgent,
      to: `/assets?client=${id}&special=unmanaged`,
      tone: "warn" as const,
    },
    {
      label: "Devices of its groups without an asset",
      value: attention.devicesWithoutAsset,
      to: "/coverage?kind=devices",
      tone: "warn" as const,
    },
    { label: "Pending review", value: attention.pendingReview, to: "/review", tone: "neutral" as const },
  ].filter(({ value }) => value > 0);
  return (
    <Card>
      <CardHeader title="Coverage" description="What is missing, left out or undecided." />
      <CardBody>
        {bars.length === 0 ? (
          <p className="text-sm text-ink-muted">Every asset is known to an RMM, and nothing waits.</p>
        ) : (
          <BarList label="Coverage" bars={bars} of={Math.max(of, ...bars.map(({ value }) => value))} />
        )}
      </CardBody>
    </Card>
  );
}

export const ClientAlertsCard = ({
  id,
  alerts,
  total,
}: {
  id: string;
  alerts: ClientOverview["attention"]["alerts"];
  total: number;
}) => (
  <Card>
    <CardHeader
      title="Active alerts"
      actions={
        total > alerts.length && (
          <Link
            to={`/alerts/list?state=active&client=${id}`}
            className="text-sm font-medium text-accent hover:underline"
          >
            All {formatNumber(total)}
          </Link>
        )
      }
    />
    {alerts.length === 0 ? (
      <CardBody>
        <p className="text-sm text-ink-muted">No alert is active.</p>
      </CardBody>
    ) : (
      <ul>
        {alerts.map((alert) => (
          <li key={alert.id} className="flex items-center gap-3 border-t border-line px-4 py-2">
            <Badge tone={severityLabels[alert.severity].tone}>{severityLabels[alert.severity].text}</Badge>
            <div className="min-w-0 flex-1">
              <Link
                to={`/alerts/${alert.id}`}
                className="block truncate font-medium hover:underline"
                title={alert.name}
              >
                {alert.name}
              </Link>
              <span className="block truncate text-xs text-ink-faint">{alert.asset}</span>
            </div>
            <RelativeTime at={alert.startedAt} className="text-xs text-ink-muted" />
          </li>
        ))}
      </ul>
    )}
  </Card>
);

/** The assets that have waited longest for an update. */
export const ClientPatchesCard = ({
  id,
  devices,
  total,
}: {
  id: string;
  devices: ClientOverview["patches"];
  total: number;
}) => (
  <Card>
    <CardHeader
      title="Longest pending updates"
      actions={
        total > devices.length && (
          <Link
            to={`/patches/devices?client=${id}&sort=oldest`}
            className="text-sm font-medium text-accent hover:underline"
          >
            All {count(total, "asset")}
          </Link>
        )
      }
    />
    {devices.length === 0 ? (
      <CardBody>
        <p className="text-sm text-ink-muted">No asset waits for an update.</p>
      </CardBody>
    ) : (
      <ul>
        {devices.map((device) => (
          <li key={device.id} className="flex items-center gap-3 border-t border-line px-4 py-2">
            <Link
              to={`/assets/${device.id}`}
              className="min-w-0 flex-1 truncate font-medium hover:underline"
              title={device.name}
            >
              {device.name}
            </Link>
            <span className="text-xs whitespace-nowrap text-ink-muted">
              {count(device.patches, "update")}, oldest <RelativeTime at={device.oldestAt} />
            </span>
          </li>
        ))}
      </ul>
    )}
  </Card>
);

export const MappedGroupsCard = ({ groups }: { groups: Group[] }) => (
  <Card>
    <CardHeader title="Mapped groups" description="The groups whose devices become this client's assets." />
    {groups.length === 0 ? (
      <EmptyState icon={FolderTree} title="No group is mapped to this client" />
    ) : (
      <ul>
        {groups.map((group) => (
          <li key={group.id} className="border-t border-line px-4 py-2.5">
            <Link
              to={mappingPath({ provider: group.provider, id: group.connectionId })}
              className="font-medium hover:underline"
            >
              {group.path}
            </Link>
            <p className="text-xs text-ink-faint">
              {group.integration}
              {group.goneAt !== null && " · gone from the RMM"}
            </p>
          </li>
        ))}
      </ul>
    )}
  </Card>
);
