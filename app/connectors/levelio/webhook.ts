import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import * as z from "zod";

import { placeholderId } from "@domain/alert-identity";
import { UNNAMED_ALERT } from "@domain/alerts";
import { contentHash } from "@domain/content-hash";
import { parseInstant, parseLooseInstant } from "@domain/instant";
import { alertSeverity } from "@domain/severity";
import type { AlertSnapshot } from "@domain/snapshots";
import { cleanText, isUsableId, textLimits } from "@domain/text";

/** Level's two auth schemes: its signed webhooks, and the HTTP action of an automation. */

export const signatureHeader = "x-level-signature";
export const sharedSecretHeader = "x-alga-webhook-secret";

/** The index of the secret that matched: 0 is the first. */
export interface VerifiedBy {
  secretIndex: number;
}

/**
 * Verifies `sha256=<64 hex>`, an HMAC-SHA256 over the raw body. Tries every secret and compares in constant time.
 * @returns null if none of the secrets made the signature, and always without secrets
 */
export function verifySignature(
  rawBody: Uint8Array,
  header: string | null | undefined,
  secrets: readonly string[],
): VerifiedBy | null {
  const hex = /^sha256=([0-9a-f]{64})$/i.exec(header?.trim() ?? "")?.[1];
  if (hex === undefined) return null;
  const given = Buffer.from(hex, "hex");
  return firstMatch(secrets, given, (secret) => createHmac("sha256", secret).update(rawBody).digest());
}

/**
 * Verifies the shared secret that an automation sends. Compares hashes, so that the time reveals neither content nor
 * length.
 */
export function verifySharedSecret(
  header: string | null | undefined,
  secrets: readonly string[],
): VerifiedBy | null {
  if (!header) return null;
  return firstMatch(secrets, sha256(header), sha256);
}

const sha256 = (text: string): Buffer => createHash("sha256").update(text).digest();

function firstMatch(
  secrets: readonly string[],
  given: Buffer,
  digest: (secret: string) => Buffer,
): VerifiedBy | null {
  let secretIndex = -1;
  for (const [index, secret] of secrets.entries()) {
    const matches = timingSafeEqual(digest(secret), given);
    if (matches && secret !== "" && secretIndex < 0) secretIndex = index;
  }
  return secretIndex < 0 ? null : { secretIndex };
}

/** The value of the signature header for a body, as Level sends it: for tests, and for a test delivery to ourselves. */
export const signBody = (rawBody: Uint8Array, secret: string): string =>
  `sha256=${createHmac("sha256", secret).update(rawBody).digest("hex")}`;

const shortText = z.string().min(1).max(textLimits.name).refine(isUsableId);

/**
 * The envelope of a signed webhook. `event_id` identifies the event and stays the same if Level delivers it again. The
 * type is open, because Level may add types; `data` is the record, or only its id after a deletion.
 */
export const nativeEventSchema = z.object({
  event_type: shortText,
  event_id: shortText,
  occurred_at: z.string().refine((text) => parseInstant(text) !== null, "not a date"),
  data: z.record(z.string(), z.unknown()),
});
export type NativeEvent = z.infer<typeof nativeEventSchema>;

const nativeEventTypes = [
  "alert_active",
  "alert_resolved",
  "device_created",
  "device_updated",
  "device_deleted",
  "group_created",
  "group_updated",
  "group_deleted",
] as const;
export type NativeEventType = (typeof nativeEventTypes)[number];

/**
 * Whether the type is known. Unknown types are accepted and ignored, because "send all event types" includes future
 * ones.
 */
export const isKnownEventType = (type: string): type is NativeEventType =>
  (nativeEventTypes as readonly string[]).includes(type);

/**
 * Level leaves an unknown variable as `{{name}}`, and our template marks what a person must fill in: both count as
 * blank.
 */
const unfilled = /^\s*(\{\{[^}]*\}\}|EDIT ME\b.*)\s*$/s;
const variable = z
  .union([z.string(), z.number(), z.boolean()])
  .nullish()
  .transform((value) =>
    value === null || value === undefined || unfilled.test(String(value)) ? null : String(value),
  );
const idVariable = variable.transform((id) => (id !== null && isUsableId(id) ? id : null));

/** The body of an automation that follows our instructions. Every field except `event` may be blank. */
export const automationBodySchema = z.object({
  event: z.enum(["alert.triggered", "alert.resolved"]),
  alert_id: idVariable,
  device_id: idVariable,
  hostname: variable,
  name: variable,
  severity: variable,
  description: variable,
  /** Optional. Level does not document its time format, so an unreadable time counts as absent. */
  occurred_at: variable.transform((time) => (time === null ? null : parseLooseInstant(time))).catch(null),
});
export type AutomationBody = z.infer<typeof automationBodySchema>;

/**
 * The key of an automation's delivery: a hash of its known fields, because the action sends no id and may repeat a
 * delivery.
 */
export const automationEventKey = (body: AutomationBody): string =>
  `automation:${contentHash(pickBody(body))}`;

function pickBody({ occurred_at, ...body }: AutomationBody) {
  return occurred_at === null ? body : { ...body, occurred_at };
}

/**
 * The alert of an automation. Level documents no alert variables, so the id may be missing: then device and name
 * identify the alert, and a resolve finds the alert that a trigger opened. Without a device id, `externalDeviceId` is
 * "".
 * @returns null if the body names neither alert nor device
 */
export function automationAlert(body: AutomationBody, receivedAt: Date): AlertSnapshot | null {
  const hostname = cleanText(body.hostname, textLimits.name);
  const name = cleanText(body.name, textLimits.name);
  if (body.alert_id === null && body.device_id === null && hostname === null) return null;

  const resolved = body.event === "alert.resolved";
  const at = body.occurred_at !== null && body.occurred_at < receivedAt ? body.occurred_at : receivedAt;
  const providerSeverity = cleanText(body.severity, textLimits.name);
  const named = {
    externalDeviceId: body.device_id ?? "",
    deviceHostname: hostname,
    name: name ?? UNNAMED_ALERT,
  };
  return {
    ...named,
    externalId: body.alert_id ?? placeholderId(named),
    description: cleanText(body.description, textLimits.note),
    payload: null,
    severity: alertSeverity(providerSeverity),
    providerSeverity,
    status: resolved ? "resolved" : "active",
    startedAt: resolved ? null : at,
    resolvedAt: resolved ? at : null,
  };
}
