import { Link, useSearchParams } from "@remix-run/react";
import { X } from "lucide-react";

import { severityOrder } from "@domain/incident-state";
import { Badge } from "~/ui/badge";
import { Choice, ClientChoice, FilterForm } from "~/ui/filter-form";
import { severityLabels } from "~/ui/labels";

export interface IncidentFiltersProps {
  values: { q: string; state: string; severity: string; client: string; owner: string };
  clients: { id: string; name: string }[];
  /** The asset whose incidents alone are shown. */
  asset: { id: string; name: string } | null;
}

export const IncidentFilters = ({ values, clients, asset }: IncidentFiltersProps) => (
  <FilterForm text={values.q} placeholder="Incident, device, client">
    <Choice
      label="State"
      name="state"
      value={values.state}
      options={[
        ["active", "Open or acknowledged"],
        ["open", "Open"],
        ["acknowledged", "Acknowledged"],
        ["snoozed", "Snoozed"],
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
        ...severityOrder.map((severity) => [severity, severityLabels[severity].text] as const),
      ]}
    />
    <ClientChoice value={values.client} clients={clients} />
    <Choice
      label="Owner"
      name="owner"
      value={values.owner}
      options={[
        ["", "Any owner"],
        ["me", "Mine"],
        ["none", "Nobody's"],
      ]}
    />
    {asset !== null && <AssetChip asset={asset} />}
  </FilterForm>
);

/** Says whose incidents alone are shown, and takes that back. */
function AssetChip({ asset }: { asset: { id: string; name: string } }) {
  const [params] = useSearchParams();
  const others = new URLSearchParams(params);
  for (const name of ["asset", "after"]) others.delete(name);
  return (
    <Badge tone="accent" className="h-8 max-w-full self-end">
      <input type="hidden" name="asset" value={asset.id} />
      <span className="truncate">Asset: {asset.name}</span>
      <Link
        to={`/alerts?${others}`}
        aria-label={`Show the incidents of all assets, not of ${asset.name} alone`}
        className="rounded-full p-0.5 hover:bg-surface"
      >
        <X aria-hidden className="size-3.5" />
      </Link>
    </Badge>
  );
}
