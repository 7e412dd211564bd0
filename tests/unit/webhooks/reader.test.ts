import { describe, expect, it } from "vitest";

import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { alertEvent } from "@tests/support/webhook";

import { webhookEvent } from "../../level-simulator";

const bytes = (value: unknown) =>
  new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const NOW = new Date("2026-11-02T10:00:00Z");
const signed = (value: unknown) => levelWebhookReader.read("signed", bytes(value), NOW);
const automation = (value: unknown) => levelWebhookReader.read("automation", bytes(value), NOW);

describe("a signed event", () => {
  it("of a resolved alert is resolved, even if its record lags behind", () => {
    const read = signed(alertEvent("alert_resolved", 7, { is_resolved: false, resolved_at: null }));
    expect(read).toMatchObject({
      state: "read",
      event: {
        message: {
          kind: "alert",
          alert: { status: "resolved", resolvedAt: new Date("2026-10-08T12:07:00Z") },
        },
      },
    });
  });

  it("of an alert needs only the alert's id", () => {
    const read = signed(webhookEvent("alert_resolved", { id: "a1" }, { eventId: "e1" }));
    expect(read).toMatchObject({
      state: "read",
      event: {
        externalDeviceId: null,
        message: { alert: { externalId: "a1", externalDeviceId: "", status: "resolved" }, isByName: false },
      },
    });
  });

  it.each([
    ["device_created", "device", "d1"],
    ["device_deleted", "device", "d1"],
    ["group_updated", "group", null],
    ["device_teleported", "unknown", null],
  ])("%s is a refresh request of kind %s", (type, kind, externalDeviceId) => {
    const event = webhookEvent(type, { id: "d1" }, { eventId: "e1" });
    expect(signed(event)).toMatchObject({
      state: "read",
      event: { type, key: "e1", externalDeviceId, message: { kind } },
    });
  });

  it.each([
    ["text", "hello", "the body is not JSON"],
    ["bytes that are no UTF-8", new Uint8Array([0x22, 0xff, 0x22]), "the body is not JSON"],
    ["null", "null", "the body is not an object"],
    ["no type", { event_id: "e", occurred_at: "2026-01-01", data: {} }, "missing or not usable: event_type"],
    [
      "an odd time",
      { ...alertEvent("alert_active", 0), occurred_at: "yesterday" },
      "missing or not usable: occurred_at",
    ],
    [
      "an alert without its id",
      alertEvent("alert_active", 0, { id: null }),
      "data.id is not usable as an id",
    ],
  ])("that is %s says what is wrong with it", (_, body, reason) => {
    const read = levelWebhookReader.read("signed", body instanceof Uint8Array ? body : bytes(body), NOW);
    expect(read).toMatchObject({ state: "unreadable", reason });
  });
});

describe("an automation's body", () => {
  it("keeps its identity whenever it arrives", () => {
    const body = { event: "alert.triggered", alert_id: "a1", name: "Disk" };
    const key = (at: Date) => {
      const read = levelWebhookReader.read("automation", bytes(body), at);
      return read.state === "read" ? read.event.key : null;
    };
    expect(key(NOW)).toBe(key(new Date(0)));
    expect(key(NOW)).not.toBeNull();
  });

  it.each([
    ["an id", "a1", false],
    ["no id", "", true],
    ["a variable that was not filled in", "{{alert_id}}", true],
  ])("with %s (%j) reports an alert by its name: %s", (_, alertId, isByName) => {
    const read = automation({ event: "alert.triggered", alert_id: alertId, device_id: "d", name: "Disk" });
    expect(read).toMatchObject({ state: "read", event: { message: { isByName } } });
  });

  it("of another kind of event is unreadable", () => {
    expect(automation({ event: "alert.snoozed" })).toMatchObject({
      state: "unreadable",
      type: "alert.snoozed",
      reason: "missing or not usable: event",
    });
  });
});

describe("the credential", () => {
  const credential = (headers: Record<string, string>) =>
    levelWebhookReader.credentialOf(new Headers(headers));

  it("is the signature if there is one, otherwise the shared secret", () => {
    expect(credential({ "X-Level-Signature": "s", "X-Alga-Webhook-Secret": "t" })).toEqual({
      scheme: "signed",
      value: "s",
    });
    expect(credential({ "x-alga-webhook-secret": "t" })).toEqual({ scheme: "automation", value: "t" });
    expect(credential({ authorization: "t" })).toBeNull();
  });

  it("of a test to oneself is valid, and its event of an unknown type", () => {
    const { body, headers } = levelWebhookReader.testDelivery("secret", NOW);
    const shown = levelWebhookReader.credentialOf(new Headers(headers))!;
    expect(levelWebhookReader.verify(shown, body, ["other", "secret"])).toEqual({ secretIndex: 1 });
    expect(levelWebhookReader.read("signed", body, NOW)).toMatchObject({
      event: { message: { kind: "unknown" } },
    });
  });
});
