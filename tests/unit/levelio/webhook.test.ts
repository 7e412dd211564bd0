import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  automationAlert,
  automationBodySchema,
  automationEventKey,
  isKnownEventType,
  nativeEventSchema,
  signBody,
  verifySharedSecret,
  verifySignature,
} from "~/connectors/levelio/webhook";

const bytes = (text: string) => new TextEncoder().encode(text);

const body =
  '{"event_type":"device_deleted","event_id":"1a2b3c05-5b1e-4c0a-9f37-2d6f00a13c05",' +
  '"occurred_at":"2026-10-08T15:55:00.001Z","data":{"id":"Z2lkOi8vbGV2ZWwvRGV2aWNlLzMxODM3Nw"}}';
const secret = "example-secret-not-real";
const signature = "sha256=3bd40bef5e530b9873974c02242771597449bfd5ccd5b32635d72e92c29ff0b2";

describe("a signature", () => {
  it("is the one Level makes", () => {
    expect(signBody(bytes(body), secret)).toBe(signature);
    expect(verifySignature(bytes(body), signature, [secret])).toEqual({ secretIndex: 0 });
  });

  it("may be made with the previous secret, and reports that", () => {
    expect(verifySignature(bytes(body), signature, ["the-new-one", secret])).toEqual({ secretIndex: 1 });
  });

  it.each([
    ["another body", `${body} `, signature, [secret]],
    ["another secret", body, signature, ["other"]],
    ["no secret set", body, signature, []],
    ["an empty secret", body, signBody(bytes(body), ""), [""]],
    ["no header", body, null, [secret]],
    ["an empty header", body, "", [secret]],
    ["no scheme", body, signature.slice(7), [secret]],
    ["another scheme", body, signature.replace("sha256", "sha1"), [secret]],
    ["a cut signature", body, signature.slice(0, -2), [secret]],
    ["a longer signature", body, `${signature}00`, [secret]],
  ])("is refused with %s", (_, sent, header, secrets) => {
    expect(verifySignature(bytes(sent), header, secrets)).toBeNull();
  });

  it("matches only the bytes and the secret it was made from", () => {
    const key = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), key, key, (one, other, mine, theirs) => {
        const header = signBody(one, mine);
        expect(verifySignature(one, header, [mine])).not.toBeNull();
        const sameBody = Buffer.compare(one, other) === 0;
        expect(verifySignature(other, header, [mine]) !== null).toBe(sameBody);
        if (mine !== theirs) expect(verifySignature(one, header, [theirs])).toBeNull();
      }),
    );
  });
});

describe("a shared secret", () => {
  it.each([
    [secret, [secret], { secretIndex: 0 }],
    [secret, ["new", secret], { secretIndex: 1 }],
    ["wrong", [secret], null],
    [`${secret} `, [secret], null],
    ["", [""], null],
    [null, [secret], null],
    [secret, [], null],
  ])("%j against %j is %j", (header, secrets, expected) => {
    expect(verifySharedSecret(header, secrets)).toEqual(expected);
  });
});

describe("a signed event", () => {
  it("is read from Level's envelope", () => {
    expect(nativeEventSchema.parse(JSON.parse(body))).toMatchObject({
      event_type: "device_deleted",
      data: { id: "Z2lkOi8vbGV2ZWwvRGV2aWNlLzMxODM3Nw" },
    });
  });

  it.each([
    ["event_id", undefined],
    ["event_id", ""],
    ["event_id", "x".repeat(300)],
    ["event_id", "a\0b"],
    ["event_type", 5],
    ["occurred_at", "today"],
    ["data", null],
    ["data", []],
  ])("without a proper %s (%j) is not one", (field, value) => {
    expect(nativeEventSchema.safeParse({ ...JSON.parse(body), [field]: value }).success).toBe(false);
  });

  it("of an unknown type is still an event", () => {
    const event = nativeEventSchema.parse({ ...JSON.parse(body), event_type: "device_rebooted" });
    expect(isKnownEventType(event.event_type)).toBe(false);
    expect(isKnownEventType("alert_active")).toBe(true);
  });
});

