import { withTenant } from "@db/client";
import { readCallCounts } from "@db/queries/connections/call-budget";
import { countDevicesToRead, getCustomFieldSchedule } from "@db/queries/custom-fields/readings";
import { getIntegration } from "@db/queries/connections/connections";
import { forecastCalls } from "@domain/call-budget";
import { callsADay } from "@domain/custom-fields";
import { IN_FLIGHT } from "@domain/in-flight";
import type { ConnectionRef } from "@domain/refs";
import type { SyncDeps } from "~/platform/ports";

type BudgetDeps = Pick<SyncDeps, "db" | "clock" | "requestsInFlight" | "inFlightOf">;

/** The number of calls that a connection makes to the RMM; null if there is no such connection. Four statements. */
export async function readCallBudget(deps: BudgetDeps, ref: ConnectionRef) {
  const { db, clock, requestsInFlight = IN_FLIGHT.default, inFlightOf } = deps;
  return withTenant(db, ref.tenantId, async (tx) => {
    const connection = await getIntegration(tx, ref.tenantId, ref.connectionId);
    if (connection === undefined) return null;
    const { callsPerFullSync, callsPerComparison, ...counts } = await readCallCounts(tx, ref, clock());
    const fields = await getCustomFieldSchedule(tx, ref);
    const isRead = connection.status === "active" && fields !== undefined && fields.interval !== "off";
    const devices = isRead ? await countDevicesToRead(tx, ref) : 0;
    const forecast = forecastCalls(
      [
        {
          kind: "full",
          intervalMinutes: connection.fullSyncIntervalMinutes,
          isOn: connection.fullSyncEnabled && connection.pausedAt === null,
          callsPerRun: callsPerFullSync,
        },
        {
          kind: "alerts",
          intervalMinutes: connection.alertsSyncIntervalMinutes,
          isOn: connection.alertsPausedAt === null,
          callsPerRun: callsPerComparison,
        },
      ],
      isRead ? callsADay(devices, fields.interval) : 0,
    );
    return {
      connection: { id: connection.id, name: connection.label },
      ...counts,
      forecast,
      inFlight: inFlightOf?.(ref.connectionId) ?? 0,
      maxInFlight: requestsInFlight,
    };
  });
}

export type CallBudget = NonNullable<Awaited<ReturnType<typeof readCallBudget>>>;
