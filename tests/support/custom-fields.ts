import { sql } from "drizzle-orm";

import { queryRows, withTenant } from "@db/client";
import { getCustomFieldSchedule } from "@db/queries/custom-fields/readings";
import type { CustomFieldInterval } from "@domain/custom-fields";
import { changeCustomFieldSchedule } from "~/features/custom-fields/change-schedule.server";
import { readCustomFields, type ReadingOutcome } from "~/features/custom-fields/read-values";

import type { SyncDeps } from "~/platform/ports";

import { TEST_ACTOR, type SyncWorld } from "./sync";

/** The parts of a world that these helpers need. */
type World = Pick<SyncWorld, "tenantId" | "connectionId"> & { deps: SyncDeps };

const refOf = ({ tenantId, connectionId }: World) => ({ tenantId, connectionId });

/** Schedules the reading of the connection's custom fields at this interval. */
export async function readEvery(world: World, interval: CustomFieldInterval): Promise<void> {
  await changeCustomFieldSchedule(world.deps, refOf(world), interval, TEST_ACTOR);
}

/** Reads all custom fields, in as many passes as that takes. */
export async function readAll(world: World): Promise<ReadingOutcome> {
  for (;;) {
    const outcome = await readCustomFields(world.deps, refOf(world));
    if (outcome.state !== "more") return outcome;
  }
}

export const readSome = (world: World, atMost: number): Promise<ReadingOutcome> =>
  readCustomFields(world.deps, refOf(world), atMost);

export const scheduleOf = async (world: World) =>
  (await withTenant(world.deps.db, world.tenantId, (tx) => getCustomFieldSchedule(tx, refOf(world))))!;

/** The stored values of a device by the names of their fields. */
export async function valuesOf(world: SyncWorld, externalId: string): Promise<Record<string, string>> {
  const rows = await queryRows<{ name: string; value: string }>(
    world.database.db,
    sql`select f.name, v.value from custom_field_values v join custom_fields f on f.id = v.field_id
        join tenant_external_entity_mappings m on m.asset_id = v.asset_id
        where m.tenant_id = ${world.tenantId} and m.external_id = ${externalId}`,
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
}

/** The values that Level lists for a device, without blanks. */
export const valuesInLevel = ({ simulator }: SyncWorld, externalId: string): Record<string, string> =>
  Object.fromEntries(
    simulator.account
      .customFieldValuesOf(externalId)
      .flatMap(({ custom_field_name, value }) => (value === null ? [] : [[custom_field_name, value]])),
  );
