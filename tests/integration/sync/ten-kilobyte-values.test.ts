import { randomBytes } from "node:crypto";

import { sql } from "drizzle-orm";
import { afterEach, beforeEach, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { textLimits } from "@domain/text";
import { maxLabel } from "~/features/connections/forms.server";
import { rmmAlerts, rmmDeviceUpdates, rmmOrganizationMappings, rmmSyncRunErrors } from "@db/schema";

import { alertEvent, createWebhookWorld } from "../../support/webhook";
import { assetOf, type SyncWorld } from "../../support/sync";
import { createMappedWorld } from "../../support/synced-world";

let world: SyncWorld;
beforeEach(async () => {
  world = await createMappedWorld({ devices: 6, alerts: 0 });
});
afterEach(() => world.close());

/** Letters of three bytes that do not compress, so that an index stores the full length. */
const long = () => Array.from(randomBytes(10_000), (byte) => String.fromCodePoint(0x4e00 + byte)).join("");

const issues = () => world.database.db.select().from(rmmSyncRunErrors);

it("a device with 10 KB in every text is synced, and so are those beside it", async () => {
  const [device, plain] = [...world.simulator.account.devices].filter(({ group_id }) => group_id !== null);
  const texts =
    "hostname nickname serial_number manufacturer model notes city country platform last_logged_in_user";
  world.simulator.account.patchDevice(device!.id, {
    ...Object.fromEntries(texts.split(" ").map((field) => [field, long()])),
    network_interfaces: [{ interface: long(), mac_address: long(), ip_addresses: [long()] }],
    operating_system: { full_operating_system: long() },
    disk_partitions: [{ mount_point: long(), size: 100, free_space: 50 }],
  });
  expect(await world.sync("full")).toMatchObject({ status: "completed", itemsFailed: 0 });
  const { asset } = (await assetOf(world, device!.id))!;
  expect(asset.name).toHaveLength(256);
  expect(asset.serialKey).not.toBeNull();
  expect(asset.hostnameKey).not.toBeNull();
  expect(await assetOf(world, plain!.id)).toBeDefined();
});

it("any record with an id of 10 KB is one failed record", async () => {
  const { account } = world.simulator;
  const [device] = [...account.devices];
  account.replaceDevice([...account.devices][1]!.id, { ...device, id: long() });
  account.addGroup({ name: "Long", id: long() });
  const [alert, update] = [account.openAlert(device!.id), account.addUpdate(device!.id)];
  account.patchAlert(alert.id, { id: long() });
  account.patchUpdate(update.id, { id: long() });
  const run = await world.sync("full");
  expect(run).toMatchObject({ status: "completed_with_errors" });
  await world.sync("alerts");
  const noted = (await issues()).filter(({ severity }) => severity === "record");
  expect(new Set(noted.map(({ resource, field }) => `${resource}.${field}`))).toEqual(
    new Set(["groups.id", "devices.id", "alerts.id", "updates.id"]),
  );
});

it("a group, an alert and an update with texts of 10 KB are stored, cut", async () => {
  const { account } = world.simulator;
  const [device] = [...account.devices];
  account.addGroup({ name: long() });
  account.openAlert(device!.id, {
    name: long(),
    device_hostname: long(),
    description: long(),
    payload: long(),
  });
  account.addUpdate(device!.id, {
    name: long(),
    version: long(),
    category: long(),
    kb_ids: [long()],
    error: long(),
  });
  expect(await world.sync("full")).toMatchObject({ status: "completed", itemsFailed: 0 });
  expect(await world.sync("alerts")).toMatchObject({ status: "completed", itemsCreated: 1 });
  const { db } = world.database;
  expect((await db.select().from(rmmAlerts))[0]).toMatchObject({ name: expect.stringMatching(/^.{256}$/) });
  expect((await db.select().from(rmmDeviceUpdates)).some(({ name }) => name.length === 512)).toBe(true);
  expect((await db.select().from(rmmOrganizationMappings)).some(({ name }) => name.length === 256)).toBe(
    true,
  );
});

it("a delivery with 10 KB in every text is stored or refused by name, and stops none after it", async () => {
  const hook = await createWebhookWorld(world);
  const words = Object.fromEntries(
    ["device_hostname", "name", "description", "payload"].map((f) => [f, long()]),
  );
  const answers = [
    await hook.signed(alertEvent("alert_active", 0, words)),
    await hook.signed(alertEvent("alert_active", 1, { id: long() })),
    await hook.signed(alertEvent("alert_active", 2, { device_id: long() })),
    await hook.signed(alertEvent("alert_active", 3, {}, long())),
    await hook.automation({ event: "alert.triggered", alert_id: long(), hostname: long(), name: long() }),
    await hook.automation({ event: "alert.triggered", device_id: long(), name: long() }),
    await hook.signed(alertEvent("alert_active", 4)),
  ];
  expect(answers.map(({ status }) => status)).toEqual([202, 400, 202, 400, 202, 400, 202]);
  expect(await hook.deliveries()).toHaveLength(7);
});

it("an id of the maximum length is synced, and requested again by itself", async () => {
  const { account } = world.simulator;
  const [groupId, id] = [long().slice(0, textLimits.id), long().slice(0, textLimits.id)];
  account.addGroup({ name: "Long", id: groupId });
  account.addDevice({ id, group_id: groupId });
  account.patchDevice(id, { hostname: null, nickname: null });
  account.openAlert(id);
  account.addUpdate(id);
  await world.sync("organizations");
  await world.mapAll();
  expect(await world.sync("full")).toMatchObject({ status: "completed", itemsFailed: 0 });
  expect(await world.sync("alerts")).toMatchObject({ status: "completed", itemsFailed: 0 });
  expect(await world.sync("device", id)).toMatchObject({ status: "completed", itemsFailed: 0 });
  expect((await assetOf(world, id))!.asset.name).toBe(id);
});

const [ID, NAME] = [textLimits.id, textLimits.name];
/** A run's key: provider, type, tenant, connection, the record and the time. An event's: that, and what happened. */
const RUN_KEY = ID + 160;
const EVENT_KEY = RUN_KEY + 40;

/** The longest text, in characters, that outsiders or people can put into an indexed column. */
const fromOutside: Record<string, number> = {
  "asset_list.name_key": ID,
  "asset_list.system_key": 2 * NAME,
  "asset_tags.tag": 200,
  "assets.hostname_key": 2 * NAME,
  "assets.name": ID,
  "assets.serial_key": 2 * NAME,
  "client_contacts.name": NAME,
  "client_sites.name": NAME,
  "clients.name": NAME,
  // As much as `natural_key` keeps; so with the others.
  "clients.name_key": 500,
  "custom_field_values.value": 128,
  "custom_fields.external_id": ID,
  "incidents.name": NAME,
  "rmm_alerts.device_hostname": NAME,
  "rmm_alerts.external_alert_id": ID,
  "rmm_alerts.external_device_id": ID,
  "rmm_alerts.name": NAME,
  "rmm_device_updates.category": NAME,
  "rmm_device_updates.external_device_id": ID,
  "rmm_device_updates.external_update_id": ID,
  "rmm_events.event_key": EVENT_KEY,
  "rmm_held_changes.external_id": ID,
  "rmm_identity_reviews.external_id": ID,
  "rmm_integrations.label": maxLabel,
  "rmm_organization_mappings.external_id": ID,
  "rmm_planned_changes.external_id": ID,
  "rmm_planned_changes.name_key": 500,
  "rmm_run_divergences.external_id": ID,
  "rmm_run_divergences.name_key": 500,
  "rmm_sweep_arrivals.external_id": ID,
  "rmm_sync_run_pages.cursor_after": ID,
  "rmm_sync_runs.key": RUN_KEY,
  "rmm_sync_runs.target_external_id": ID,
  "rmm_webhook_deliveries.event_key": NAME + 40,
  "runs.debounce_key": ID + 60,
  "runs.singleton_key": ID + 60,
  "seen_keys.key": EVENT_KEY,
  "tenant_external_entity_mappings.external_group_id": ID,
  "tenant_external_entity_mappings.external_id": ID,
  "tenant_external_entity_mappings.unassigned_key": 500,
  "tenants.slug": 40,
  "users.email": 254,
};
/** The product's own words, ids and hashes: kinds, states, sums. */
const ours = 100;
const ourColumns = `
  api_idempotency_keys.key_hash api_tokens.token_hash asset_list.agent_status asset_list.status audit_log.action coverage_ignores.kind crons.expression crons.function_id lease.name ledger_days.asset_type
  ledger_entries.asset_type
  outgoing_deliveries.status patch_totals.asset_type patch_totals.patch_key rmm_alerts.severity rmm_alerts.status
  rmm_device_updates.patch_key rmm_held_changes.kind rmm_identity_reviews.reason
  rmm_ignored_records.fingerprint rmm_ignored_records.resource
  rmm_integrations.provider rmm_planned_changes.action rmm_sync_run_days.type rmm_sync_run_pages.resource rmm_sync_run_segments.resource
  rmm_sync_runs.type rmm_webhook_deliveries.way rmm_webhook_rejections.reason stale_patches.patch_key
  rmm_webhook_rejections.way runs.function_id saved_views.list seen_keys.scope sessions.id steps.step_id
  tenant_external_entity_mappings.external_type tenant_external_entity_mappings.skip_reason tenant_feature_flags.flag
  tenant_secrets.name users.invite_token_hash`
  .trim()
  .split(/\s+/);
const BYTES_A_LETTER = 3;
const WITHOUT_TEXTS = 100;
/** Bytes; the limit of a btree entry is a third of a page. */
const MOST = 2_704;

it("every index of the database can hold the longest text of its columns", async () => {
  const indexes = await queryRows<{ index: string; columns: string[] }>(
    world.database.db,
    sql`select c.relname as index, array_agg(t.relname || '.' || a.attname order by a.attnum) as columns
        from pg_index i join pg_class c on c.oid = i.indexrelid join pg_class t on t.oid = i.indrelid
        join pg_am m on m.oid = c.relam and m.amname = 'btree'
        join pg_namespace n on n.oid = t.relnamespace and n.nspname in ('public', 'runner')
        join pg_attribute a on a.attrelid = t.oid and a.atttypid = 'text'::regtype
          and (a.attnum = any(i.indkey)
            or pg_get_expr(i.indexprs, i.indrelid) ~ ('\\m' || a.attname || '\\M'))
        group by i.indexrelid, 1 order by 1`,
  );
  const tooLong = indexes.filter(({ columns }) => {
    const letters = columns.reduce((sum, column) => sum + (fromOutside[column] ?? ours), 0);
    return letters * BYTES_A_LETTER + WITHOUT_TEXTS > MOST;
  });
  expect(tooLong).toEqual([]);
  // A column that is indexed from now on: state how long its texts get, or that they are the product's own.
  const known = [...Object.keys(fromOutside), ...ourColumns];
  expect([...new Set(indexes.flatMap(({ columns }) => columns))].sort()).toEqual(known.sort());
});
