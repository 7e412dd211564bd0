import type { AlertSnapshot } from "@domain/snapshots";
import type { WebhookAuthScheme } from "@domain/webhook-auth";

/** The auth schemes: the provider's own signed webhooks, and an automation that sends a shared secret. */

/** The credential of a sender. */
export interface WebhookCredential {
  scheme: WebhookAuthScheme;
  value: string;
}

/** The message of a delivery, independent of the provider. */
export type WebhookMessage =
  | {
      kind: "alert";
      alert: AlertSnapshot;
      /** The sender does not know the alert's id, so device and name identify the alert. */
      isByName: boolean;
    }
  /** The device may have changed or gone, so it has to be read again. */
  | { kind: "device"; isDeleted: boolean }
  /** The group may have changed or gone, so it has to be read again. */
  | { kind: "group"; externalGroupId: string }
  /** The type is unknown; the delivery is only logged. */
  | { kind: "unknown" };

/** The type of the test event that we send to ourselves. */
export const TEST_EVENT_TYPE = "plumbline.test";

export interface WebhookEvent {
  type: string;
  /** Identical for the same event, however often and whenever it arrives. */
  key: string;
  /** When the event happened; null if the sender does not say. */
  occurredAt: Date | null;
  externalDeviceId: string | null;
  message: WebhookMessage;
}

export type ReadWebhook =
  | {
      state: "read";
      event: WebhookEvent;
      /** The body was malformed and repaired, so it may differ slightly from what was meant. */
      isRepaired: boolean;
    }
  /** The body is not what the provider or our instructions send; `reason` says what is wrong, without values. */
  | { state: "unreadable"; reason: string; type: string | null };

/** The port to a provider's webhooks. Pure: it neither stores nor requests anything. */
export interface WebhookReader {
  readonly provider: string;
  credentialOf(headers: Headers): WebhookCredential | null;
  /** The secret that the credential was made with; null if it was made with none. Compares in constant time. */
  verify(
    credential: WebhookCredential,
    body: Uint8Array,
    secrets: readonly string[],
  ): { secretIndex: number } | null;
  read(scheme: WebhookAuthScheme, body: Uint8Array, receivedAt: Date): ReadWebhook;
  /** A harmless test event, signed as the provider signs. */
  testDelivery(secret: string, now: Date): { body: Uint8Array<ArrayBuffer>; headers: Record<string, string> };
}