describe("an automation's body", () => {
  const sent = {
    event: "alert.triggered",
    alert_id: "al1",
    device_id: "d1",
    hostname: "HLD-FRONT-03",
    name: "Low disk space",
    severity: "warning",
    description: "C: is nearly full",
  };
  const read = (change: Record<string, unknown> = {}) => automationBodySchema.parse({ ...sent, ...change });
  const at = new Date("2026-10-08T12:00:00Z");

  it("becomes an alert", () => {
    expect(automationAlert(read(), at)).toEqual({
      externalId: "al1",
      externalDeviceId: "d1",
      deviceHostname: "HLD-FRONT-03",
      name: "Low disk space",
      description: "C: is nearly full",
      payload: null,
      severity: "moderate",
      providerSeverity: "warning",
      status: "active",
      startedAt: at,
      resolvedAt: null,
    });
    expect(automationAlert(read({ event: "alert.resolved" }), at)).toMatchObject({
      status: "resolved",
      startedAt: null,
      resolvedAt: at,
    });
  });

  it("treats a variable that Level did not fill in as blank", () => {
    expect(read({ alert_id: "{{level_alert_id}}", severity: " {{ x }} " })).toMatchObject({
      alert_id: null,
      severity: null,
    });
  });

  it("without an alert id is the same alert when triggered and when resolved", () => {
    const opened = automationAlert(read({ alert_id: "" }), at)!;
    const closed = automationAlert(
      read({ alert_id: null, event: "alert.resolved", description: "fine" }),
      at,
    )!;
    expect(opened.externalId).toMatch(/^automation:/);
    expect(closed.externalId).toBe(opened.externalId);
    expect(automationAlert(read({ alert_id: "", device_id: "d2" }), at)!.externalId).not.toBe(
      opened.externalId,
    );
  });

  it("that names nothing to attach it to is not an alert", () => {
    expect(automationAlert(read({ alert_id: null, device_id: null, hostname: null }), at)).toBeNull();
  });

  it("has one key whatever the order of its keys and its extra fields", () => {
    const key = automationEventKey(read());
    const reversed = Object.fromEntries(Object.entries(sent).reverse());
    expect(automationEventKey(automationBodySchema.parse({ ...reversed, sent_at: "12:00" }))).toBe(key);
    expect(automationEventKey(read({ event: "alert.resolved" }))).not.toBe(key);
    expect(automationEventKey(read({ alert_id: "al2" }))).not.toBe(key);
  });

  it.each([
    ["2026-10-08T11:59:00Z", "2026-10-08T11:59:00.000Z"],
    ["2026-10-08 11:59:00 UTC", "2026-10-08T11:59:00.000Z"],
    ["2026-10-08 13:59:00 +0200", "2026-10-08T11:59:00.000Z"],
    [1791460740, "2026-10-08T11:59:00.000Z"],
    ["1791460740.5", "2026-10-08T11:59:00.500Z"],
    [1791460740123, "2026-10-08T11:59:00.123Z"],
  ])("has the time that it states: %j", (time, instant) => {
    const alert = automationAlert(read({ occurred_at: time }), at)!;
    expect(alert.startedAt?.toISOString()).toBe(instant);
    expect(automationEventKey(read({ occurred_at: time }))).not.toBe(automationEventKey(read()));
  });

  it.each(["{{level_time}}", "", null, "soon", "12", "99999999999999", {}, []])(
    "that gives %j for its time counts as without one",
    (time) => {
      expect(automationEventKey(read({ occurred_at: time }))).toBe(automationEventKey(read()));
      expect(automationAlert(read({ occurred_at: time }), at)).toMatchObject({ startedAt: at });
    },
  );

  it("dated ahead counts as of its arrival", () => {
    const ahead = read({ event: "alert.resolved", occurred_at: "2026-10-08T13:00:00Z" });
    expect(automationAlert(ahead, at)).toMatchObject({ resolvedAt: at });
  });

  it.each([{ event: "alert.exploded" }, { event: undefined }, { name: {} }])(
    "with %j is refused",
    (change) => {
      expect(automationBodySchema.safeParse({ ...sent, ...change }).success).toBe(false);
    },
  );
});
