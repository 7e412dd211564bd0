import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { HardDrive, PackageCheck } from "lucide-react";

import { count, formatBytes, formatDuration } from "@domain/format";
import type { SystemInfo } from "@domain/system-info";
import { Badge } from "~/ui/badge";
import { Absent, Card, CardBody, CardHeader, Fact, Facts } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { severityLabels } from "~/ui/labels";
import { Progress } from "~/ui/progress";
import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactTime, RelativeTime } from "~/ui/time";

import type { AssetDetail } from "./assets.page.server";

export type Detail = SerializeFrom<AssetDetail>;

const joined = (...parts: (string | number | null | undefined)[]): string | null =>
  parts.filter((part) => part !== null && part !== undefined && part !== "").join(" ") || null;

/** A column of JSON: what the RMM told last, checked when it was written. */
const systemInfoOf = (detail: Detail): SystemInfo => (detail.details?.systemInfo ?? {}) as SystemInfo;

export function SystemCard({ detail }: { detail: Detail }) {
  const { asset, details } = detail;
  const info = systemInfoOf(detail);
  const device = detail.devices[0];
  return (
    <Card>
      <CardHeader title="System" />
      <CardBody>
        <Facts>
          <Fact name="Operating system">{joined(info.osName ?? details?.osType)}</Fact>
          <Fact name="Version">
            {details?.osVersion}
            {info.osEndOfLife === true && (
              <Badge tone="warn" className="ml-2">
                End of life
              </Badge>
            )}
          </Fact>
          <Fact name="Processor">
            {joined(details?.cpuModel, details?.cpuCores && `(${count(details.cpuCores, "core")})`)}
          </Fact>
          <Fact name="Memory">{details?.ramGb ? `${details.ramGb} GB` : null}</Fact>
          <Fact name="Maker and model">{joined(info.manufacturer, info.model)}</Fact>
          <Fact name="Serial number">{asset.serialNumber}</Fact>
          <Fact name="Hostname">{info.hostname}</Fact>
          <Fact name="LAN address">{details?.lanIp}</Fact>
          <Fact name="Last signed-in user">{details?.lastLoggedInUser}</Fact>
          <Fact name="Up for">
            {device?.uptimeSeconds != null && (
              <>
                {formatDuration(device.uptimeSeconds * 1000)}
                <span className="text-ink-faint">
                  {" "}
                  as of <RelativeTime at={device.observedAt} />
                </span>
              </>
            )}
          </Fact>
          <Fact name="Last restart">
            {device?.lastRebootAt ? <ExactTime at={device.lastRebootAt} /> : null}
          </Fact>
        </Facts>
      </CardBody>
    </Card>
  );
}

export function SecurityCard({ detail }: { detail: Detail }) {
  const info = systemInfoOf(detail);
  const facts: [string, string | number | null][] = [
    ["Security score", info.securityScore ?? null],
    ["Risk", info.securityRisk ?? null],
    ["Antivirus", joined(info.antivirusProvider, info.antivirusStatus)],
    [
      "Firewall",
      joined(
        info.firewallProvider,
        info.firewallEnabled === undefined ? null : info.firewallEnabled ? "on" : "off",
      ),
    ],
    [
      "System drive encrypted",
      info.primaryPartitionEncrypted === undefined ? null : info.primaryPartitionEncrypted ? "yes" : "no",
    ],
    ["Maintenance mode", info.maintenanceMode === undefined ? null : info.maintenanceMode ? "on" : "off"],
  ];
  if (facts.every(([, value]) => value === null) && !info.tags?.length) return null;
  return (
    <Card>
      <CardHeader title="Security and tags" />
      <CardBody>
        <Facts>
          {facts.map(([name, value]) => (
            <Fact key={name} name={name}>
              {value}
            </Fact>
          ))}
        </Facts>
        {info.tags !== undefined && info.tags.length > 0 && (
          <ul aria-label="Tags" className="mt-4 flex flex-wrap gap-1.5">
            {info.tags.map((tag) => (
              <li key={tag}>
                <Badge>{tag}</Badge>
              </li>
            ))}
          </ul>
        )}
      </CardBody>
    </Card>
  );
}

export function DisksCard({ detail }: { detail: Detail }) {
  const disks = detail.details?.disks ?? [];
  return (
    <Card>
      <CardHeader title="Disks" />
      {disks.length === 0 ? (
        <EmptyState icon={HardDrive} title="No disks are known" />
      ) : (
        <CardBody>
          <ul className="space-y-3.5">
            {disks.map((disk, index) => (
              <li key={`${disk.name} ${index}`}>
                <div className="mb-1.5 flex justify-between gap-4">
                  <span className="truncate font-medium">{disk.name}</span>
                  <span className="text-xs text-ink-muted tabular-nums">
                    {formatBytes(disk.freeBytes)} free of {formatBytes(disk.totalBytes)}
                  </span>
                </div>
                <Progress
                  label={`${disk.name}: used`}
                  percent={disk.utilizationPercent}
                  tone={
                    disk.utilizationPercent >= 95 ? "bad" : disk.utilizationPercent >= 85 ? "warn" : "accent"
                  }
                />
              </li>
            ))}
          </ul>
        </CardBody>
      )}
    </Card>
  );
}

export const UpdatesCard = ({ detail }: { detail: Detail }) => (
  <Card>
    <CardHeader
      title="Pending updates"
      description={
        detail.details?.pendingOsPatches == null
          ? "Not counted yet."
          : count(detail.details.pendingOsPatches, "update")
      }
    />
    {detail.updates.length === 0 ? (
      <EmptyState icon={PackageCheck} title="No update is waiting" />
    ) : (
      <Table label="Pending updates">
        <thead>
          <tr>
            <Th>Update</Th>
            <Th className="hidden sm:table-cell">Kind</Th>
            <Th className="text-right">Size</Th>
          </tr>
        </thead>
        <tbody>
          {detail.updates.map((update) => (
            <Tr key={update.id}>
              <Td>
                <span className="font-medium">{update.name}</span>
                <span className="block text-xs text-ink-faint">
                  {joined(update.version, update.kbIds.join(", "), update.publishedOn?.slice(0, 10))}
                </span>
                {update.error !== null && <span className="block text-xs text-bad">{update.error}</span>}
              </Td>
              <Td className="hidden text-ink-muted sm:table-cell">{update.category ?? <Absent />}</Td>
              <Td className="text-right whitespace-nowrap text-ink-muted">
                {update.sizeBytes === null ? <Absent /> : formatBytes(update.sizeBytes)}
              </Td>
            </Tr>
          ))}
        </tbody>
      </Table>
    )}
  </Card>
);

export const AlertsCard = ({ detail }: { detail: Detail }) =>
  detail.alerts.length === 0 ? null : (
    <Card>
      <CardHeader
        title="Alerts"
        actions={
          <Link
            to={`/alerts?state=all&asset=${detail.asset.id}`}
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
