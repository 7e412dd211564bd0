import { expect, it } from "vitest";

import { integrationState, type IntegrationFacts } from "~/features/connections/integration-state";

type Schedules = IntegrationFacts["schedules"];
const full: Schedules[number] = { kind: "full", mode: "running", failuresInARow: 0, isOverdue: false };
const synced: IntegrationFacts["syncs"] = { full: "completed", groups: "completed", alerts: "completed" };
const alerts: Schedules[number] = { ...full, kind: "alerts" };

it.each<[string, Partial<IntegrationFacts>, string, string]>([
  ["whose syncs go through, on time", {}, "Healthy", "good"],
  ["whose full sync is overdue", { schedules: [{ ...full, isOverdue: true }, alerts] }, "Overdue", "bad"],
  [
    "whose comparison of alerts is overdue",
    { schedules: [full, { ...alerts, isOverdue: true }] },
    "Overdue",
    "bad",
  ],
  [
    "that syncs while the other schedule is overdue",
    { syncs: { ...synced, full: "syncing" }, schedules: [full, { ...alerts, isOverdue: true }] },
    "Overdue",
    "bad",
  ],
  ["that syncs", { syncs: { ...synced, full: "syncing" } }, "Syncing", "info"],
  [
    "whose full syncs are switched off",
    { schedules: [{ ...full, mode: "off" }, alerts] },
    "By hand only",
    "neutral",
  ],
  [
    "whose full syncs are switched off, and whose last failed",
    { syncs: { ...synced, full: "failed" }, schedules: [{ ...full, mode: "off" }, alerts] },
    "Last sync failed",
    "bad",
  ],
  [
    "whose full syncs are paused",
    { syncs: { ...synced, full: "failed" }, schedules: [{ ...full, mode: "paused" }, alerts] },
    "Paused",
    "warn",
  ],
  [
    "whose comparisons of alerts are paused",
    { schedules: [full, { ...alerts, mode: "paused" }] },
    "Alerts paused",
    "warn",
  ],
  [
    "whose comparisons of alerts failed twice",
    { schedules: [full, { ...alerts, failuresInARow: 2 }] },
    "Healthy",
    "good",
  ],
  [
    "whose comparisons of alerts fail",
    { schedules: [full, { ...alerts, failuresInARow: 3 }] },
    "Alerts fail",
    "bad",
  ],
  [
    "whose last comparison of alerts failed",
    { syncs: { ...synced, alerts: "failed" }, schedules: [full, { ...alerts, failuresInARow: 1 }] },
    "Last alert sync failed",
    "warn",
  ],
  [
    "whose groups could not be read",
    { syncs: { ...synced, groups: "failed" } },
    "Last group sync failed",
    "bad",
  ],
  ["whose key is refused", { status: "needs_attention" }, "Needs attention", "bad"],
  ["that is disconnected", { status: "disconnected" }, "Disconnected", "neutral"],
])("a connection %s shows as such", (_, facts, text, tone) => {
  const well: IntegrationFacts = { status: "active", syncs: synced, schedules: [full, alerts] };
  expect(integrationState({ ...well, ...facts })).toMatchObject({ text, tone });
});
