import { Link, useLocation } from "@remix-run/react";
import { ChevronDown, X } from "lucide-react";

import { assetFindings } from "@domain/asset-findings";
import { formatNumber } from "@domain/format";
import { Choice, ClientChoice, FilterForm, TextFilter } from "~/ui/filter-form";
import { findingLabels, platformLabels } from "~/ui/labels";
import { firstPage } from "~/ui/paths";

import {
  alertOptions,
  diskOptions,
  specialOptions,
  stateOptions,
  typeOptions,
  unseenOptions,
  updateOptions,
} from "./asset-labels";
import { customFilterParts, rarerFilters } from "./filter-names";

/** The filters in the address; an empty text for each that it lacks. */
interface AssetFilterValues {
  q: string;
  client: string;
  site: string;
  contact: string;
  type: string;
  state: string;
  platform: string;
  group: string;
  system: string;
  updates: string;
  alerts: string;
  disk: string;
  finding: string;
  unseen: string;
  tag: string;
  special: string;
  custom: string;
  customIs: string;
  customValue: string;
  sort: string;
  order: string;
}

export interface AssetFiltersProps {
  values: AssetFilterValues;
  clients: { id: string; name: string }[];
  sites: { id: string; name: string }[];
  contacts: { id: string; name: string }[];
  groups: { id: string; path: string }[];
  systems: string[];
  tags: string[];
  customFields: { id: string; name: string }[];
}

const customOptions = [
  ["set", "is set"],
  ["is", "is"],
  ["contains", "contains"],
] as const;

const platformOptions = Object.entries(platformLabels);
const findingOptions = assetFindings.map((finding) => [finding, findingLabels[finding]] as const);

export function AssetFilters({
  values,
  clients,
  sites,
  contacts,
  groups,
  systems,
  tags,
  customFields,
}: AssetFiltersProps) {
  const choice = (
    label: string,
    name: (typeof rarerFilters)[number],
    all: string,
    options: readonly Option[],
  ) =>
    options.length > 0 && (
      <Choice label={label} name={name} value={values[name]} options={[["", all], ...options]} />
    );
  return (
    <FilterForm text={values.q} placeholder="Name, hostname, serial, address, user, model, tag">
      <ClientChoice value={values.client} clients={clients} />
      <Choice label="Type" name="type" value={values.type} options={[["", "All types"], ...typeOptions]} />
      <Choice label="State" name="state" value={values.state} options={stateOptions} />
      <details open={rarerFilters.some((name) => values[name] !== "")} className="group basis-full">
        <summary className="inline-flex w-fit items-center gap-1 rounded-sm text-xs font-medium text-ink-muted hover:text-ink">
          <ChevronDown aria-hidden className="size-3.5 -rotate-90 group-open:rotate-0" />
          More filters
        </summary>
        <div className="mt-2 flex flex-wrap gap-2">
          {choice("Site", "site", "All sites", nameOptions(sites))}
          {choice("Contact", "contact", "All contacts", nameOptions(contacts))}
          {choice("Group", "group", "All groups", groupOptions(groups))}
          {choice("Platform", "platform", "All platforms", platformOptions)}
          {choice("System", "system", "All systems", withChosen(systems, values.system))}
          {choice("Updates", "updates", "Any updates", updateOptions)}
          {choice("Alerts", "alerts", "Any alerts", alertOptions)}
          {choice("Disks", "disk", "Any disk space", diskOptions)}
          {choice("Finding", "finding", "Any condition", findingOptions)}
          {choice("Last seen", "unseen", "Seen at any time", unseenOptions)}
          {choice("Tag", "tag", "Any tag", withChosen(tags, values.tag))}
          {choice("Record", "special", "All records", specialOptions)}
          {choice("Custom field", "custom", "Any custom field", nameOptions(customFields))}
          {values.custom !== "" && (
            <>
              <Choice
                label="Condition of the custom field"
                name="customIs"
                value={values.customIs}
                options={customOptions}
              />
              <TextFilter
                label="Value of the custom field"
                name="customValue"
                value={values.customValue}
                placeholder="Value"
              />
            </>
          )}
        </div>
      </details>
      {/* Keeps the order that the table's headers chose. */}
      {(["sort", "order"] as const).map(
        (name) => values[name] !== "" && <input key={name} type="hidden" name={name} value={values[name]} />,
      )}
    </FilterForm>
  );
}

type Option = readonly [value: string, text: string];

const nameOptions = (named: { id: string; name: string }[]) =>
  named.map(({ id, name }) => [id, name] as const);

const groupOptions = (groups: AssetFiltersProps["groups"]) =>
  groups.map(({ id, path }) => [id, path] as const);

