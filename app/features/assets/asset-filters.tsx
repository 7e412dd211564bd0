import { Choice, ClientChoice, FilterForm } from "~/ui/filter-form";

export interface AssetFiltersProps {
  values: { q: string; client: string; type: string; state: string; sort: string };
  clients: { id: string; name: string }[];
}

export const AssetFilters = ({ values, clients }: AssetFiltersProps) => (
  <FilterForm text={values.q} placeholder="Name, serial, IP address, user">
    <ClientChoice value={values.client} clients={clients} />
    <Choice
      label="Type"
      name="type"
      value={values.type}
      options={[
        ["", "All types"],
        ["workstation", "Workstations"],
        ["server", "Servers"],
      ]}
    />
    <Choice
      label="State"
      name="state"
      value={values.state}
      options={[
        ["current", "Current"],
        ["online", "Online"],
        ["offline", "Offline"],
        ["patches", "Updates pending"],
        ["gone", "Gone"],
        ["retired", "Retired"],
        ["all", "All states"],
      ]}
    />
    <Choice
      label="Order"
      name="sort"
      value={values.sort}
      options={[
        ["name", "By name"],
        ["client", "By client"],
        ["patches", "Most updates first"],
        ["seen", "Last seen first"],
      ]}
    />
  </FilterForm>
);
