import { describe, expect, it } from "vitest";

import { nextIncidentState, type IncidentFacts, type IncidentStatus } from "@domain/incident-state";
import {
  CONNECTION_STORM_LIMIT,
  findStorms,
  STORM_LIMIT,
  STORM_LOOKBACK_MS,
  type IncidentStart,
} from "@domain/incident-storms";
import { groupAlerts, type AlertSpan, type OngoingIncident } from "@domain/incidents";

import { Random } from "../../level-simulator/random";

const NOON = Date.UTC(2026, 9, 8, 12);
const minute = (at: number) => NOON + at * 60_000;

/** `d1 0-5`: on device d1 from minute 0 to 5; `d1 0-`: still active; `d1/acme 0-`: of the client acme. */
function spans(...texts: string[]): AlertSpan[] {
  return texts.map((text) => {
    const [, device, client, start, end] = /^(\w+)(?:\/(\w+))? (\d+)-(\d*)$/.exec(text)!;
    return {
      alertId: text,
      incidentId: null,
      clientId: client ?? null,
      device: device!,
      startedMs: minute(Number(start)),
      endedMs: end === "" ? null : minute(Number(end)),
    };
  });
}

const partition = (alerts: readonly AlertSpan[]) =>
  groupAlerts(alerts, []).map((group) => group.alerts.map(({ alertId }) => alertId));

describe("alerts of one condition form incidents", () => {
  it.each<[string, string[][]]>([
    ["an alert alone is one", [["d1 0-"]]],
    ["a repeat while active joins", [["d1 0-", "d1 200-"]]],
    ["a repeat soon after the end joins", [["d1 0-5", "d1 35-40"]]],
    ["a repeat later begins a new one", [["d1 0-5"], ["d1 36-40"]]],
    ["another device soon after joins", [["d1 0-1", "d2 15-16"]]],
    ["another device later begins a new one", [["d1 0-1"], ["d2 16-17"]]],
    ["devices that follow each other join, however long it takes", [["d1 0-", "d2 15-", "d3 30-", "d4 45-"]]],
    ["another client has its own", [["d1/acme 0-"], ["d2/zeta 1-"]]],
    ["devices without a client are among themselves", [["d1 0-", "d2 1-"], ["d3/acme 1-"]]],
    [
      "an alert joins the incident of its device first",
      [
        ["d1 0-", "d1 40-"],
        ["d2 30-", "d2 41-"],
      ],
    ],
    ["a short alert within a long one ends nothing", [["d1 0-100", "d1 2-3", "d1 125-126"]]],
  ])("%s", (_, expected) => {
    const alerts = new Random(7, "order").shuffled(spans(...expected.flat()));
    expect(partition(alerts)).toEqual(expected);
  });

  it("flapping each minute for three hours is one incident", () => {
    const flaps = Array.from({ length: 90 }, (_, n) => `d1 ${n * 2}-${n * 2 + 1}`);
    expect(partition(spans(...flaps))).toHaveLength(1);
  });

  it("regrouping from any instant gives the same incidents as grouping all at once", () => {
    for (let seed = 0; seed < 60; seed++) {
      const random = new Random(seed, "spans");
      const texts = Array.from({ length: 40 }, () => {
        const start = random.int(0, 300);
        const end = random.int(0, 4) === 0 ? "" : start + random.int(0, 30);
        return `d${random.int(1, 4)}/c${random.int(1, 2)} ${start}-${end}`;
      });
      const alerts = spans(...new Set(texts));
      const whole = groupAlerts(alerts, []);
      const named = new Map(
        whole.flatMap((group, index) => group.alerts.map(({ alertId }) => [alertId, String(index)] as const)),
      );
      const since = minute(random.int(0, 300));
      const earlier = alerts.filter(({ startedMs }) => startedMs < since);
      const later = alerts.filter(({ startedMs }) => startedMs >= since);
      const ongoing = groupAlerts(earlier, []).map((group): OngoingIncident => {
        const ends = new Map<string, number | null>();
        for (const { device, endedMs } of group.alerts) {
          const known = ends.get(device);
          ends.set(device, endedMs === null || known === null ? null : Math.max(endedMs, known ?? endedMs));
        }
        return {
          incidentId: named.get(group.alerts[0]!.alertId)!,
          clientId: group.clientId,
          latestStartMs: Math.max(...group.alerts.map(({ startedMs }) => startedMs)),
          endsByDevice: ends,
        };
      });
      for (const group of groupAlerts(later, ongoing)) {
        const expected = new Set(group.alerts.map(({ alertId }) => named.get(alertId)));
        expect([...expected], `seed ${seed}`).toHaveLength(1);
        if (group.incidentId !== null) expect(expected).toContain(group.incidentId);
      }
    }
  });

  it("a late report that joins two incidents keeps the earlier one", () => {
    const [first, late, second] = spans("d1 0-5", "d1 30-32", "d1 60-61");
    const grouped = groupAlerts(
      [{ ...first!, incidentId: "one" }, late!, { ...second!, incidentId: "two" }],
      [],
    );
    expect(grouped.map(({ incidentId, alerts }) => [incidentId, alerts.length])).toEqual([["one", 3]]);
  });
});

