import type { Account } from "./account";
import { HttpError } from "./http-error";
import type { Entry, PageQuery, RecordTable } from "./record-table";
import { BLOCKS_BY_FLAG, type Resource } from "./records";

/** One answered page: the JSON text of each record, and the flag beside them. */
export interface ListPage {
  texts: string[];
  hasMore: boolean;
}

/** How a fault bends a list. */
export interface ListBend {
  /** Answers the page that ends with the cursor's own record, again and again. */
  repeatCursor?: boolean;
  /** Ends the list after this share of its records. */
  share?: number;
}

export const notFound = () => new HttpError(404, "Not found");

type Params = URLSearchParams;
type AnyTable = RecordTable<object, unknown, object>;
type Filter = Pick<PageQuery<never>, "match" | "within">;
type AnyFilter = Pick<PageQuery<unknown>, "match" | "within">;

/** Every parameter a resource knows. Others are ignored, as Level does, but counted. */
export const KNOWN_PARAMS: Readonly<Record<Resource, readonly string[]>> = {
  groups: ["parent_id"],
  devices: [
    "group_id",
    "ancestor_group_id",
    "tag_id",
    "hostname",
    "serial_number",
    ...Object.keys(BLOCKS_BY_FLAG),
  ],
  updates: ["device_id", "status", "category"],
  alerts: ["device_id", "status"],
  tags: ["device_id"],
  custom_fields: [],
  custom_field_values: ["assigned_to_id", "custom_field_id"],
  automations: [],
};

/** @throws HttpError 404 for an unknown cursor, 422 for a parameter Level would not take. */
export function listPage(
  account: Account,
  resource: Resource,
  params: Params,
  bend: ListBend = {},
): ListPage {
  const limit = limitOf(params);
  if (resource === "custom_field_values") return valuesPage(account, params, limit);
  if (resource === "automations") throw notFound();
  if (resource === "groups" && params.get("parent_id") === "null") throw notFound();

  const after = params.get("starting_after");
  const before = params.get("ending_before");
  if (after !== null && before !== null)
    throw new HttpError(422, "starting_after and ending_before exclude each other");

  const table = tableOf(account, resource);
  const filter = filterOf(account, resource, params) as AnyFilter;
  const blocks = resource === "devices" ? blocksOf(params) : "all";
  const write = (entry: Entry<unknown>) => table.text(entry, blocks);

  const cursor = bend.repeatCursor && after !== null ? table.entry(after) : undefined;
  if (cursor) {
    const page = limit > 1 ? table.page({ ...filter, limit: limit - 1, before: after }) : undefined;
    return { texts: [...(page?.entries ?? []), cursor].map(write), hasMore: true };
  }
  const page = table.page({ ...filter, limit, after, before, share: bend.share ?? null });
  if (!page) throw notFound();
  return { texts: page.entries.map(write), hasMore: bend.repeatCursor ? true : page.hasMore };
}

/** The bare record, as `GET /v2/<resource>/{id}` answers it. */
export function singleRecord(account: Account, resource: Resource, id: string, params: Params): string {
  if (resource === "custom_field_values" || resource === "automations") throw notFound();
  const table = tableOf(account, resource);
  const entry = table.entry(id);
  if (!entry) throw notFound();
  return table.text(entry, resource === "devices" ? blocksOf(params) : "all");
}

function tableOf(
  account: Account,
  resource: Exclude<Resource, "custom_field_values" | "automations">,
): AnyTable {
  return (resource === "custom_fields" ? account.customFields : account[resource]) as unknown as AnyTable;
}

function limitOf(params: Params): number {
  const text = params.get("limit");
  if (text === null) return 20;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 100) throw new HttpError(422, "limit must be between 1 and 100");
  return limit;
}

/** Only the text "true" asks for a block. */
function blocksOf(params: Params): "all" | "none" | ReadonlySet<string> {
  const flags = Object.keys(BLOCKS_BY_FLAG) as (keyof typeof BLOCKS_BY_FLAG)[];
  const asked = flags.filter((flag) => params.get(flag) === "true");
  if (asked.length === 0) return "none";
  return asked.length === flags.length ? "all" : new Set(asked.flatMap((flag) => BLOCKS_BY_FLAG[flag]));
}

function filterOf(account: Account, resource: Resource, params: Params): Filter {
  const within = params.get("device_id");
  switch (resource) {
    case "groups":
      return { within: params.get("parent_id") };
    case "devices":
      return deviceFilter(account, params);
    case "updates": {
      const status = oneOf(params, "status", ["available", "installed"]);
      const category = params.get("category");
      const match = (keys: { available: boolean; category: string | null }) =>
        (status === null || keys.available === (status === "available")) &&
        (category === null || keys.category === category);
      return { within, match };
    }
    case "alerts": {
      const status = oneOf(params, "status", ["active", "resolved"]);
      return {
        within,
        match: (keys: { resolved: boolean }) => status === null || keys.resolved === (status === "resolved"),
      };
    }
    case "tags": {
      if (within === null) return {};
      const names: readonly unknown[] = account.devices.get(within)?.tags ?? [];
      return { match: (keys: { name: string | null }) => names.includes(keys.name) };
    }
    default:
      return {};
  }
}

function deviceFilter(account: Account, params: Params): Filter {
  const groupId = params.get("group_id");
  const ancestor = params.get("ancestor_group_id");
  const tagId = params.get("tag_id");
  const hostname = params.get("hostname");
  const serial = params.get("serial_number");
  const below = ancestor === null ? null : account.subtree(ancestor);
  const tag = tagId === null ? null : (account.tags.get(tagId)?.name ?? Symbol("unknown tag"));
  // The text "null" asks for ungrouped devices: by Level's official wording, though unproven.
  const ungrouped = groupId === "null";
  const filtered = [ancestor, tagId, hostname, serial].some((value) => value !== null) || ungrouped;
  type DeviceKeys = {
    groupId: string | null;
    hostname: string | null;
    serial: string | null;
    tags: readonly unknown[];
  };
  const match = (keys: DeviceKeys) =>
    (!ungrouped || keys.groupId === null) &&
    (below === null || (keys.groupId !== null && below.has(keys.groupId))) &&
    (tag === null || keys.tags.includes(tag)) &&
    (hostname === null || keys.hostname === hostname) &&
    (serial === null || keys.serial === serial);
  return { within: ungrouped ? null : groupId, match: filtered ? match : null };
}

function oneOf(params: Params, name: string, values: readonly string[]): string | null {
  const value = params.get(name);
  if (value !== null && !values.includes(value))
    throw new HttpError(422, `${name} must be one of ${values.join(", ")}`);
  return value;
}

/**
 * Values have no id, and so no cursor that Level would know. Without `assigned_to_id` only the account's own rows are
 * listed, and `custom_field_id` alone is ignored; a group gives the account's, a device those that apply to it.
 */
function valuesPage(account: Account, params: Params, limit: number): ListPage {
  if (params.has("starting_after") || params.has("ending_before")) throw notFound();
  const assignedTo = params.get("assigned_to_id");
  const fieldId = assignedTo === null ? null : params.get("custom_field_id");
  const rows = account
    .customFieldValuesOf(assignedTo)
    .filter((row) => fieldId === null || row.custom_field_id === fieldId);
  return { texts: rows.slice(0, limit).map((row) => JSON.stringify(row)), hasMore: rows.length > limit };
}
