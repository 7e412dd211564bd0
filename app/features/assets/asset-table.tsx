import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { Laptop, Server, TriangleAlert } from "lucide-react";

import { assetFindings } from "@domain/asset-findings";
import { Badge } from "~/ui/badge";
import { TickPage, type Ticks } from "~/ui/bulk-bar";
import { Absent } from "~/ui/card";
import { Checkbox } from "~/ui/field";
import { findingLabels } from "~/ui/labels";
import { SortHeader } from "~/ui/sort-header";
import { Table, Td, Th, Tr } from "~/ui/table";
import { RelativeTime } from "~/ui/time";

import { AgentStatusBadge } from "./agent-status";
import { ASSETS_FORM } from "./asset-bulk";
import type { AssetListRow } from "./asset-list.page.server";

export interface AssetTableProps {
  assets: SerializeFrom<Omit<AssetListRow, "keys">>[];
  sort: string;
  isReversed: boolean;
  /** What is ticked; absent for somebody who may only look. */
  ticks?: Ticks;
}

export const AssetTable = ({ assets, ticks, ...order }: AssetTableProps) => (
  <Table label="Assets">
    <thead>
      <tr>
        {ticks !== undefined && (
          <Th className="w-0 pr-0">
            <TickPage keys={assets.map(({ id }) => id)} {...ticks} />
          </Th>
        )}
        <SortHeader {...order} name="name">
          Asset
        </SortHeader>
        <SortHeader {...order} name="client" className="hidden sm:table-cell">
          Client
        </SortHeader>
        <Th>State</Th>
        <SortHeader {...order} name="system" className="hidden xl:table-cell">
          System
        </SortHeader>
        <Th className="hidden min-[90rem]:table-cell">Address</Th>
        <SortHeader {...order} name="patches" descends className="text-right">
          Updates
        </SortHeader>
        <SortHeader {...order} name="seen" descends className="hidden text-right md:table-cell">
          Last seen
        </SortHeader>
      </tr>
    </thead>
    <tbody>
      {assets.map((asset) => (
        <Tr key={asset.id}>
          {ticks !== undefined && (
            <Td className="w-0 pr-0">
              <Checkbox
                form={ASSETS_FORM}
                name="row"
                value={asset.id}
                aria-label={`Tick ${asset.name}`}
                checked={ticks.ticked.has(asset.id)}
                onChange={(event) => ticks.onTick([asset.id], event.currentTarget.checked)}
              />
            </Td>
          )}
          {/* On a phone it gets what the others leave, and a long name is cut. */}
          <Td className="w-full max-w-0 sm:w-auto sm:max-w-56 min-[90rem]:max-w-72">
            <div className="flex items-center gap-2.5">
              <TypeIcon type={asset.assetType} />
              <div className="min-w-0">
                <Link
                  to={`/assets/${asset.id}`}
                  prefetch="intent"
                  className="block truncate font-medium hover:underline"
                  title={asset.name}
                >
                  {asset.name}
                </Link>
                <span className="block truncate text-xs text-ink-faint">
                  <span className="sm:hidden">{asset.client ?? "Without a client"}</span>
                  <span className="max-sm:hidden">{asset.user ?? ""}</span>
                </span>
              </div>
            </div>
          </Td>
          <Td
            className="hidden max-w-36 truncate sm:table-cell xl:max-w-44"
            title={asset.client ?? undefined}
          >
            {asset.clientId === null ? (
              <Absent />
            ) : (
              <Link
                to={`/clients/${asset.clientId}`}
                className="text-ink-muted hover:text-ink hover:underline"
              >
                {asset.client}
              </Link>
            )}
          </Td>
          <Td>
            <span className="flex items-center gap-1.5">
              <AgentStatusBadge status={asset.status} agentStatus={asset.agentStatus} />
              <Findings findings={asset.findings ?? []} />
            </span>
          </Td>
          <Td
            className="hidden max-w-56 truncate text-ink-muted xl:table-cell"
            title={asset.osVersion ?? undefined}
          >
            <System type={asset.osType} version={asset.osVersion} />
          </Td>
          <Td className="hidden text-ink-muted min-[90rem]:table-cell">{asset.lanIp ?? <Absent />}</Td>
          <Td className="text-right">
            <PatchCount count={asset.patches} />
          </Td>
          <Td className="hidden text-right text-ink-muted md:table-cell">
            <RelativeTime at={asset.lastSeenAt} absent="–" />
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

const TypeIcon = ({ type }: { type: "workstation" | "server" }) => {
  const Icon = type === "server" ? Server : Laptop;
  return (
    <span title={type === "server" ? "Server" : "Workstation"} className="text-ink-faint">
      <Icon aria-hidden className="size-4" />
      <span className="sr-only">{type}</span>
    </span>
  );
};

/** That something is wrong, and what, for whoever points at it or has it read out. */
function Findings({ findings }: { findings: string[] }) {
  const wrong = assetFindings.filter((finding) => findings.includes(finding) && finding !== "maintenance");
  if (wrong.length === 0) return null;
  const text = wrong.map((finding) => findingLabels[finding]).join(", ");
  return (
    <span title={text} className="text-warn">
      <TriangleAlert aria-hidden className="size-3.5" />
      <span className="sr-only">{text}</span>
    </span>
  );
}

/** Pending updates; null while no sync has counted them. */
function PatchCount({ count }: { count: number | null }) {
  if (count === null) return <Absent />;
  if (count === 0) return <span className="text-ink-faint">0</span>;
  return count >= 10 ? <Badge tone="warn">{count}</Badge> : <>{count}</>;
}

/** "Windows 10.0.26100", and not "Windows Windows Server 2022". */
function System({ type, version }: { type: string | null; version: string | null }) {
  if (type === null && version === null) return <Absent />;
  const isNamed = type !== null && !(version ?? "").toLowerCase().startsWith(type.toLowerCase());
  return (
    <>
      {isNamed && `${type} `}
      <span className={isNamed ? "text-ink-faint" : ""}>{version}</span>
    </>
  );
}
