import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";

import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { revealWebhookSecret } from "~/features/connections/secrets.server";
import { answerWebhook } from "~/features/webhooks/endpoint.server";

import { signWebhook, webhookEvent } from "../level-simulator";
import { levelAlert } from "../support/level-alert";
import type { World } from "./world";

export interface Load {
  perSecond: number;
  seconds: number;
}

/** Milliseconds from the moment a request was due to its answer, including a late start. */
export interface Latencies {
  p50: number;
  p95: number;
  p99: number;
  faults: number;
  answers: number;
}

type Handler = (request: Request) => Promise<Response>;

/** The product's endpoint. */
export async function ourHandler(world: World): Promise<{ handler: Handler; secret: string }> {
  const { app, tenantId, connectionId } = world;
  const actor = { userId: null, name: "bench", ip: null };
  const revealed = await revealWebhookSecret(app.sync, { tenantId, connectionId }, actor);
  if (revealed.state !== "revealed") throw new Error(revealed.state);
  const handler: Handler = (request) => answerWebhook(app, levelWebhookReader, request, "192.0.2.1");
  return { handler, secret: revealed.secret };
}

/** The smallest useful endpoint: verifies, parses and inserts the event once. */
export async function bareHandler({ app }: World, secret: string): Promise<Handler> {
  await app.db.execute(
    sql`create table bare_events (event_id text primary key, body jsonb not null, at timestamptz default now())`,
  );
  return async (request) => {
    const body = Buffer.from(await request.arrayBuffer());
    const given = Buffer.from(request.headers.get("x-level-signature")?.slice(7) ?? "", "hex");
    const wanted = createHmac("sha256", secret).update(body).digest();
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
      return new Response(null, { status: 401 });
    const event = JSON.parse(body.toString()) as { event_id: string };
    await app.db.execute(
      sql`insert into bare_events (event_id, body) values (${event.event_id}, ${body.toString()}::text::jsonb)
          on conflict do nothing`,
    );
    return new Response(null, { status: 202 });
  };
}

/** The source of the deliveries. */
export interface Sender {
  secret: string;
  /** Devices of the account that is synced meanwhile: the sync attaches the alerts that the deliveries write. */
  deviceIds: string[];
}

/** The account's first devices in the order in which a sync reads them. */
export async function readDeviceIds(api: { url: string; apiKey: string }, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let hasMore = true; hasMore && ids.length < count;) {
    const after = ids.length === 0 ? "" : `&starting_after=${encodeURIComponent(ids.at(-1)!)}`;
    const response = await fetch(`${api.url}/v2/devices?limit=100${after}`, {
      headers: { Authorization: api.apiKey },
    });
    const page = (await response.json()) as { data: { id: string }[]; has_more: boolean };
    ids.push(...page.data.map(({ id }) => id));
    hasMore = page.has_more;
  }
  return ids;
}

/** Sends at a steady rate, whether or not earlier requests were answered, while full syncs run one after the other. */
export async function underSync(
  world: World,
  handler: Handler,
  sender: Sender,
  load: Load,
): Promise<Latencies> {
  let isOver = false;
  const syncs = (async () => {
    while (!isOver) await world.fullSync("inngest");
  })();
  const latencies: number[] = [];
  let faults = 0;
  const open: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let n = 0; n < load.perSecond * load.seconds; n++) {
    const dueAt = startedAt + (n * 1000) / load.perSecond;
    const early = dueAt - performance.now();
    if (early > 1) await sleep(early);
    open.push(
      handler(requestFor(n, world.tenantId, sender)).then(async (response) => {
        await response.arrayBuffer();
        latencies.push(performance.now() - dueAt);
        if (response.status !== 202) faults++;
      }),
    );
  }
  await Promise.all(open);
  isOver = true;
  await syncs;
  latencies.sort((one, other) => one - other);
  const at = (share: number) => latencies[Math.floor((latencies.length - 1) * share)]!;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), faults, answers: latencies.length };
}

/** The n-th delivery as Level sends it. */
export function deliveryOf(n: number, { secret, deviceIds }: Sender): RequestInit & { body: string } {
  const now = new Date();
  const alert = levelAlert({
    id: `bench-${n}`,
    device_id: deviceIds[n % deviceIds.length],
    started_at: now.toISOString(),
  });
  const body = JSON.stringify(
    webhookEvent("alert_active", alert, { eventId: randomUUID(), occurredAt: now }),
  );
  return {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-level-signature": signWebhook(body, secret) },
  };
}

const requestFor = (n: number, tenant: string, sender: Sender): Request =>
  new Request(`http://app.local/api/webhooks/levelio?tenant=${tenant}`, deliveryOf(n, sender));
