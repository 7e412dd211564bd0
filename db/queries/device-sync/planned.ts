import { sql } from "drizzle-orm";

import type { PlannedAction } from "@domain/device-plan";
import type { RunRef, ConnectionRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";
import type { FieldChange } from "../../schema";
import { uuidArray } from "../shared/arrays";

/** The plan of a dry run, and what the run that applied it did; see `rmm_planned_changes`. */

/** The prefix of a group's id in a plan, so that it never equals a device's id. */
export const PLANNED_GROUP = "group:";

/**
 * The prefix of the id of a client that a dry run would create. Such a row has the action `group`, and the client's
 * name.
 */
export const PLANNED_CLIENT = "client:";

export interface PlannedWrite {
  externalId: string;
  action: PlannedAction;
  name: string;
  assetId: string | null;
  fromClientId: string | null;
  toClientId: string | null;
  changes: FieldChange[];
  reason: string | null;
  contentHash: string | null;
}

/** Writes the plan of a page; one statement. A repeated page writes the same rows. */
export async function upsertPlanned(
  tx: TenantDb,
  { tenantId, runId }: RunRef,
  planned: PlannedWrite[],
): Promise<void> {
  if (planned.length === 0) return;
  await tx.execute(sql`
    insert into rmm_planned_changes (tenant_id, run_id, external_id, action, name, asset_id, from_client_id,
      to_client_id, changes, reason, content_hash)
    select ${tenantId}, ${runId}, r."externalId", r.action, r.name, r."assetId", r."fromClientId", r."toClientId",
      r.changes, r.reason, r."contentHash"
    from jsonb_to_recordset(${JSON.stringify(planned)}::text::jsonb) as r("externalId" text, action text, name text,
      "assetId" uuid, "fromClientId" uuid, "toClientId" uuid, changes jsonb, reason text, "contentHash" text)
    on conflict (run_id, external_id) do update set
      action = excluded.action, name = excluded.name, asset_id = excluded.asset_id,
      from_client_id = excluded.from_client_id, to_client_id = excluded.to_client_id, changes = excluded.changes,
      reason = excluded.reason, content_hash = excluded.content_hash`);
}

export interface CurrentFields {
  assetId: string;
  overriddenFields: string[];
  name: string;
  assetType: string;
  serialNumber: string | null;
  location: string | null;
  osType: string | null;
  osVersion: string | null;
  lanIp: string | null;
  cpuModel: string | null;
  cpuCores: number | null;
  ramGb: number | null;
  disks: unknown[];
  lastLoggedInUser: string | null;
  systemInfo: Record<string, unknown>;
  siteId: string | null;
  contactId: string | null;
  /** By field: the RMM's value that a person undid. */
  undone: Record<string, unknown>;
  /** The row of the asset's listed device that was linked first; its group decides on site and contact. */
  firstDeviceRowId: string | null;
}

/** The stored fields of assets, to compare them field by field; one statement. */
export async function listCurrentFields(
  tx: TenantDb,
  tenantId: string,
  assetIds: string[],
): Promise<CurrentFields[]> {
  if (assetIds.length === 0) return [];
  return queryRows<CurrentFields>(
    tx,
    sql`select a.id as "assetId", a.held_fields as "overriddenFields", a.name, a.asset_type as "assetType",
          a.serial_number as "serialNumber", a.location, d.os_type as "osType", d.os_version as "osVersion",
          d.lan_ip as "lanIp", d.cpu_model as "cpuModel", d.cpu_cores as "cpuCores", d.ram_gb as "ramGb",
          coalesce(d.disks, '[]'::jsonb) as disks, d.last_logged_in_user as "lastLoggedInUser",
          coalesce(d.system_info, '{}'::jsonb) as "systemInfo", a.site_id as "siteId", a.contact_id as "contactId",
          a.undone, (select m.id from tenant_external_entity_mappings m
            where m.tenant_id = ${tenantId} and m.asset_id = a.id and m.gone_at is null
            order by m.id limit 1) as "firstDeviceRowId"
        from assets a left join asset_details d on d.asset_id = a.id
        where a.tenant_id = ${tenantId}
          and a.id = any(${uuidArray(assetIds)})`,
  );
}

/** Marks the plan's moves or renames, or only moves from the given clients, as changes that would be held. */
export async function markPlannedHeld(
  tx: TenantDb,
  { tenantId, runId }: RunRef,
  kind: "move" | "rename",
  reason: string,
  fromClientIds?: string[],
): Promise<void> {
  const staged = JSON.stringify([{ staged: kind }]);
  await tx.execute(sql`
    update rmm_planned_changes set action = 'hold', reason = ${reason}
    where tenant_id = ${tenantId} and run_id = ${runId} and changes @> ${staged}::text::jsonb
      and ${fromClientIds === undefined ? sql`true` : sql`from_client_id = any(${uuidArray(fromClientIds)})`}`);
}

/** Marks planned changes of which the same kind is already held. They stay held, even if there are few by now. */
export async function markPlannedHeldStill(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  runId: string,
  reason: string,
): Promise<void> {
  await tx.execute(sql`
    update rmm_planned_changes p set action = 'hold', reason = ${reason}
    from rmm_held_changes h
    where p.tenant_id = ${tenantId} and p.run_id = ${runId} and p.action <> 'hold'
      and h.tenant_id = ${tenantId} and h.integration_id = ${connectionId} and h.state = 'held'
      and h.external_id = p.external_id
      and p.changes @> jsonb_build_array(jsonb_build_object('staged', h.kind))`);
}

/** How many moves and renames in a dry run's plan wait for the end of the run. */
export async function countPlannedPending(
  tx: TenantDb,
  { tenantId, runId }: RunRef,
): Promise<Record<"move" | "rename", number>> {
  const [row] = await queryRows<Record<"move" | "rename", number>>(
    tx,
    sql`select (count(*) filter (where changes @> '[{"staged":"move"}]'::jsonb))::int as move,
          (count(*) filter (where changes @> '[{"staged":"rename"}]'::jsonb))::int as rename
        from rmm_planned_changes where tenant_id = ${tenantId} and run_id = ${runId}`,
  );
  return row!;
}

/** How many devices each kind of change affects. */
export async function countPlanned(
  tx: TenantDb,
  tenantId: string,
  runId: string,
): Promise<Partial<Record<PlannedAction, number>>> {
  const rows = await queryRows<{ action: PlannedAction; n: number }>(
    tx,
    sql`select action, count(*)::int as n from rmm_planned_changes
        where tenant_id = ${tenantId} and run_id = ${runId} and action <> 'group'
        group by action`,
  );
  return Object.fromEntries(rows.map((row) => [row.action, row.n]));
}

/** The groups that a dry run read. */
export async function listPlannedGroups(
  tx: TenantDb,
  tenantId: string,
  runId: string,
): Promise<{ externalId: string; parentExternalId: string | null; name: string }[]> {
  return queryRows(
    tx,
    sql`select external_id as "externalId", name, reason as "parentExternalId" from rmm_planned_changes
        where tenant_id = ${tenantId} and run_id = ${runId} and action = 'group'
          and starts_with(external_id, ${PLANNED_GROUP})`,
  );
}
