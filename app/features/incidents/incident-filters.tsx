import { alertSeverities } from "@domain/alert-words";
import { AssetChip } from "~/ui/asset-chip";
import { Choice, ClientChoice, FilterForm } from "~/ui/filter-form";
import { severityLabels } from "~/ui/labels";

export interface IncidentFiltersProps {
  values: { q: string; state: string; severity: string; client: string; owner: string };
  clients: { id: string; name: string }[];
  /** The asset that the list is restricted to; null for all. */
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
        ...alertSeverities.map((severity) => [severity, severityLabels[severity].text] as const),
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
    {asset !== null && <AssetChip asset={asset} noun="incidents" place="after" />}
  </FilterForm>
);
