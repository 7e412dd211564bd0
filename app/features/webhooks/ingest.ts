import { createHash } from "node:crypto";

import { v7 as uuidv7 } from "uuid";

import type { Db } from "@db/client";
import { describeDataError, isDataError } from "@db/errors";
import type { NewDelivery } from "@db/queries/webhooks/webhook-deliveries";
import { retryConflict } from "@db/retry-conflict";
import { keptBody } from "@domain/webhook-body";
import type { ReadWebhook, WebhookCredential, WebhookReader } from "~/connectors/rmm-webhook";
import { PREVIOUS_WEBHOOK_SECRET } from "~/features/connections/secrets.server";

import { whyIgnored } from "./apply-event";
import { createBatcher } from "./batcher";
import type { Senders, WebhookDeps } from "./senders";
import { writeDeliveries, type ReadyDelivery, type IngestResult } from "./write-deliveries";
import { inTransaction } from "~/platform/outbox/in-transaction";

export type { IngestResult };

/** A delivery with a valid secret or signature. */
export interface Verified {
  secret: Senders["secrets"][number];
  credential: WebhookCredential;
  body: Uint8Array;
  receivedAt: Date;
  startedAt: number;
}

/**
 * The most deliveries in one transaction. Their number barely affects its duration, and a larger batch drains a flood
 * faster.
 */
const MAX_TOGETHER = 200;

/** Writes a delivery of one tenant, together with those that arrive while others are being written. */
type Writer = (delivery: ReadyDelivery) => Promise<IngestResult>;
const writers = new WeakMap<Db, Map<string, Writer>>();

function writerOf({ db, nudge, hasProvider }: WebhookDeps, provider: string, tenantId: string): Writer {
  const ofTenants = writers.get(db) ?? new Map<string, Writer>();
  writers.set(db, ofTenants);
  const key = `${provider} ${tenantId}`;
  const writer =
    ofTenants.get(key) ??
    createBatcher<ReadyDelivery, IngestResult>(
      (deliveries) =>
        retryConflict(() =>
          inTransaction({ db, nudge }, tenantId, async (tx) =>
            // Senders are cached for a minute, so each batch checks again whether the tenant has the provider.
            (await hasProvider(tx, tenantId, provider))
              ? writeDeliveries(tx, tenantId, deliveries)
              : deliveries.map((): IngestResult => ({ state: "secret_gone" })),
          ),
        ),
      MAX_TOGETHER,
    );
  ofTenants.set(key, writer);
  return writer;
}

/**
 * Writes a delivery and everything that follows from it in one transaction. Stores a delivery whose values the database
 * refuses as unreadable.
 * @throws any other error of the database
 */
export async function ingestDelivery(
  deps: WebhookDeps,
  reader: WebhookReader,
  senders: Senders,
  verified: Verified,
): Promise<IngestResult> {
  const { tenantId } = senders;
  const read = reader.read(verified.credential.scheme, verified.body, verified.receivedAt);
  const ready = (as: ReadWebhook): ReadyDelivery => ({
    row: describe(senders, verified, as),
    read: as,
    reported: { scheme: verified.credential.scheme, receivedAt: verified.receivedAt },
    startedAt: verified.startedAt,
  });
  const alone = (as: ReadWebhook) =>
    retryConflict(() =>
      inTransaction(deps, tenantId, async (tx) => (await writeDeliveries(tx, tenantId, [ready(as)]))[0]!),
    );
  try {
    return await writerOf(
      deps,
      reader.provider,
      tenantId,
    )(ready(read)).catch((error: unknown) => {
      // A value that the database refuses must not affect the other deliveries of the batch.
      if (isDataError(error)) return alone(read);
      throw error;
    });
  } catch (error) {
    if (!isDataError(error)) throw error;
    // A retry would fail the same way, so a 5xx would make the sender repeat it for nothing.
    deps.log.warn({ tenantId, error: describeDataError(error) }, "a delivery was refused by the database");
    const type = read.state === "read" ? read.event.type : read.type;
    return alone({ state: "unreadable", reason: "holds a value that cannot be stored", type });
  }
}

const statusOf = { accepted: 202, ignored: 200, unreadable: 400 } as const;

function describe(senders: Senders, verified: Verified, read: ReadWebhook): NewDelivery {
  const { credential, secret, body, receivedAt, startedAt } = verified;
  const kept = keptBody(
    body,
    senders.secrets.map(({ plain }) => plain),
  );
  const about =
    read.state === "unreadable"
      ? {
          outcome: "unreadable" as const,
          reason: read.reason,
          eventType: read.type,
          isRepaired: false,
          eventKey: `unreadable:${createHash("sha256").update(body).digest("hex")}`,
          occurredAt: null,
          externalDeviceId: null,
        }
      : {
          ...(read.event.message.kind === "unknown"
            ? { outcome: "ignored" as const, reason: whyIgnored(read.event) }
            : { outcome: "accepted" as const, reason: null }),
          eventType: read.event.type,
          isRepaired: read.isRepaired,
          eventKey: read.event.key,
          occurredAt: read.event.occurredAt,
          externalDeviceId: read.event.externalDeviceId,
        };
  return {
    id: uuidv7(),
    connectionId: secret.connectionId,
    secret: { id: secret.id, sealed: secret.sealed },
    scheme: credential.scheme,
    secretUsed: secret.name === PREVIOUS_WEBHOOK_SECRET ? "previous" : "current",
    ...about,
    responseStatus: statusOf[about.outcome],
    durationMs: Math.round(performance.now() - startedAt),
    body: kept.text,
    bodyIsCut: kept.isCut,
    receivedAt,
  };
}
