import { Link, useLocation } from "@remix-run/react";
import { ChevronDown, X } from "lucide-react";

import { assetFindings } from "@domain/asset-findings";
import { Choice, ClientChoice, FilterForm } from "~/ui/filter-form";

import { findingLabels, platformLabels } from "~/ui/labels";
import { firstPage } from "~/ui/paths";

import { specialOptions, stateOptions, typeOptions, unseenOptions } from "./asset-labels";

/** As the address has them; empty for what it does not say. */
export interface AssetFilterValues {
  q: string;
  client: string;
  type: string;
  state: string;
  platform: string;
  system: string;
  finding: string;
  unseen: string;
  tag: string;
  special: string;
  sort: string;
  order: string;
}

export interface AssetFiltersProps {
  values: AssetFilterValues;
  clients: { id: string; name: string }[];
  tags: string[];
}

/** Filters that are not chosen every day; the bar shows them when one of them is. */
const rarer = ["platform", "finding", "unseen", "tag", "special"] as const;

const platformOptions = Object.entries(platformLabels);
const findingOptions = assetFindings.map((finding) => [finding, findingLabels[finding]] as const);

export function AssetFilters({ values, clients, tags }: AssetFiltersProps) {
  const tagOptions = tags.map((tag) => [tag, tag] as const);
  return (
    <FilterForm text={values.q} placeholder="Name, hostname, serial, address, user, model, tag">
      <ClientChoice value={values.client} clients={clients} />
      <Choice label="Type" name="type" value={values.type} options={[["", "All types"], ...typeOptions]} />
      <Choice label="State" name="state" value={values.state} options={stateOptions} />
      <details open={rarer.some((name) => values[name] !== "")} className="group basis-full">
        <summary className="inline-flex w-fit items-center gap-1 rounded-sm text-xs font-medium text-ink-muted hover:text-ink">
          <ChevronDown aria-hidden className="size-3.5 -rotate-90 group-open:rotate-0" />
          More filters
        </summary>
        <div className="mt-2 flex flex-wrap gap-2">
          <Choice
            label="Platform"
            name="platform"
            value={values.platform}
            options={[["", "All platforms"], ...platformOptions]}
          />
          <Choice
            label="Finding"
            name="finding"
            value={values.finding}
            options={[["", "Any condition"], ...findingOptions]}
          />
          <Choice
            label="Last seen"
            name="unseen"
            value={values.unseen}
            options={[["", "Seen at any time"], ...unseenOptions]}
          />
          {tags.length > 0 && (
            <Choice label="Tag" name="tag" value={values.tag} options={[["", "Any tag"], ...tagOptions]} />
          )}
          <Choice
            label="Record"
            name="special"
            value={values.special}
            options={[["", "All records"], ...specialOptions]}
          />
        </div>
      </details>
      {/* What the headers and links of the page choose stays as it is. */}
      {(["system", "sort", "order"] as const).map(
        (name) => values[name] !== "" && <input key={name} type="hidden" name={name} value={values[name]} />,
      )}
    </FilterForm>
  );
}

/** What the list is narrowed to, each to be taken away by itself. */
export function AssetFilterChips({ values, clients }: Omit<AssetFiltersProps, "tags">) {
  const { search } = useLocation();
  const chips = chipsOf(values, clients);
  if (chips.length === 0) return null;
  const without = (name: string) => {
    const params = firstPage(search);
    params.delete(name);
    return `?${params}`;
  };
  return (
    <ul aria-label="Filters" className="flex flex-wrap items-center gap-1.5 border-b border-line px-3 py-2">
      {chips.map(({ name, text }) => (
        <li key={name} className="min-w-0">
          <Link
            to={without(name)}
            preventScrollReset
            className="inline-flex max-w-64 items-center gap-1 rounded-full bg-accent-soft py-0.5 pr-1.5 pl-2.5 text-xs font-medium text-accent-strong hover:bg-sunken"
          >
            <span className="sr-only">Remove the filter </span>
            <span className="truncate">{text}</span>
            <X aria-hidden className="size-3 shrink-0" />
          </Link>
        </li>
      ))}
      {chips.length > 1 && (
        <li>
          <Link to="/assets" className="px-1 text-xs font-medium text-accent hover:underline">
            Remove all
          </Link>
        </li>
      )}
    </ul>
  );
}

function chipsOf(values: AssetFilterValues, clients: { id: string; name: string }[]) {
  const textOf = (options: readonly (readonly [string, string])[], value: string) =>
    options.find(([option]) => option === value)?.[1] ?? value;
  const client =
    values.client === "none"
      ? "Without a client"
      : (clients.find(({ id }) => id === values.client)?.name ?? "A client");
  const chips = [
    { name: "q", value: values.q, text: `“${values.q}”` },
    { name: "client", value: values.client, text: client },
    { name: "type", value: values.type, text: textOf(typeOptions, values.type) },
    {
      name: "state",
      value: values.state === "current" ? "" : values.state,
      text: textOf(stateOptions, values.state),
    },
    { name: "platform", value: values.platform, text: textOf(platformOptions, values.platform) },
    { name: "system", value: values.system, text: `System: ${values.system}` },
    { name: "finding", value: values.finding, text: textOf(findingOptions, values.finding) },
    { name: "unseen", value: values.unseen, text: textOf(unseenOptions, values.unseen) },
    { name: "tag", value: values.tag, text: `Tag: ${values.tag}` },
    { name: "special", value: values.special, text: textOf(specialOptions, values.special) },
  ];
  return chips.filter(({ value }) => value !== "");
}
