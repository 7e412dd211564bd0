import { withTenant, type TenantDb } from "@db/client";
import { getIntegration, lockIntegration } from "@db/queries/connections/connections";
import { storeCustomFields } from "@db/queries/custom-fields/fields";
import {
  countDevicesToRead,
  getCustomFieldSchedule,
  listDevicesToRead,
  saveCustomFieldSchedule,
  type CustomFieldSchedule,
  type DeviceToRead,
} from "@db/queries/custom-fields/readings";
import { writeCustomFieldValues } from "@db/queries/custom-fields/write-values";
import { minutesOf, READ_A_MINUTE } from "@domain/custom-fields";
import type { ConnectionRef } from "@domain/refs";
import type { CustomFieldSnapshot } from "@domain/snapshots";
import { isRmmError, type RmmError } from "~/connectors/rmm-error";
import type { RmmProvider } from "~/connectors/rmm-provider";
import { callRmm } from "~/platform/call-rmm";
import type { SyncDeps } from "~/platform/ports";

import { readFieldsOfDevice, type DeviceReading } from "./read-fields-of-device";

/** Devices whose values one transaction writes. After a crash, as many are read again. */
const BATCH = 10;
/** Calls in flight: fewer than the connection's limit, so that a sync can run at the same time. */
const AT_ONCE = 2;
const STEP_BUDGET_MS = 20_000;
/** After this many waits in a row, the reading is given up until it is due again. */
const MAX_FAULTS = 12;
const FAULT_WAIT_MS = 5 * 60_000;
/** If none of this many first devices can be read, the others are not tried. */
const MAX_FAILED_AT_FIRST = 20;

type ReadingDeps = Pick<
  SyncDeps,
  "db" | "clock" | "log" | "hasProvider" | "openProvider" | "stepBudgetMs" | "stopping"
>;

export type ReadingOutcome =
  /** There is more to read: call again. This minute's share or the time of a step is used up. */
  | { state: "more" }
  /** The RMM asked to wait, or cannot be reached. */
  | { state: "waiting" }
  | { state: "done" }
  | { state: "gave_up" }
  /** The reading was switched off, disconnected, or continued by another process, so nothing was written. */
  | { state: "stopped" };

/**
 * Continues or begins the reading of a connection's custom fields: first the list of fields, then the values of one
 * device after another. Commits each batch with its cursor, so that a crash costs one batch.
 * @param atMost the most devices to read; a minute's share if absent
 * @throws errors that are not the RMM's; the next call continues after the last batch
 */
export async function readCustomFields(
  deps: ReadingDeps,
  ref: ConnectionRef,
  atMost = READ_A_MINUTE,
): Promise<ReadingOutcome> {
  const { connection, schedule } = await withTenant(deps.db, ref.tenantId, async (tx) => ({
    connection: await getIntegration(tx, ref.tenantId, ref.connectionId),
    schedule: await getCustomFieldSchedule(tx, ref),
  }));
  if (connection?.status !== "active" || schedule === undefined || schedule.interval === "off")
    return stopped;
  if (!(await deps.hasProvider(deps.db, ref.tenantId, connection.provider))) return stopped;
  let reading = schedule;
  try {
    return await callRmm(
      deps,
      { ...ref, provider: connection.provider },
      async (provider) => {
        if (schedule.startedAt === null) {
          const begun = await begin(deps, ref, schedule, provider);
          if (begun === null) return stopped;
          reading = begun;
        }
        return readOn(deps, ref, reading, provider, atMost);
      },
      { isScheduled: true },
    );
  } catch (error) {
    if (!isRmmError(error)) throw error;
    return halt(deps, ref, reading, error);
  }
}

const stopped = { state: "stopped" } as const;

/** Reads the list of fields, and counts the devices to read. */
async function begin(
  deps: ReadingDeps,
  ref: ConnectionRef,
  schedule: CustomFieldSchedule,
  provider: RmmProvider,
): Promise<CustomFieldSchedule | null> {
  const listed: CustomFieldSnapshot[] = [];
  for await (const page of provider.listCustomFields()) listed.push(...page.items);
  return commit(deps, ref, schedule, async (tx, now) => {
    await storeCustomFields(tx, ref, listed, now);
    const total = listed.length === 0 ? 0 : await countDevicesToRead(tx, ref);
    return { startedAt: now, cursor: null, total, read: 0, failed: 0, ...untroubled, workedAt: now };
  });
}

const untroubled = { waitUntil: null, faults: 0, error: null, hint: null };

async function readOn(
  deps: ReadingDeps,
  ref: ConnectionRef,
  begun: CustomFieldSchedule,
  provider: RmmProvider,
  atMost: number,
): Promise<ReadingOutcome> {
  const until = performance.now() + (deps.stepBudgetMs ?? STEP_BUDGET_MS);
  let reading = begun;
  for (let left = atMost; left > 0 && performance.now() < until && deps.stopping?.aborted !== true;) {
    const devices =
      reading.total === 0
        ? []
        : await withTenant(deps.db, ref.tenantId, (tx) =>
            listDevicesToRead(tx, ref, reading.cursor, Math.min(BATCH, left)),
          );
    if (devices.length === 0) return finish(deps, ref, reading, null);
    const readings = await readBatch(provider, devices);
    const saved = await save(deps, ref, reading, devices, readings);
    if (saved === null) return stopped;
    reading = saved;
    left -= devices.length;
    const last = readings.at(-1)!;
    if (last.state === "stopped") return halt(deps, ref, reading, last.error);
    if (last.state === "failed" && reading.read === 0 && reading.failed >= MAX_FAILED_AT_FIRST)
      return finish(deps, ref, reading, last.error);
  }
  return { state: "more" };
}