describe("the state of an incident follows from its alerts, people and the time", () => {
  const facts = (more: Partial<IncidentFacts> = {}): IncidentFacts => ({
    severity: "major",
    openedAt: new Date(minute(0)),
    lastAlertAt: new Date(minute(0)),
    quietSince: null,
    alerts: 1,
    activeAlerts: 1,
    devices: 1,
    ...more,
  });
  const before = (more: Partial<IncidentStatus> = {}): IncidentStatus => ({
    state: "open",
    severity: "major",
    devices: 1,
    snoozedUntil: null,
    closedByPersonAt: null,
    ...more,
  });
  const quiet = (at: number) => ({ quietSince: new Date(minute(at)), activeAlerts: 0 });

  it.each<[string, IncidentStatus | undefined, IncidentFacts, number, string, string[]]>([
    ["a new one opens", undefined, facts(), 0, "open", ["opened"]],
    [
      "one that was over before it was known is history",
      undefined,
      facts(quiet(1)),
      60,
      "resolved",
      ["opened", "resolved"],
    ],
    ["it waits until it has settled", before(), facts(quiet(10)), 14, "open", []],
    ["then it closes", before(), facts(quiet(10)), 15, "resolved", ["resolved"]],
    [
      "an acknowledged one closes, too",
      before({ state: "acknowledged" }),
      facts(quiet(10)),
      15,
      "resolved",
      ["resolved"],
    ],
    ["a resolved one stays so", before({ state: "resolved" }), facts(quiet(10)), 99, "resolved", []],
    ["a new alert reopens it", before({ state: "resolved" }), facts(), 20, "open", ["reopened"]],
    [
      "what a person closed stays closed while no new alert begins",
      before({ state: "resolved", closedByPersonAt: new Date(minute(5)) }),
      facts(),
      20,
      "resolved",
      [],
    ],
    [
      "a new alert reopens what a person closed",
      before({ state: "resolved", closedByPersonAt: new Date(minute(5)) }),
      facts({ lastAlertAt: new Date(minute(6)) }),
      20,
      "open",
      ["reopened"],
    ],
    [
      "a snooze lasts",
      before({ state: "snoozed", snoozedUntil: new Date(minute(30)) }),
      facts(),
      29,
      "snoozed",
      [],
    ],
    [
      "and ends",
      before({ state: "snoozed", snoozedUntil: new Date(minute(30)) }),
      facts(),
      30,
      "open",
      ["snooze_ended"],
    ],
    [
      "more devices and a higher severity are noted, and it stays acknowledged",
      before({ state: "acknowledged" }),
      facts({ devices: 3, severity: "critical" }),
      1,
      "acknowledged",
      ["severity_raised", "devices_added"],
    ],
    ["a lower severity is no news", before(), facts({ severity: "minor" }), 1, "open", []],
  ])("%s", (_, was, now, at, state, changes) => {
    const step = nextIncidentState(was, now, new Date(minute(at)));
    expect([step.state, step.changes.map(({ kind }) => kind)]).toEqual([state, changes]);
  });
});

