import { alertSeverities } from "@domain/alert-words";
import { AssetChip } from "~/ui/asset-chip";
import { Choice, ClientChoice, FilterForm } from "~/ui/filter-form";
import { severityLabels } from "~/ui/labels";

import type { AlertFilterValues, AlertOrder } from "./alerts.page.server";

export interface AlertFiltersProps {
  values: AlertFilterValues;
  order: AlertOrder;
  clients: { id: string; name: string }[];
  /** The asset that the list is restricted to; null for all. */
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
        ...alertSeverities.map((severity) => [severity, severityLabels[severity].text] as const),
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
        ["older", "Over 30 days ago"],
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
    {asset !== null && <AssetChip asset={asset} noun="alerts" place="page" />}
  </FilterForm>
);
