import type { AlertSnapshot } from "@domain/snapshots";
import type { WebhookAuthScheme } from "@domain/webhook-auth";

/** The two ways in: the provider's own signed webhooks, and an automation that sends a shared secret. */

/** What a sender shows to be let in. */
export interface WebhookCredential {
  way: WebhookAuthScheme;
  value: string;
}

/** What a delivery asks us to take over, whatever the provider calls it. */
export type WebhookMessage =
  | {
      kind: "alert";
      alert: AlertSnapshot;
      /** The sender does not know the alert's id: it is known by its device and name. */
      isByName: boolean;
    }
  /** The device may have changed or gone: look at it again. */
  | { kind: "device"; isDeleted: boolean }
  /** The group may have changed or gone: look at it again. */
  | { kind: "group"; externalGroupId: string }
  /** A type that is not known yet; it is kept, nothing else. */
  | { kind: "unknown" };

/** The type of a test that we send to ourselves. */
export const TEST_EVENT_TYPE = "plumbline.test";

export interface WebhookEvent {
  type: string;
  /** The same for the same event, however often and whenever it arrives. */
  key: string;
  /** When it happened; null where the sender does not say. */
  occurredAt: Date | null;
  externalDeviceId: string | null;
  message: WebhookMessage;
}

export type ReadWebhook =
  | {
      state: "read";
      event: WebhookEvent;
      /** The body was broken, and was read all the same: what it says may differ a little from what was meant. */
      isRepaired: boolean;
    }
  /** Not what the provider or our instructions would send; `reason` says what is wrong, without its values. */
  | { state: "unreadable"; reason: string; type: string | null };

/** The port to a provider's webhooks. Pure: it neither stores nor asks anything. */
export interface WebhookReader {
  readonly provider: string;
  credentialOf(headers: Headers): WebhookCredential | null;
  /** Which of the secrets the credential was made with, compared in constant time; null when with none. */
  verify(
    credential: WebhookCredential,
    body: Uint8Array,
    secrets: readonly string[],
  ): { secretIndex: number } | null;
  read(way: WebhookAuthScheme, body: Uint8Array, receivedAt: Date): ReadWebhook;
  /** A harmless event, signed as the provider would sign it. */
  testDelivery(secret: string, now: Date): { body: Uint8Array<ArrayBuffer>; headers: Record<string, string> };
}
