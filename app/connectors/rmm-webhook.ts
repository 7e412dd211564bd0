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
      /** The sender does not know the alert's id, so device and name identify it. */
      isByName: boolean;
    }
  /** The device may have changed or gone: read it again. */
  | { kind: "device"; isDeleted: boolean }
  /** The group may have changed or gone: read it again. */
  | { kind: "group"; externalGroupId: string }
  /** An unknown type; it is logged only. */
  | { kind: "unknown" };

/** The type of a test that we send to ourselves. */
export const TEST_EVENT_TYPE = "plumbline.test";

export interface WebhookEvent {
  type: string;
  /** Identical for the same event, however often and whenever it arrives. */
  key: string;
  /** When it happened; null if the sender does not say. */
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
  /** Not what the provider or our instructions send; `reason` says what is wrong, without values. */
  | { state: "unreadable"; reason: string; type: string | null };

/** The port to a provider's webhooks. Pure: it neither stores nor requests anything. */
export interface WebhookReader {
  readonly provider: string;
  credentialOf(headers: Headers): WebhookCredential | null;
  /** Which of the secrets the credential was made with, compared in constant time; null when with none. */
  verify(
    credential: WebhookCredential,
    body: Uint8Array,
    secrets: readonly string[],
  ): { secretIndex: number } | null;
  read(scheme: WebhookAuthScheme, body: Uint8Array, receivedAt: Date): ReadWebhook;
  /** A harmless test event, signed as the provider signs. */
  testDelivery(secret: string, now: Date): { body: Uint8Array<ArrayBuffer>; headers: Record<string, string> };
}
