import { describe, expect, it } from "vitest";

import {
  changeOfHealth,
  troubledSchedule,
  type ConnectionFacts,
  type ConnectionHealth,
  type NotificationKind,
} from "@domain/connection-health";

const fine = { isPaused: false, failuresInARow: 0, isLost: false, lastCompleted: true };
const well: ConnectionFacts = { status: "active", full: fine, alerts: fine, heldChanges: 0 };
const failedOnce = { ...fine, failuresInARow: 1, lastCompleted: false };
const stopped = { ...fine, failuresInARow: 5, isPaused: true, lastCompleted: false };
const unproven = { ...fine, lastCompleted: false };

/** The facts after each kind of event. */
const facts = {
  "a full sync completed": well,
  "a full sync completed and held changes back": { ...well, heldChanges: 12 },
  "a full sync failed": { ...well, full: failedOnce },
  "full syncs failed until the schedule was paused": { ...well, full: stopped },
  "full syncs were begun in vain": { ...well, full: { ...unproven, isLost: true } },
  "two comparisons of alerts failed": { ...well, alerts: { ...failedOnce, failuresInARow: 2 } },
  "three comparisons of alerts failed": { ...well, alerts: { ...failedOnce, failuresInARow: 3 } },
  "comparisons of alerts failed until their schedule was paused": { ...well, alerts: stopped },
  "comparisons of alerts were resumed": { ...well, alerts: unproven },
  "the key was refused": { ...well, status: "needs_attention", full: failedOnce },
  "a person resumed it, or gave it another key": { ...well, full: unproven },
  "it was disconnected": { ...well, status: "disconnected", full: unproven, heldChanges: 3 },
} as const satisfies Record<string, ConnectionFacts>;

type Row = [ConnectionHealth, keyof typeof facts, ConnectionHealth, NotificationKind[]];

describe("a connection that people last heard of as", () => {
  it.each<Row>([
    ["ok", "a full sync completed", "ok", []],
    ["ok", "a full sync completed and held changes back", "held", ["held"]],
    ["ok", "a full sync failed", "failing", ["failing"]],
    ["ok", "full syncs failed until the schedule was paused", "paused", ["paused"]],
    ["ok", "the key was refused", "needs_attention", ["needs_attention"]],
    ["ok", "a person resumed it, or gave it another key", "ok", []],
    ["ok", "it was disconnected", "ok", []],

    ["failing", "a full sync completed", "ok", ["recovered"]],
    ["failing", "a full sync completed and held changes back", "held", ["recovered", "held"]],
    ["failing", "a full sync failed", "failing", []],
    ["failing", "full syncs failed until the schedule was paused", "paused", ["paused"]],
    ["failing", "the key was refused", "needs_attention", ["needs_attention"]],
    ["failing", "a person resumed it, or gave it another key", "failing", []],
    ["failing", "it was disconnected", "ok", []],

    ["paused", "a full sync completed", "ok", ["recovered"]],
    ["paused", "a full sync completed and held changes back", "held", ["recovered", "held"]],
    ["paused", "a full sync failed", "failing", []],
    ["paused", "full syncs failed until the schedule was paused", "paused", []],
    ["paused", "the key was refused", "needs_attention", ["needs_attention"]],
    ["paused", "a person resumed it, or gave it another key", "failing", []],
    ["paused", "it was disconnected", "ok", []],

    ["needs_attention", "a full sync completed", "ok", ["recovered"]],
    ["needs_attention", "a full sync completed and held changes back", "held", ["recovered", "held"]],
    ["needs_attention", "a full sync failed", "failing", []],
    ["needs_attention", "full syncs failed until the schedule was paused", "paused", ["paused"]],
    ["needs_attention", "the key was refused", "needs_attention", []],
    ["needs_attention", "a person resumed it, or gave it another key", "ok", ["recovered"]],
    ["needs_attention", "it was disconnected", "ok", []],

    ["held", "a full sync completed", "ok", []],
    ["held", "a full sync completed and held changes back", "held", []],
    ["held", "a full sync failed", "failing", ["failing"]],
    ["held", "full syncs failed until the schedule was paused", "paused", ["paused"]],
    ["held", "the key was refused", "needs_attention", ["needs_attention"]],
    ["held", "a person resumed it, or gave it another key", "ok", []],
    ["held", "it was disconnected", "ok", []],

    ["ok", "full syncs were begun in vain", "failing", ["failing"]],
    ["ok", "two comparisons of alerts failed", "ok", []],
    ["ok", "three comparisons of alerts failed", "failing", ["failing"]],
    ["failing", "two comparisons of alerts failed", "failing", []],
    ["failing", "comparisons of alerts failed until their schedule was paused", "paused", ["paused"]],
    ["paused", "comparisons of alerts were resumed", "failing", []],
    ["ok", "comparisons of alerts were resumed", "ok", []],
  ])("%s, after %s, is %s, and they are sent %j", (previous, happened, health, tell) => {
    expect(changeOfHealth(previous, facts[happened])).toEqual({ health, tell });
    // What was sent once is not sent again.
    expect(changeOfHealth(health, facts[happened]).tell).toEqual([]);
  });

  it("paused, with another schedule paused since, sends one more notice", () => {
    const facts = { ...well, full: stopped, alerts: stopped };
    expect(changeOfHealth("paused", facts, true)).toEqual({ health: "paused", tell: ["paused"] });
    expect(changeOfHealth("paused", facts)).toEqual({ health: "paused", tell: [] });
    const refused = { ...facts, status: "needs_attention" } as const;
    expect(changeOfHealth("needs_attention", refused, true).tell).toEqual([]);
  });

  it.each([
    ["failing", { full: failedOnce, alerts: stopped }, "full"],
    ["failing", { full: fine, alerts: stopped }, "alerts"],
    ["paused", { full: failedOnce, alerts: stopped }, "alerts"],
    ["paused", { full: stopped, alerts: stopped }, "full"],
    ["ok", well, "full"],
  ] as const)("%s, is so for the failing schedule", (health, of, kind) => {
    expect(troubledSchedule(health, of)).toBe(kind);
  });
});
