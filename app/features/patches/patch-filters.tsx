import { Choice, ClientChoice, FilterForm } from "~/ui/filter-form";

import type { PatchFilterValues } from "./patch-search.server";

export interface PatchFiltersProps {
  values: PatchFilterValues;
  clients: { id: string; name: string }[];
  /** Undefined on the page of one update. */
  categories?: string[];
  placeholder: string;
  /** The parameters that headers and tabs set, which stay when a filter changes. */
  kept: Record<string, string>;
  children?: React.ReactNode;
}

const ageOptions = ["7", "14", "30", "60", "90"].map((days) => [days, `${days} days or more`] as const);

export const PatchFilters = ({
  values,
  clients,
  categories,
  placeholder,
  kept,
  children,
}: PatchFiltersProps) => (
  <FilterForm text={values.q} placeholder={placeholder}>
    {children}
    <ClientChoice value={values.client} clients={clients} />
    {categories !== undefined && (
      <Choice
        label="Category"
        name="category"
        value={values.category}
        options={[
          ["", "All categories"],
          ["none", "Without a category"],
          ...categories.map((category) => [category, category] as const),
        ]}
      />
    )}
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
      label="Days pending"
      name="age"
      value={values.age}
      options={[["", "Pending at any age"], ...ageOptions]}
    />
    {Object.entries(kept).map(
      ([name, value]) => value !== "" && <input key={name} type="hidden" name={name} value={value} />,
    )}
  </FilterForm>
);
