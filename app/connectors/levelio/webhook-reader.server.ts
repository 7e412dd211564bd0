import { randomUUID } from "node:crypto";

import type * as z from "zod";

import { parseInstant } from "@domain/instant";
import type { AlertSnapshot } from "@domain/snapshots";
import { cleanText } from "@domain/text";
import {
  TEST_EVENT_TYPE,
  type ReadWebhook,
  type WebhookMessage,
  type WebhookReader,
} from "~/connectors/rmm-webhook";

import { readAutomationBody, type AutomationBodyRead } from "./automation-body";
import { mapReportedAlert } from "./mappers/alert";
import { recordId } from "./read-record";
import {
  automationAlert,
  automationBodySchema,
  automationEventKey,
  isKnownEventType,
  nativeEventSchema,
  sharedSecretHeader,
  signatureHeader,
  signBody,
  verifySharedSecret,
  verifySignature,
  type NativeEvent,
} from "./webhook";

/** Reads the deliveries of both of Level's auth schemes. */
export const levelWebhookReader: WebhookReader = {
  provider: "levelio",

  credentialOf(headers) {
    const signature = headers.get(signatureHeader);
    if (signature !== null) return { scheme: "signed", value: signature };
    const secret = headers.get(sharedSecretHeader);
    return secret === null ? null : { scheme: "automation", value: secret };
  },

  verify: ({ scheme, value }, body, secrets) =>
    scheme === "signed" ? verifySignature(body, value, secrets) : verifySharedSecret(value, secrets),

  read(scheme, body, receivedAt) {
    const text = decode(body);
    if (scheme === "automation") {
      const read = text === undefined ? { state: "unreadable" as const } : readAutomationBody(text);
      if (read.state === "unreadable") return unreadable("the body is neither JSON nor form fields");
      return readAutomation(read, receivedAt);
    }
    const json = text === undefined ? undefined : parseJson(text);
    return json === undefined ? unreadable("the body is not JSON") : readNative(json);
  },

  testDelivery(secret, now) {
    const event = {
      event_type: TEST_EVENT_TYPE,
      event_id: randomUUID(),
      occurred_at: now.toISOString(),
      data: {},
    };
    const body = new TextEncoder().encode(JSON.stringify(event));
    return {
      body,
      headers: { "content-type": "application/json", [signatureHeader]: signBody(body, secret) },
    };
  },
};

/** Undefined for what is not UTF-8. */
function decode(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** Undefined for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readNative(json: unknown): ReadWebhook {
  const parsed = nativeEventSchema.safeParse(json);
  if (!parsed.success) return unreadable(whatIsWrong(parsed.error), typeOf(json, "event_type"));
  const event = parsed.data;
  const { event_type: type, event_id: key, data } = event;
  const occurredAt = parseInstant(event.occurred_at)!;
  const read = (externalDeviceId: string | null, message: WebhookMessage): ReadWebhook => ({
    state: "read",
    isRepaired: false,
    event: { type, key, occurredAt, externalDeviceId, message },
  });

  if (!isKnownEventType(type)) return read(null, { kind: "unknown" });
  if (type.startsWith("group_") || type.startsWith("device_")) {
    const id = recordId(data);
    if (id === null) return unreadable("data.id is not usable as an id", type);
    return type.startsWith("group_")
      ? read(null, { kind: "group", externalGroupId: id })
      : read(id, { kind: "device", isDeleted: type === "device_deleted" });
  }
  const { item } = mapReportedAlert(data);
  if (item === null) return unreadable("data.id is not usable as an id", type);
  const alert = asReported(item, event, occurredAt);
  return read(alert.externalDeviceId === "" ? null : alert.externalDeviceId, {
    kind: "alert",
    alert,
    isByName: false,
  });
}

/** The alert with the state that the event reports, because the record in it may be slightly older or newer. */
function asReported(alert: AlertSnapshot, event: NativeEvent, occurredAt: Date): AlertSnapshot {
  if (event.event_type !== "alert_resolved") return alert;
  return { ...alert, status: "resolved", resolvedAt: alert.resolvedAt ?? occurredAt };
}

function readAutomation(
  { fields, isRepaired }: Extract<AutomationBodyRead, { state: "read" }>,
  receivedAt: Date,
): ReadWebhook {
  const parsed = automationBodySchema.safeParse(fields);
  if (!parsed.success) return unreadable(whatIsWrong(parsed.error), typeOf(fields, "event"));
  const body = parsed.data;
  const alert = automationAlert(body, receivedAt);
  if (alert === null) {
    return unreadable(
      "alert_id, device_id and hostname are all blank: nothing says what it is about",
      body.event,
    );
  }
  return {
    state: "read",
    isRepaired,
    event: {
      type: body.event,
      key: automationEventKey(body),
      occurredAt: body.occurred_at,
      externalDeviceId: body.device_id,
      message: { kind: "alert", alert, isByName: body.alert_id === null },
    },
  };
}

const unreadable = (reason: string, type: string | null = null): ReadWebhook => ({
  state: "unreadable",
  reason,
  type,
});

/** The names of the invalid fields, never their values. */
function whatIsWrong({ issues }: z.ZodError): string {
  const fields = [...new Set(issues.map(({ path }) => String(path[0] ?? "")))].filter((name) => name !== "");
  return fields.length === 0 ? "the body is not an object" : `missing or not usable: ${fields.join(", ")}`;
}

/** The event's type for the log; null if it is not a text. */
function typeOf(json: unknown, field: string): string | null {
  const type: unknown =
    typeof json === "object" && json !== null ? (json as Record<string, unknown>)[field] : null;
  return typeof type === "string" ? cleanText(type, 80) : null;
}
