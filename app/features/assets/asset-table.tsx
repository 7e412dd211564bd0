import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { Laptop, Server, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { assetFindings } from "@domain/asset-findings";
import { Badge } from "~/ui/badge";
import { Absent } from "~/ui/card";
import { cn } from "~/ui/cn";
import { findingLabels } from "~/ui/labels";
import { SortHeader } from "~/ui/sort-header";
import { Table, Td, Th, Tr } from "~/ui/table";
import { TickCell, TickHeader, type Ticks } from "~/ui/ticks";
import { RelativeTime } from "~/ui/time";

import { AgentStatusBadge } from "./agent-status";
import { columnLabels, usualColumns, type AssetColumn } from "./asset-columns";
import type { AssetListRow } from "./asset-list.page.server";

/** A custom field that is shown as a column. */
interface CustomColumn {
  id: string;
  name: string;
}

type Asset = SerializeFrom<Omit<AssetListRow, "keys" | "found" | "haveText">>;

export interface AssetTableProps {
  assets: Asset[];
  columns: readonly AssetColumn[];
  customColumns: readonly CustomColumn[];
  /** The values by asset and field. */
  customValues: Record<string, Record<string, string>>;
  sort: string;
  isReversed: boolean;
  /** The ticks of the rows; absent if the reader may not change assets. */
  ticks?: Ticks;
}

interface Column {
  cell: (asset: Asset) => ReactNode;
  /** The name of the order in the address; absent if the list cannot be sorted by this column. */
  sort?: string;
  /** Whether the first sort is descending: large, late and worst first. */
  descends?: boolean;
  isRight?: boolean;
  /**
   * The classes that hide the column on narrow screens while the usual columns are shown. A chosen column needs less
   * width.
   */
  usual?: string;
  className?: string;
  title?: (asset: Asset) => string | null;
}

const muted = "text-ink-muted";
const cut = "max-w-44 truncate text-ink-muted";
const plain = (value: ReactNode) => value ?? <Absent />;

const columnLooks: Record<AssetColumn, Column> = {
  client: {
    sort: "client",
    usual: "hidden sm:table-cell",
    className: "max-w-28 truncate xl:max-w-44",
    title: (asset) => asset.client,
    cell: (asset) =>
      asset.clientId === null ? (
        <Absent />
      ) : (
        <Link to={`/clients/${asset.clientId}`} className="text-ink-muted hover:text-ink hover:underline">
          {asset.client}
        </Link>
      ),
  },
  site: { className: cut, title: (asset) => asset.site, cell: (asset) => plain(asset.site) },
  contact: { className: cut, title: (asset) => asset.contact, cell: (asset) => plain(asset.contact) },
  state: {
    sort: "state",
    usual: "",
    cell: (asset) => (
      <span className="flex items-center gap-1.5">
        <AgentStatusBadge status={asset.status} agentStatus={asset.agentStatus} />
        <Findings findings={asset.findings} />
      </span>
    ),
  },
  type: {
    sort: "type",
    className: muted,
    cell: (asset) => (asset.assetType === "server" ? "Server" : "Workstation"),
  },
  system: {
    sort: "system",
    usual: "hidden xl:table-cell",
    className: "max-w-48 truncate text-ink-muted",
    title: (asset) => asset.osVersion,
    cell: (asset) => <System name={asset.osName} type={asset.osType} version={asset.osVersion} />,
  },
  address: {
    sort: "address",
    usual: "hidden min-[90rem]:table-cell",
    className: muted,
    cell: (asset) => plain(asset.lanIp),
  },
  user: { sort: "user", className: cut, title: (asset) => asset.user, cell: (asset) => plain(asset.user) },
  model: {
    sort: "model",
    className: cut,
    title: (asset) => asset.model,
    cell: (asset) => plain(asset.model),
  },
  serial: {
    sort: "serial",
    className: cut,
    title: (asset) => asset.serialNumber,
    cell: (asset) => plain(asset.serialNumber),
  },
  tags: {
    className: cut,
    title: (asset) => asset.tags?.join(", ") ?? null,
    cell: (asset) => plain(asset.tags?.join(", ") || null),
  },
  location: { className: cut, title: (asset) => asset.location, cell: (asset) => plain(asset.location) },
  disk: {
    sort: "disk",
    descends: true,
    isRight: true,
    className: muted,
    cell: (asset) => plain(asset.diskPercent === null ? null : `${asset.diskPercent} %`),
  },
  score: { sort: "score", isRight: true, className: muted, cell: (asset) => plain(asset.securityScore) },
  patches: {
    sort: "patches",
    descends: true,
    isRight: true,
    usual: "",
    cell: (asset) => <PatchCount count={asset.patches} />,
  },
  seen: {
    sort: "seen",
    descends: true,
    isRight: true,
    usual: "hidden md:table-cell",
    className: muted,
    cell: (asset) => <RelativeTime at={asset.lastSeenAt} absent="–" />,
  },
};

export function AssetTable({
  assets,
  columns,
  customColumns,
  customValues,
  ticks,
  ...order
}: AssetTableProps) {
  const isUsual = columns.join() === usualColumns.join() && customColumns.length === 0;
  const looks = columns.map((name) => {
    const { usual, isRight = false, ...look } = columnLooks[name];
    // A phone has room for few columns. From the width of a tablet on, every chosen column is shown and the table
    // scrolls.
    const width = isUsual || usual === "" ? usual : "hidden md:table-cell";
    return { ...look, name, width: cn(width, isRight && "text-right") };
  });
  return (
    <Table label="Assets">
      <thead>
        <tr>
          {ticks !== undefined && <TickHeader ticks={ticks} />}
          <SortHeader {...order} name="name">
            Asset
          </SortHeader>
          {looks.map(({ name, sort, descends = false, width }) =>
            sort === undefined ? (
              <Th key={name} className={width}>
                {columnLabels[name]}
              </Th>
            ) : (
              <SortHeader key={name} {...order} name={sort} descends={descends} className={width}>
                {columnLabels[name]}
              </SortHeader>
            ),
          )}
          {customColumns.map(({ id, name }) => (
            <Th key={id} className="hidden max-w-44 truncate md:table-cell" title={name}>
              {name}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {assets.map((asset) => (
          <Tr key={asset.id}>
            {ticks !== undefined && <TickCell ticks={ticks} row={asset.id} name={asset.name} />}
            <NameCell asset={asset} />
            {looks.map(({ name, width, className, title, cell }) => (
              <Td key={name} className={cn(width, className)} title={title?.(asset) ?? undefined}>
                {cell(asset)}
              </Td>
            ))}
            {customColumns.map(({ id }) => {
              const value = customValues[asset.id]?.[id];
              return (
                <Td key={id} className={cn("hidden md:table-cell", cut)} title={value}>
                  {plain(value)}
                </Td>
              );
            })}
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

/** On a phone, the name gets the width that the other columns leave, and a long name is cut. */
const NameCell = ({ asset }: { asset: Asset }) => (
  <Td className="w-full max-w-0 sm:w-auto sm:max-w-48 min-[90rem]:max-w-56">
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
);

const TypeIcon = ({ type }: { type: "workstation" | "server" }) => {
  const Icon = type === "server" ? Server : Laptop;
  return (
    <span title={type === "server" ? "Server" : "Workstation"} className="text-ink-faint max-sm:hidden">
      <Icon aria-hidden className="size-4" />
      <span className="sr-only">{type}</span>
    </span>
  );
};

/** A mark if something is wrong with the asset, with the findings as a tooltip and for screen readers. */
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

/** The number of pending updates; absent until a sync has counted them. */
function PatchCount({ count }: { count: number | null }) {
  if (count === null) return <Absent />;
  if (count === 0) return <span className="text-ink-faint">0</span>;
  return count >= 10 ? <Badge tone="warn">{count}</Badge> : <>{count}</>;
}

interface SystemProps {
  name: string | null;
  type: string | null;
  version: string | null;
}

/**
 * The system's name; without one, type and version ("Windows 10.0.26100"). Never repeats the type ("Windows Windows
 * Server 2022").
 */
function System({ name, type, version }: SystemProps) {
  if (name !== null) return <>{name}</>;
  if (type === null && version === null) return <Absent />;
  const isNamed = type !== null && !(version ?? "").toLowerCase().startsWith(type.toLowerCase());
  return (
    <>
      {isNamed && `${type} `}
      <span className={isNamed ? "text-ink-faint" : ""}>{version}</span>
    </>
  );
}