describe("a flood of incidents of one client stands under one summary", () => {
  const starts = (...minutes: number[]) => minutes.map((at, n) => start(n, at, "acme"));

  it("up to the limit each stands on its own; the rest is one storm", () => {
    const all = starts(...Array.from({ length: STORM_LIMIT + 15 }, (_, n) => n / 10));
    expect(findStorms(all.slice(0, STORM_LIMIT), 0)).toEqual([]);
    const storms = findStorms(new Random(3, "storm").shuffled(all), 0);
    expect(storms).toMatchObject([{ kind: "storm", clientId: "acme" }]);
    expect(storms.map(({ incidents }) => incidents.length)).toEqual([15]);
  });

  it("incidents at an ordinary rate are no storm", () => {
    expect(findStorms(starts(...Array.from({ length: 100 }, (_, n) => n)), 0)).toEqual([]);
  });

  it("a storm continues from its stored state", () => {
    const all = starts(...Array.from({ length: STORM_LIMIT + 5 }, (_, n) => n / 10));
    const known = all.map((one, n) =>
      n < STORM_LIMIT || n === STORM_LIMIT + 4
        ? one
        : { ...one, stormId: "storm", stormKind: "storm" as const },
    );
    const [storm] = findStorms(known, minute(2.2));
    expect([storm!.stormId, storm!.incidents.length]).toEqual(["storm", 3]);
  });
});

describe("a flood of incidents across the clients of a connection stands under one summary", () => {
  const clients = (count: number, each: number) =>
    Array.from({ length: count * each }, (_, n) => start(n, n / 1_000, `client ${n % count}`));

  it("up to the connection's limit each stands on its own; the rest is one storm", () => {
    const all = clients(50, 3);
    expect(findStorms(all.slice(0, CONNECTION_STORM_LIMIT), 0)).toEqual([]);
    const storms = findStorms(new Random(3, "storm").shuffled(all), 0);
    expect(storms).toMatchObject([{ kind: "connection_storm", clientId: null }]);
    expect(storms[0]!.incidents).toHaveLength(150 - CONNECTION_STORM_LIMIT);
  });

  it("the connection's storm wins over those of its clients while it lasts", () => {
    expect(findStorms(clients(30, 40), 0).map(({ kind }) => kind)).toEqual(["connection_storm"]);
  });

  it("one client alone makes no storm of the connection, however many incidents it has", () => {
    const noisy = Array.from({ length: 500 }, (_, n) => start(n, n / 100, "noisy"));
    const others = clients(10, 3).map((one, n) => ({ ...one, incidentId: `other ${n}` }));
    expect(findStorms([...noisy, ...others], 0)).toMatchObject([{ kind: "storm", clientId: "noisy" }]);
  });

  it("regrouping from any instant puts the same incidents into the same storms", () => {
    const random = new Random(5, "again");
    const all = Array.from({ length: 320 }, (_, n) =>
      start(n, random.int(0, 2_000) / 50, `client ${random.int(0, 3)}`),
    );
    const whole = new Map(
      findStorms(all, 0).flatMap(({ kind, incidents }, n) =>
        incidents.map(({ incidentId }) => [incidentId, { stormId: `storm ${n}`, stormKind: kind }] as const),
      ),
    );
    const known = all.map((one) => ({ ...one, ...whole.get(one.incidentId) }));
    expect(new Set([...whole.values()].map(({ stormKind }) => stormKind)).size).toBe(2);
    for (const at of [5, 10, 17, 23, 31]) {
      const seen = known.filter(({ openedMs }) => openedMs >= minute(at) - STORM_LOOKBACK_MS);
      const again = findStorms(seen, minute(at)).flatMap(({ stormId, incidents }) =>
        incidents.map(({ incidentId }) => [incidentId, stormId] as const),
      );
      const before = known.filter(({ openedMs, stormId }) => openedMs >= minute(at) && stormId !== null);
      expect(new Map(again)).toEqual(new Map(before.map(({ incidentId, stormId }) => [incidentId, stormId])));
    }
  });
});

function start(n: number, at: number, clientId: string | null): IncidentStart {
  const incidentId = String(n).padStart(4, "0");
  return { incidentId, name: "", clientId, stormId: null, stormKind: null, openedMs: minute(at) };
}