/** Options that show their own value. Includes the chosen one even if it is not offered. */
const withChosen = (words: string[], chosen: string): Option[] =>
  [...(chosen === "" || words.includes(chosen) ? [] : [chosen]), ...words].map((word) => [word, word]);

export interface AssetFilterChipsProps extends Pick<
  AssetFiltersProps,
  "values" | "clients" | "sites" | "contacts" | "groups" | "customFields"
> {
  /** The number of assets that each filter alone finds. */
  counts: Partial<Record<string, number>>;
}

/** The filters of the list as chips, each with a button that removes it. */
export function AssetFilterChips(props: AssetFilterChipsProps) {
  const { search } = useLocation();
  const chips = chipsOf(props);
  if (chips.length === 0) return null;
  const without = (name: string) => {
    const params = firstPage(search);
    params.delete(name);
    if (name === "custom") for (const part of customFilterParts) params.delete(part);
    return `?${params}`;
  };
  return (
    <ul aria-label="Filters" className="flex flex-wrap items-center gap-1.5 border-b border-line px-3 py-2">
      {chips.map(({ name, text, found }) => (
        <li key={name} className="min-w-0">
          <Link
            to={without(name)}
            preventScrollReset
            className="inline-flex max-w-64 items-center gap-1 rounded-full bg-accent-soft py-0.5 pr-1.5 pl-2.5 text-xs font-medium text-accent-strong hover:bg-sunken"
          >
            <span className="sr-only">Remove the filter </span>
            <span className="truncate">{text}</span>
            {found !== undefined && (
              <span title="Assets that this filter alone finds" className="font-normal tabular-nums">
                {formatNumber(found)}
              </span>
            )}
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

function chipsOf({ values, clients, sites, contacts, groups, customFields, counts }: AssetFilterChipsProps) {
  const textOf = (options: readonly Option[], value: string) =>
    options.find(([option]) => option === value)?.[1] ?? value;
  const client =
    values.client === "none"
      ? "Without a client"
      : (clients.find(({ id }) => id === values.client)?.name ?? "A client");
  const nameIn = (named: { id: string; name: string }[], id: string) =>
    named.find((one) => one.id === id)?.name ?? "one that is gone";
  const group = groups.find(({ id }) => id === values.group)?.path ?? "A group that is gone";
  const state = values.state === "current" ? "" : values.state;
  const chips = [
    { name: "q", value: values.q, text: `“${values.q}”`, part: "text" },
    { name: "client", value: values.client, text: client, part: "clientId" },
    { name: "site", value: values.site, text: `Site: ${nameIn(sites, values.site)}`, part: "siteId" },
    {
      name: "contact",
      value: values.contact,
      text: `Contact: ${nameIn(contacts, values.contact)}`,
      part: "contactId",
    },
    { name: "type", value: values.type, text: textOf(typeOptions, values.type), part: "type" },
    { name: "state", value: state, text: textOf(stateOptions, state), part: "state" },
    { name: "group", value: values.group, text: `Group: ${group}`, part: "groupId" },
    {
      name: "platform",
      value: values.platform,
      text: textOf(platformOptions, values.platform),
      part: "platform",
    },
    { name: "system", value: values.system, text: `System: ${values.system}`, part: "system" },
    { name: "updates", value: values.updates, text: textOf(updateOptions, values.updates), part: "updates" },
    { name: "alerts", value: values.alerts, text: textOf(alertOptions, values.alerts), part: "alerts" },
    { name: "disk", value: values.disk, text: textOf(diskOptions, values.disk), part: "diskPercent" },
    { name: "finding", value: values.finding, text: textOf(findingOptions, values.finding), part: "finding" },
    { name: "unseen", value: values.unseen, text: textOf(unseenOptions, values.unseen), part: "unseenDays" },
    { name: "tag", value: values.tag, text: `Tag: ${values.tag}`, part: "tag" },
    { name: "special", value: values.special, text: textOf(specialOptions, values.special), part: "special" },
    { name: "custom", value: values.custom, text: customText(values, customFields), part: "custom" },
  ];
  return chips
    .filter(({ value }) => value !== "")
    .map(({ name, text, part }) => ({ name, text, found: counts[part] }));
}

/** "Backup is set", "Backup: image" or "Backup contains “im”". */
function customText(
  { custom, customIs, customValue }: AssetFilterValues,
  fields: AssetFiltersProps["customFields"],
): string {
  const name = fields.find(({ id }) => id === custom)?.name ?? "A custom field that is gone";
  if (customValue === "" || customIs === "set") return `${name} is set`;
  return customIs === "is" ? `${name}: ${customValue}` : `${name} contains “${customValue}”`;
}