/** Reads devices up to the first one at which the RMM refuses to go on. */
async function readBatch(provider: RmmProvider, devices: readonly DeviceToRead[]): Promise<DeviceReading[]> {
  const readings: DeviceReading[] = [];
  for (let n = 0; n < devices.length; n += AT_ONCE) {
    const some = devices
      .slice(n, n + AT_ONCE)
      .map(({ externalId }) => readFieldsOfDevice(provider, externalId));
    for (const reading of await Promise.all(some)) {
      readings.push(reading);
      if (reading.state === "stopped") return readings;
    }
  }
  return readings;
}

/** Writes the values that were read, with the cursor of the reading. */
function save(
  deps: ReadingDeps,
  ref: ConnectionRef,
  reading: CustomFieldSchedule,
  devices: readonly DeviceToRead[],
  readings: readonly DeviceReading[],
): Promise<CustomFieldSchedule | null> {
  const done = readings.filter(({ state }) => state !== "stopped").length;
  const failed = readings.filter(({ state }) => state === "failed");
  const values = readings.flatMap((one, n) =>
    one.state === "read" ? [{ assetId: devices[n]!.assetId, ...one.values }] : [],
  );
  for (const [n, one] of readings.entries())
    if (one.state === "failed")
      deps.log.warn(
        { ...ref, device: devices[n]!.externalId, error: one.error.message },
        "custom fields not read",
      );
  return commit(deps, ref, reading, async (tx, now) => {
    if (values.length > 0) await writeCustomFieldValues(tx, ref, values, now);
    return {
      cursor: devices[done - 1]?.externalId ?? reading.cursor,
      read: reading.read + done - failed.length,
      failed: reading.failed + failed.length,
      ...(done > 0 && untroubled),
      workedAt: now,
    };
  });
}

/** Waits if the RMM asks for it or cannot be reached; ends the reading if the RMM refuses. */
async function halt(
  deps: ReadingDeps,
  ref: ConnectionRef,
  reading: CustomFieldSchedule,
  error: RmmError,
): Promise<ReadingOutcome> {
  const isRateLimit = error.code === "rate_limited";
  const isFault = error.code === "unreachable" || error.isTransient;
  const faults = isRateLimit ? 0 : reading.faults + 1;
  if (!isRateLimit && (!isFault || faults >= MAX_FAULTS)) return finish(deps, ref, reading, error);
  const saved = await commit(deps, ref, reading, (_, now) =>
    Promise.resolve({
      waitUntil: new Date(now.getTime() + (error.retryAfterMs ?? FAULT_WAIT_MS)),
      faults,
      error: error.userMessage,
      hint: error.hint,
      workedAt: now,
    }),
  );
  return saved === null ? stopped : { state: "waiting" };
}

/** Ends the reading. The next one is due one interval after the start of this one. */
async function finish(
  deps: ReadingDeps,
  ref: ConnectionRef,
  reading: CustomFieldSchedule,
  error: RmmError | null,
): Promise<ReadingOutcome> {
  const saved = await commit(deps, ref, reading, (_, now) => {
    const minutes = minutesOf[reading.interval] ?? 0;
    const start = reading.startedAt ?? now;
    return Promise.resolve({
      nextDueAt: new Date(start.getTime() + minutes * 60_000),
      startedAt: null,
      cursor: null,
      endedAt: now,
      ...(reading.startedAt !== null && {
        lastTotal: reading.total,
        lastRead: reading.read,
        lastFailed: reading.failed,
      }),
      ...untroubled,
      error: error?.userMessage ?? null,
      hint: error?.hint ?? null,
      workedAt: now,
    });
  });
  if (saved === null) return stopped;
  return { state: error === null ? "done" : "gave_up" };
}

/**
 * Changes the reading in a transaction that locks its connection, as pages of a sync do.
 * @returns the changed reading; null if it was switched off, or another process continued it meanwhile
 */
function commit(
  deps: ReadingDeps,
  ref: ConnectionRef,
  known: CustomFieldSchedule,
  work: (tx: TenantDb, now: Date) => Promise<Partial<CustomFieldSchedule>>,
): Promise<CustomFieldSchedule | null> {
  return withTenant(deps.db, ref.tenantId, async (tx) => {
    const connection = await lockIntegration(tx, ref.tenantId, ref.connectionId);
    const current = await getCustomFieldSchedule(tx, ref, { lock: true });
    if (connection?.status !== "active" || current === undefined || current.interval === "off") return null;
    const isSame =
      current.startedAt?.getTime() === known.startedAt?.getTime() && current.cursor === known.cursor;
    if (!isSame) return null;
    const set = await work(tx, deps.clock());
    await saveCustomFieldSchedule(tx, ref, set);
    return { ...current, ...set };
  });
}
