import { Link, useSearchParams } from "@remix-run/react";
import { X } from "lucide-react";

import { Badge } from "~/ui/badge";
import { Choice, ClientChoice, FilterForm } from "~/ui/filter-form";
import { severityLabels } from "~/ui/labels";

import type { AlertFilterValues, AlertOrder } from "./alerts.page.server";

const severities = ["critical", "major", "moderate", "minor", "none"] as const;

export interface AlertFiltersProps {
  values: AlertFilterValues;
  order: AlertOrder;
  clients: { id: string; name: string }[];
  /** The asset whose alerts alone are shown. */
  asset: { id: string; name: string } | null;
}

export const AlertFilters = ({ values, order, clients, asset }: AlertFiltersProps) => (
  <FilterForm text={values.q} placeholder="Alert, device, description">
    <Choice
      label="State"
      name="state"
      value={values.state}
      options={[
        ["open", "Open"],
        ["active", "Open or acknowledged"],
        ["acknowledged", "Acknowledged"],
        ["resolved", "Resolved"],
        ["all", "All states"],
      ]}
    />
    <Choice
      label="Severity"
      name="severity"
      value={values.severity}
      options={[
        ["", "All severities"],
        ...severities.map((severity) => [severity, severityLabels[severity].text] as const),
      ]}
    />
    <ClientChoice value={values.client} clients={clients} />
    <Choice
      label="Time"
      name="time"
      value={values.time}
      options={[
        ["", "Any time"],
        ["day", "Last 24 hours"],
        ["week", "Last 7 days"],
        ["month", "Last 30 days"],
      ]}
    />
    <Choice
      label="Sort"
      name="sort"
      value={order}
      options={[
        ["newest", "Newest first"],
        ["severity", "Critical first"],
      ]}
    />
    {asset !== null && <AssetChip asset={asset} />}
  </FilterForm>
);

/** Says whose alerts alone are shown, and takes that back. */
function AssetChip({ asset }: { asset: { id: string; name: string } }) {
  const [params] = useSearchParams();
  const others = new URLSearchParams(params);
  for (const name of ["asset", "page"]) others.delete(name);
  return (
    <Badge tone="accent" className="h-8 max-w-full self-end">
      <input type="hidden" name="asset" value={asset.id} />
      <span className="truncate">Asset: {asset.name}</span>
      <Link
        to={`/alerts/list?${others}`}
        aria-label={`Show the alerts of all assets, not of ${asset.name} alone`}
        className="rounded-full p-0.5 hover:bg-surface"
      >
        <X aria-hidden className="size-3.5" />
      </Link>
    </Badge>
  );
}
