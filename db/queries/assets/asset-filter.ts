import { and, sql, type SQL } from "drizzle-orm";

import type { AssetFinding } from "@domain/asset-findings";

import { assetPlatforms, findingBit, type AssetPlatform } from "../../schema";
import { hasFolded } from "../shared/search";

export { assetPlatforms, type AssetPlatform };

export const assetStates = ["current", "online", "offline", "patches", "gone", "retired", "all"] as const;
type AssetState = (typeof assetStates)[number];

export interface AssetFilter {
  text: string | undefined;
  /** `none` finds assets without a client. */
  clientId: string | undefined;
  siteId: string | undefined;
  contactId: string | undefined;
  type: "workstation" | "server" | undefined;
  platform: AssetPlatform | undefined;
  /** Words from the operating system's name and version. A number matches a whole number only. */
  system: string | undefined;
  /** A group of the RMM, including the groups below it. */
  groupId: string | undefined;
  updates: AssetUpdates | undefined;
  alerts: AssetAlerts | undefined;
  /** At least one disk is this full, in percent. */
  diskPercent: number | undefined;
  finding: AssetFinding | undefined;
  /** Not seen for this many days. */
  unseenDays: number | undefined;
  tag: string | undefined;
  special: AssetSpecial | undefined;
  custom: CustomFieldFilter | undefined;
  state: AssetState;
}

/** The asset has any value in the field, has this value (ignoring case), or has a value that contains this text. */
export const customFieldConditions = ["set", "is", "contains"] as const;
type CustomFieldCondition = (typeof customFieldConditions)[number];

export interface CustomFieldFilter {
  fieldId: string;
  condition: CustomFieldCondition;
  /** Empty for `set`. */
  value: string;
  /** Whether the reader may filter by admin-only fields. If not, such a field matches no asset. */
  withAdminOnly: boolean;
}

/** At least this many updates pending, or an update pending for at least this many days. */
export const assetUpdates = ["1", "10", "50", "7d", "30d", "90d"] as const;
type AssetUpdates = (typeof assetUpdates)[number];

/** Alerts that nobody has acknowledged: of any severity, or of this severity and worse. */
export const assetAlerts = ["open", "major", "critical"] as const;
type AssetAlerts = (typeof assetAlerts)[number];

/** `overridden`: a person set a field. `unmanaged`: no RMM knows the asset. `exempt`: no RMM needs to know it. */
export const assetSpecials = ["overridden", "unmanaged", "exempt"] as const;
type AssetSpecial = (typeof assetSpecials)[number];

/** The condition that a row of `asset_list l` matches. */
export const assetCondition = (tenantId: string, filter: AssetFilter): SQL =>
  and(sql`l.tenant_id = ${tenantId}`, ...Object.values(conditionsOf(tenantId, filter)))!;

/** Whether the filter selects all assets, or all current ones. */
export const isWhole = ({ state, ...others }: AssetFilter): boolean =>
  (state === "current" || state === "all") && Object.values(others).every((part) => part === undefined);

/**
 * The condition of each part of a filter; undefined for a part that asks for nothing. The most expensive comes last.
 */
export const conditionsOf = (
  tenantId: string,
  filter: AssetFilter,
): Record<keyof AssetFilter, SQL | undefined> => ({
  state: stateCondition(filter.state),
  type: when(filter.type, (type) => sql`l.asset_type = ${type}`),
  clientId: when(filter.clientId, (id) =>
    id === "none" ? sql`l.client_id is null` : sql`l.client_id = ${id}`,
  ),
  siteId: when(filter.siteId, (id) => sql`l.site_id = ${id}`),
  contactId: when(filter.contactId, (id) => sql`l.contact_id = ${id}`),
  platform: when(filter.platform, (platform) => sql`l.platform = ${platform}`),
  diskPercent: when(filter.diskPercent, (percent) => sql`l.disk_percent >= ${percent}::int`),
  updates: when(filter.updates, hasUpdates),
  finding: when(filter.finding, hasFinding),
  special: when(filter.special, isSpecial),
  unseenDays: when(
    filter.unseenDays,
    (days) => sql`l.has_device and l.agent_status is distinct from 'online'
      and coalesce(l.last_seen_at <= now() - make_interval(days => ${days}::int), true)`,
  ),
  system: when(filter.system, (system) => sql`strpos(l.system_key, (select natural_key(${system}))) > 0`),
  groupId: when(filter.groupId, (id) => inGroup(tenantId, id)),
  tag: when(
    filter.tag,
    (tag) =>
      sql`l.asset_id in (select t.asset_id from asset_tags t where t.tenant_id = ${tenantId} and t.tag = ${tag})`,
  ),
  alerts: when(filter.alerts, (alerts) => hasAlerts(tenantId, alerts)),
  custom: when(filter.custom, (custom) => hasCustomValue(tenantId, custom)),
  text: when(filter.text, hasText),
});

const when = <T>(value: T | undefined, condition: (value: T) => SQL): SQL | undefined =>
  value === undefined ? undefined : condition(value);

