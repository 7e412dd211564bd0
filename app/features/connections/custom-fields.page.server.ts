import { withTenant, type Db } from "@db/client";
import {
  countCustomFields,
  countDevicesToRead,
  getCustomFieldSchedule,
} from "@db/queries/custom-fields/readings";
import { customFieldSchedule } from "@domain/form-values";
import type { ConnectionRef } from "@domain/refs";
import { shownVersion } from "@domain/shown-version";

/** The settings and progress of reading a connection's custom fields. Three statements. */
export async function readCustomFieldCard(db: Db, ref: ConnectionRef) {
  return withTenant(db, ref.tenantId, async (tx) => {
    const schedule = await getCustomFieldSchedule(tx, ref);
    const { fields, adminOnly } = await countCustomFields(tx, ref);
    const interval = schedule?.interval ?? "off";
    return {
      interval,
      version: shownVersion(customFieldSchedule(interval)),
      devices: await countDevicesToRead(tx, ref),
      fields,
      adminOnly,
      underWay:
        schedule === undefined || schedule.startedAt === null
          ? null
          : { read: schedule.read + schedule.failed, total: schedule.total },
      waitUntil: schedule?.waitUntil ?? null,
      nextDueAt: schedule?.nextDueAt ?? null,
      last:
        schedule === undefined || schedule.endedAt === null
          ? null
          : {
              endedAt: schedule.endedAt,
              total: schedule.lastTotal,
              read: schedule.lastRead,
              failed: schedule.lastFailed ?? 0,
            },
      problem:
        schedule === undefined || schedule.error === null
          ? null
          : { text: schedule.error, hint: schedule.hint },
    };
  });
}

export type CustomFieldCard = Awaited<ReturnType<typeof readCustomFieldCard>>;
