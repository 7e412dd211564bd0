import type { ScheduleStatus } from "@domain/schedule";
import { WARN_AFTER_FAILURES, type ScheduledKind } from "@domain/schedule-limits";
import type { SyncKind } from "@domain/sync-words";
import type { Tone } from "~/ui/badge";

export interface IntegrationFacts {
  status: "active" | "needs_attention" | "disconnected";
  /** The result of the last sync of each kind. */
  syncs: Record<SyncKind, "never" | "syncing" | "completed" | "completed_with_errors" | "failed">;
  schedules: Pick<ScheduleStatus, "kind" | "mode" | "failuresInARow" | "isOverdue">[];
}

/** The connection's state as one word, the worst first. */
export function integrationState(facts: IntegrationFacts): { text: string; tone: Tone; live?: boolean } {
  if (facts.status === "disconnected") return { text: "Disconnected", tone: "neutral" };
  if (facts.status === "needs_attention") return { text: "Needs attention", tone: "bad" };
  if (facts.schedules.some(({ isOverdue }) => isOverdue)) return { text: "Overdue", tone: "bad" };
  if (facts.syncs.full === "syncing") return { text: "Syncing", tone: "info", live: true };
  const of = (kind: ScheduledKind) => facts.schedules.find((schedule) => schedule.kind === kind);
  const [full, alerts] = [of("full"), of("alerts")];
  if (full?.mode === "paused") return { text: "Paused", tone: "warn" };
  if (facts.syncs.full === "failed") return { text: "Last sync failed", tone: "bad" };
  if (facts.syncs.groups === "failed") return { text: "Last group sync failed", tone: "bad" };
  if (alerts?.mode === "paused") return { text: "Alerts paused", tone: "warn" };
  if (alerts !== undefined && alerts.failuresInARow >= WARN_AFTER_FAILURES)
    return { text: "Alerts fail", tone: "bad" };
  // The next comparison, minutes later, catches up.
  if (facts.syncs.alerts === "failed") return { text: "Last alert sync failed", tone: "warn" };
  if (full?.mode === "off") return { text: "By hand only", tone: "neutral" };
  switch (facts.syncs.full) {
    case "never":
      return { text: "Not synced yet", tone: "neutral" };
    case "completed":
      return { text: "Healthy", tone: "good" };
    case "completed_with_errors":
      return { text: "Healthy, with errors", tone: "warn" };
  }
}
