import { and, sql, type SQL, type SQLWrapper } from "drizzle-orm";

import type { AssetFinding } from "@domain/asset-findings";

import { assetPlatforms, type AssetPlatform } from "../../schema";
import { escapeLike } from "../shared/search";

export { assetPlatforms, type AssetPlatform };

export const assetStates = ["current", "online", "offline", "patches", "gone", "retired", "all"] as const;
type AssetState = (typeof assetStates)[number];

export interface AssetFilter {
  text: string | undefined;
  /** `none`: assets without a client. */
  clientId: string | undefined;
  type: "workstation" | "server" | undefined;
  platform: AssetPlatform | undefined;
  /** Words of the operating system's name and version; a number in it is a whole one. */
  system: string | undefined;
  finding: AssetFinding | undefined;
  /** Not seen for so many days. */
  unseenDays: number | undefined;
  tag: string | undefined;
  /** With a field that a person set, or without any RMM that knows the asset. */
  special: "overridden" | "unmanaged" | undefined;
  state: AssetState;
}

/** Which rows of `asset_list l` fit. */
export function assetCondition(tenantId: string, filter: AssetFilter): SQL {
  return and(
    sql`l.tenant_id = ${tenantId}`,
    stateCondition(filter.state),
    when(filter.type, (type) => sql`l.asset_type = ${type}`),
    when(filter.clientId, (id) => (id === "none" ? sql`l.client_id is null` : sql`l.client_id = ${id}`)),
    when(filter.platform, (platform) => sql`l.platform = ${platform}`),
    when(
      filter.system,
      (system) => sql`l.system_key like (select '%' || natural_key(${escapeLike(system)}) || '%')`,
    ),
    when(filter.finding, (finding) => sql`l.findings @> array[${finding}]`),
    when(
      filter.tag,
      (tag) => sql`l.asset_id in (
        select t.asset_id from asset_tags t where t.tenant_id = ${tenantId} and t.tag = ${tag})`,
    ),
    when(
      filter.unseenDays,
      (days) => sql`l.has_device and l.agent_status is distinct from 'online'
        and coalesce(l.last_seen_at <= now() - make_interval(days => ${days}::int), true)`,
    ),
    when(filter.special, (special) =>
      special === "overridden" ? sql`l.is_overridden` : sql`not l.has_device`,
    ),
    // Last: the most expensive for each row.
    when(filter.text, hasText),
  )!;
}

const when = <T>(value: T | undefined, condition: (value: T) => SQL): SQL | undefined =>
  value === undefined ? undefined : condition(value);

/** Whether a line of what is searched has the text in it, whatever the case and the Unicode form of either. */
function hasText(text: string): SQL {
  const has = (part: string) => sql`l.search_text like (select fold_text(${`%${escapeLike(part)}%`}))`;
  const mac = macDigits(text);
  return mac === undefined ? has(text) : sql`(${has(text)} or ${has(mac)})`;
}

const MIN_MAC_DIGITS = 4;

/** The digits of a MAC address, or of a part of one, that is written with separators. */
function macDigits(text: string): string | undefined {
  if (!/^[0-9a-f]{1,4}([:.-][0-9a-f]{1,4})+[:.-]?$/i.test(text)) return undefined;
  const digits = text.replace(/[:.-]/g, "");
  return digits.length >= MIN_MAC_DIGITS ? digits : undefined;
}

/** By the first words of the system's name, as RMMs spell it. */
export function isPlatform(platform: AssetPlatform, osType: SQLWrapper): SQL {
  return sql`asset_platform(${osType}) = ${platform}`;
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