/** Whether asset `l` has the finding. */
export const hasFinding = (finding: AssetFinding): SQL =>
  sql`l.traits & ${sql.raw(String(findingBit(finding)))} <> 0`;

/**
 * Whether one of the searched lines of `l` contains the text, ignoring case and Unicode form. `l` is a row of
 * `asset_list` or of `asset_texts`.
 */
export function hasText(text: string): SQL {
  const has = (part: string) => hasFolded(sql`l.search_text`, part);
  const mac = macDigits(text);
  return mac === undefined ? has(text) : sql`(${has(text)} or ${has(mac)})`;
}

/**
 * Whether asset `l` is among the given ids. `is not distinct from true` forces a hash look-up during one pass over the
 * list; as a join, the planner would hash the whole list, or look up each of thousands of assets. `is true` would too,
 * but the planner takes that for as cheap as a comparison, and looks up rows that another condition drops.
 */
const isAmong = (assetIds: SQL): SQL => sql`(l.asset_id in (${assetIds})) is not distinct from true`;

const MIN_MAC_DIGITS = 4;

/**
 * Part of an IPv4 address. No MAC address looks like this, and searching for one as well would take half as long again.
 */
const ipPart = /^((0|[1-9]\d{0,2})\.){1,3}((0|[1-9]\d{0,2})\.?)?$/;

/** The hexadecimal digits of a MAC address, or of part of one, that is written with separators; otherwise undefined. */
function macDigits(text: string): string | undefined {
  if (ipPart.test(text)) return undefined;
  if (!/^[0-9a-f]{1,4}([:.-][0-9a-f]{1,4})+[:.-]?$/i.test(text)) return undefined;
  const digits = text.replace(/[:.-]/g, "");
  return digits.length >= MIN_MAC_DIGITS ? digits : undefined;
}

function hasUpdates(updates: AssetUpdates): SQL {
  const n = Number.parseInt(updates);
  return updates.endsWith("d")
    ? sql`l.pending_patches > 0 and l.pending_since <= now() - make_interval(days => ${n}::int)`
    : sql`l.pending_patches >= ${n}::int`;
}

const worseThan: Record<AssetAlerts, SQL> = {
  open: sql``,
  major: sql`and r.severity in ('major', 'critical')`,
  critical: sql`and r.severity = 'critical'`,
};

const hasAlerts = (tenantId: string, alerts: AssetAlerts): SQL =>
  isAmong(sql`select r.asset_id from rmm_alerts r
    where r.tenant_id = ${tenantId} and r.status = 'active' and r.acknowledged_at is null
      and r.asset_id is not null ${worseThan[alerts]}`);

/** Uses an index for `set` and `is`; `contains` reads all values of the field. */
function hasCustomValue(
  tenantId: string,
  { fieldId, condition, value, withAdminOnly }: CustomFieldFilter,
): SQL {
  const folded = sql`(select fold_text(${value}))`;
  const fits = {
    set: sql``,
    is: sql`and left(fold_text(v.value), 128) collate "C" = left(${folded}, 128) and fold_text(v.value) = ${folded}`,
    contains: sql`and strpos(fold_text(v.value), ${folded}) > 0`,
  }[condition];
  return sql`l.asset_id in (
    select v.asset_id from custom_field_values v join custom_fields f on f.tenant_id = v.tenant_id and f.id = v.field_id
    where v.tenant_id = ${tenantId} and v.field_id = ${fieldId}
      ${withAdminOnly ? sql`` : sql`and not f.is_admin_only`} ${fits})`;
}

/**
 * Includes every group below. Ends even if the RMM makes a group its own ancestor, because `union` drops duplicates.
 */
const inGroup = (tenantId: string, groupId: string): SQL => sql`(l.integration_id, l.external_group_id) in (
  with recursive subtree as (
    select g.integration_id, g.external_id from rmm_organization_mappings g
    where g.tenant_id = ${tenantId} and g.id = ${groupId}
    union
    select g.integration_id, g.external_id from rmm_organization_mappings g
    join subtree s on g.integration_id = s.integration_id and g.parent_external_id = s.external_id
    where g.tenant_id = ${tenantId}
  )
  select integration_id, external_id from subtree)`;

function isSpecial(special: AssetSpecial): SQL {
  switch (special) {
    case "overridden":
      return sql`l.is_overridden`;
    case "unmanaged":
      return sql`not l.has_device`;
    case "exempt":
      return sql`l.needs_no_agent`;
  }
}

function stateCondition(state: AssetState): SQL | undefined {
  const active = sql`l.status = 'active'`;
  switch (state) {
    case "current":
      return active;
    case "online":
      return and(active, sql`l.agent_status = 'online'`);
    case "offline":
      return and(active, sql`l.agent_status is distinct from 'online'`);
    case "patches":
      return and(active, sql`l.pending_patches > 0`);
    case "gone":
    case "retired":
      return sql`l.status = ${state}`;
    case "all":
      return undefined;
  }
}
