import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isOutdated, mergeAlert, type AlertState, type ReportedAlert } from "@domain/alert-merge";
import { UNNAMED_ALERT } from "@domain/alerts";
import { contentHash } from "@domain/content-hash";

const minute = (n: number) => new Date(Date.UTC(2026, 9, 8, 12, n));

function reported(more: Partial<ReportedAlert> & { minute?: number } = {}): ReportedAlert {
  const { minute: at = 0, observedVia = "webhook", ...fields } = more;
  const alert = {
    externalId: "a1",
    externalDeviceId: "d1",
    deviceHostname: "HOST",
    name: "Disk",
    description: "nearly full",
    payload: null,
    severity: "major" as const,
    providerSeverity: "critical",
    status: "active" as const,
    startedAt: minute(0),
    resolvedAt: null,
    ...fields,
  };
  return { ...alert, contentHash: contentHash(alert), observedAt: minute(at), observedVia };
}

const merged = (...messages: ReportedAlert[]): AlertState =>
  messages.reduce<AlertState | undefined>((known, one) => mergeAlert(known, one), undefined)!;

const blankOr = <T>(...values: T[]) => fc.constantFrom(null, ...values);
const message = (externalId: string, vias: ReportedAlert["observedVia"][]) =>
  fc
    .record({
      minute: fc.nat(4),
      observedVia: fc.constantFrom(...vias),
      status: fc.constantFrom("active" as const, "resolved" as const),
      externalDeviceId: fc.constantFrom("", "d1", "d2"),
      deviceHostname: blankOr("ONE", "TWO"),
      name: fc.constantFrom(UNNAMED_ALERT, "One", "Two"),
      description: blankOr("one", "two"),
      payload: blankOr("p"),
      severity: fc.constantFrom("major" as const, "minor" as const),
      providerSeverity: blankOr("critical", "information"),
      startedAt: blankOr(minute(0), minute(1)),
      resolvedAt: blankOr(minute(3)),
    })
    .map((fields) => reported({ externalId, ...fields }));

describe("messages about an alert", () => {
  it.each([
    ["with an id of its own", message("a1", ["sweep", "webhook", "automation"])],
    ["known by its name", message("automation:x", ["sweep", "automation"])],
  ])("%s give the same result in any order and with any repetition", (_, one) => {
    const shuffled = fc
      .array(one, { minLength: 1, maxLength: 6 })
      .chain((messages) =>
        fc.tuple(
          fc.constant(messages),
          fc.shuffledSubarray([...messages, ...messages], { minLength: messages.length * 2 }),
        ),
      );
    fc.assert(
      fc.property(shuffled, ([messages, again]) => {
        expect(merged(...again)).toEqual(merged(...messages));
      }),
      { numRuns: 2_000 },
    );
  });

  it("never lose a text to a blank, newer or older", () => {
    const full = reported({ minute: 1 });
    const blank = reported({
      minute: 2,
      status: "resolved",
      externalDeviceId: "",
      deviceHostname: null,
      name: UNNAMED_ALERT,
      description: null,
      providerSeverity: null,
      severity: "none",
      startedAt: null,
    });
    const { externalDeviceId, deviceHostname, name, description, providerSeverity, severity } = full;
    for (const state of [merged(full, blank), merged(blank, full)]) {
      expect(state).toMatchObject({ externalDeviceId, deviceHostname, name, description });
      expect(state).toMatchObject({ providerSeverity, severity, status: "resolved" });
    }
  });

  it("have the newest text that is not blank, even if the newest message is blank", () => {
    const messages = [
      reported({ minute: 1, description: "older" }),
      reported({ minute: 2, description: "newer" }),
      reported({ minute: 3, description: null }),
    ];
    for (const order of [
      [2, 0, 1],
      [2, 1, 0],
      [0, 1, 2],
    ]) {
      expect(merged(...order.map((index) => messages[index]!)).description).toBe("newer");
    }
  });
});

describe("an automation that knows the alert's id", () => {
  const triggered = reported({ minute: 10, observedVia: "automation" });
  const resolved = reported({ minute: 9, status: "resolved" });

  it("never decides that an alert is active, whenever its report arrived", () => {
    expect(merged(triggered, resolved).status).toBe("resolved");
    expect(merged(resolved, triggered).status).toBe("resolved");
    expect(isOutdated(merged(resolved), triggered)).toBe(true);
  });

  it("counts as in time if it reports what is known already", () => {
    expect(isOutdated(merged(reported({ minute: 20 })), triggered)).toBe(false);
  });

  it("closes an alert that was active before", () => {
    const end = reported({ minute: 12, status: "resolved", observedVia: "automation" });
    expect(merged(reported({ minute: 11 }), end).status).toBe("resolved");
    expect(merged(end, reported({ minute: 11 })).status).toBe("resolved");
    expect(merged(end, reported({ minute: 13 })).status).toBe("active");
  });

  it("fills in missing text and replaces none of the provider's", () => {
    const end = reported({
      minute: 12,
      status: "resolved",
      observedVia: "automation",
      name: "By hand",
      payload: "p",
    });
    expect(merged(reported({ minute: 1 }), end)).toMatchObject({ name: "Disk", payload: "p" });
    expect(merged(end, reported({ minute: 1 }))).toMatchObject({ name: "Disk", payload: "p" });
  });
});
