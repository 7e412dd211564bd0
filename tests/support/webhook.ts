import { withTenant, type TenantDb } from "@db/client";
import { rmmAlerts, rmmEvents, rmmWebhookDeliveries, rmmWebhookRejections } from "@db/schema";
import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { revealWebhookSecret, rotateWebhookSecret } from "~/features/connections/secrets.server";
import { answerWebhook } from "~/features/webhooks/endpoint.server";

import { signWebhook, webhookEvent } from "../level-simulator";
import { levelAlert } from "./level-alert";
import { TEST_ACTOR, type SyncWorld } from "./sync";

const encode = (body: unknown): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));

/** The webhook endpoint of a sync world, and senders that know its secret. */
export interface WebhookWorld {
  tenant: string;
  secret: string;
  /** Sends any request, as the route gets it. */
  request(init: RequestInit & { tenant?: string | null; ip?: string }): Promise<Response>;
  /** Sends a signed event of Level. */
  signed(event: unknown, secret?: string): Promise<Response>;
  /** An automation's HTTP action. */
  automation(body: unknown, secret?: string): Promise<Response>;
  /** Makes a new secret and returns it; the former one stays valid for a day. */
  rotate(): Promise<string>;
  alerts(): Promise<(typeof rmmAlerts.$inferSelect)[]>;
  deliveries(): Promise<(typeof rmmWebhookDeliveries.$inferSelect)[]>;
  rejections(): Promise<(typeof rmmWebhookRejections.$inferSelect)[]>;
  /** Names of the events in the outbox, oldest first. */
  events(): Promise<{ name: string; data: Record<string, unknown> }[]>;
}

/**
 * @param deps replaces the world's own dependencies: those of an app whose runner does the work that follows a delivery
 */
export async function createWebhookWorld(
  world: SyncWorld,
  deps: SyncWorld["deps"] = world.deps,
): Promise<WebhookWorld> {
  const { tenantId, connectionId, database } = world;
  const owner = { tenantId, connectionId };
  const app = { sync: deps, log: deps.log as never };
  const reveal = async () => {
    const revealed = await revealWebhookSecret(deps, owner, TEST_ACTOR);
    if (revealed.state !== "revealed") throw new Error(`no secret: ${revealed.state}`);
    return revealed.secret;
  };
  const secret = await reveal();
  const inTenant = <T>(work: (tx: TenantDb) => Promise<T>) => withTenant(database.db, tenantId, work);

  const request: WebhookWorld["request"] = ({ tenant = tenantId, ip = "192.0.2.1", ...init }) => {
    const query = tenant === null ? "" : `?${new URLSearchParams({ tenant })}`;
    const url = `http://app.local/api/webhooks/levelio${query}`;
    return answerWebhook(app, levelWebhookReader, new Request(url, { method: "POST", ...init }), ip);
  };
  const send = (body: unknown, headers: Record<string, string>) =>
    request({ body: encode(body), headers: { "content-type": "application/json", ...headers } });
  return {
    tenant: tenantId,
    secret,
    request,
    signed: (event, withSecret = secret) =>
      send(event, { "x-level-signature": signWebhook(encode(event), withSecret) }),
    automation: (body, withSecret = secret) => send(body, { "x-alga-webhook-secret": withSecret }),
    rotate: async () => {
      await rotateWebhookSecret(deps, owner, TEST_ACTOR);
      return reveal();
    },
    alerts: () => inTenant((tx) => tx.select().from(rmmAlerts).orderBy(rmmAlerts.externalAlertId)),
    deliveries: () =>
      inTenant((tx) => tx.select().from(rmmWebhookDeliveries).orderBy(rmmWebhookDeliveries.id)),
    rejections: () =>
      inTenant((tx) => tx.select().from(rmmWebhookRejections).orderBy(rmmWebhookRejections.firstAt)),
    events: () =>
      inTenant((tx) =>
        tx.select({ name: rmmEvents.name, data: rmmEvents.data }).from(rmmEvents).orderBy(rmmEvents.id),
      ),
  };
}

/** `alert_active` or `alert_resolved`, `minute` minutes after noon. */
export function alertEvent(
  type: "alert_active" | "alert_resolved",
  minute: number,
  more: Record<string, unknown> = {},
  eventId?: string,
) {
  const occurredAt = new Date(Date.UTC(2026, 9, 8, 12, minute));
  const isResolved = type === "alert_resolved";
  const data = levelAlert({
    is_resolved: isResolved,
    resolved_at: isResolved ? occurredAt.toISOString() : null,
    ...more,
  });
  return webhookEvent(type, data, { occurredAt, ...(eventId === undefined ? {} : { eventId }) });
}
