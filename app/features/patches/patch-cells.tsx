import { Link } from "@remix-run/react";
import { Laptop, Server } from "lucide-react";

import { DAY_MS } from "@domain/durations";
import { formatNumber } from "@domain/format";
import { Absent } from "~/ui/card";
import { cn } from "~/ui/cn";
import { useClock } from "~/ui/time";

/** Whole days since an instant; a month or more is highlighted. */
export function DaysSince({ at, until }: { at: string | null; until?: string | null }) {
  const { now } = useClock();
  if (at === null) return <Absent />;
  const end = until === null || until === undefined ? now : Date.parse(until);
  const days = Math.max(0, Math.floor((end - Date.parse(at)) / DAY_MS));
  return (
    <span className={cn(days >= 60 ? "font-medium text-bad" : days >= 30 && "font-medium text-warn")}>
      {formatNumber(days)}
    </span>
  );
}

export const Kbs = ({ ids }: { ids: string[] }) =>
  ids.length === 0 ? <Absent /> : <span title={ids.join(", ")}>{ids.join(", ")}</span>;

interface AssetCellProps {
  id: string;
  name: string;
  assetType: "workstation" | "server";
  client: string | null;
}

/** An asset's name, with its client below on a phone. */
export function AssetCell({ id, name, assetType, client }: AssetCellProps) {
  const Icon = assetType === "server" ? Server : Laptop;
  return (
    <div className="flex items-center gap-2.5">
      <span title={assetType === "server" ? "Server" : "Workstation"} className="text-ink-faint">
        <Icon aria-hidden className="size-4" />
        <span className="sr-only">{assetType}</span>
      </span>
      <div className="min-w-0">
        <Link
          to={`/assets/${id}`}
          prefetch="intent"
          className="block truncate font-medium hover:underline"
          title={name}
        >
          {name}
        </Link>
        <span className="block truncate text-xs text-ink-faint sm:hidden">
          {client ?? "Without a client"}
        </span>
      </div>
    </div>
  );
}

export const ClientCell = ({ id, name }: { id: string | null; name: string | null }) =>
  id === null ? (
    <Absent />
  ) : (
    <Link to={`/clients/${id}`} className="text-ink-muted hover:text-ink hover:underline">
      {name}
    </Link>
  );
