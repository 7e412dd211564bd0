import { and, eq } from "drizzle-orm";

import { withTenant, type Db } from "@db/client";
import { listGroups } from "@db/queries/device-sync/groups";
import { assetDetails, assets, rmmSyncRuns, tenantExternalEntityMappings } from "@db/schema";
import { deviceContentHash } from "@domain/content-hash";
import { clientForDevice, resolveClients } from "@domain/group-tree";
import type { DeviceSnapshot } from "@domain/snapshots";
import type { RmmProvider } from "~/connectors/rmm-provider";

interface Target {
  db: Db;
  tenantId: string;
  connectionId: string;
  runId: string;
}

/**
 * The baseline of (b), written for the benchmark: an ingest that walks the same pages through the same connector and
 * writes each device on its own, in a transaction of six statements (read mapping, read asset, write asset, write
 * details, write mapping, count progress).
 */
export async function ingestOneByOne(
  provider: RmmProvider,
  target: Target,
): Promise<{ ms: number; devices: number }> {
  const { db, tenantId, connectionId } = target;
  const begunAt = performance.now();
  const clients = resolveClients(
    await withTenant(db, tenantId, (tx) => listGroups(tx, tenantId, connectionId)),
  );
  let devices = 0;
  for await (const page of provider.listDevices()) {
    for (const device of page.items) {
      const client = clientForDevice(clients, device.externalGroupId ?? null);
      if (client.skip === undefined) await ingest(target, device, client.clientId, page.observedAt);
      devices++;
    }
  }
  return { ms: performance.now() - begunAt, devices };
}

async function ingest(
  target: Target,
  device: DeviceSnapshot,
  clientId: string,
  observedAt: Date,
): Promise<void> {
  const { tenantId, connectionId, runId } = target;
  const { liveness, externalId, externalGroupId, name, assetType, ...rest } = device;
  const facts = { ...rest, name: name ?? externalId, assetType: assetType ?? ("workstation" as const) };
  await target.db.transaction(async (tx) => {
    const [mapping] = await tx
      .select()
      .from(tenantExternalEntityMappings)
      .where(
        and(
          eq(tenantExternalEntityMappings.tenantId, tenantId),
          eq(tenantExternalEntityMappings.connectionId, connectionId),
          eq(tenantExternalEntityMappings.externalType, "device"),
          eq(tenantExternalEntityMappings.externalId, externalId),
        ),
      );
    const [known] = await tx
      .select()
      .from(assets)
      .where(eq(assets.id, mapping?.assetId ?? NO_ID));
    const [asset] = await tx
      .insert(assets)
      .values({ ...(known && { id: known.id }), tenantId, clientId, ...facts })
      .onConflictDoUpdate({ target: assets.id, set: { clientId, ...facts } })
      .returning({ id: assets.id });
    const assetId = asset!.id;
    await tx
      .insert(assetDetails)
      .values({ assetId, tenantId, ...facts })
      .onConflictDoUpdate({ target: assetDetails.assetId, set: facts });
    const row = {
      assetId,
      displayName: facts.name,
      contentHash: deviceContentHash(device),
      observedAt,
      ...liveness,
    };
    await tx
      .insert(tenantExternalEntityMappings)
      .values({ tenantId, connectionId, integrationType: "levelio", externalId, externalGroupId, ...row })
      .onConflictDoUpdate({
        target: [
          tenantExternalEntityMappings.tenantId,
          tenantExternalEntityMappings.connectionId,
          tenantExternalEntityMappings.externalType,
          tenantExternalEntityMappings.externalId,
        ],
        set: row,
      });
    await tx.update(rmmSyncRuns).set({ heartbeatAt: observedAt }).where(eq(rmmSyncRuns.id, runId));
  });
}

const NO_ID = "00000000-0000-0000-0000-000000000000";
