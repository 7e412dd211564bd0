import { createHash, timingSafeEqual } from "node:crypto";
import { BlockList } from "node:net";

import { countPendingMigrations } from "@db/migrate";
import { proveTenantTransaction } from "@db/tenant-role";
import type { App } from "~/platform/app.server";

/** Milliseconds after which a check counts as failed, because a watchdog does not wait forever. */
const CHECK_MS = 5_000;

type Check = "ok" | "failed" | "pending" | "nobody";

export interface Readiness {
  ready: boolean;
  checks: {
    /** Tested by a transaction like that of a page. */
    database: Check;
    /** `pending`: the schema is older than this code. */
    migrations: Check;
    /** `nobody`: no process executes the durable functions, or the Inngest server does not answer. */
    runner: Check;
  };
}

/** Whether this process can do its work. The answer contains nothing confidential. */
export async function checkReadiness(app: Pick<App, "sync" | "jobs" | "log">): Promise<Readiness> {
  const look = async (name: string, work: () => Promise<Check>): Promise<Check> => {
    try {
      return await within(CHECK_MS, work());
    } catch (error) {
      app.log.warn({ err: error, check: name }, "A readiness check failed");
      return "failed";
    }
  };
  const database = await look("database", async () => {
    await proveTenantTransaction(app.sync.db);
    return "ok";
  });
  if (database !== "ok") {
    return { ready: false, checks: { database, migrations: "failed", runner: "failed" } };
  }
  const migrations = await look("migrations", async () =>
    (await countPendingMigrations(app.sync.db)) === 0 ? "ok" : "pending",
  );
  const runner = await look("runner", async () => ((await app.jobs.isAlive()) ? "ok" : "nobody"));
  return { ready: migrations === "ok" && runner === "ok", checks: { database, migrations, runner } };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Whether a request is from this machine; false if its address is unknown. */
export function isLoopback(ip: string | null): boolean {
  if (ip === null) return false;
  const plain = ip.replace(/^::ffff:(?=\d+\.)/i, "");
  return loopback.check(plain, plain.includes(":") ? "ipv6" : "ipv4");
}

/**
 * Whether a request may read the metrics. With a token, every request needs it, also one from a proxy on this machine;
 * without a token, only loopback is allowed.
 */
export function mayReadMetrics(token: string | undefined, request: Request, ip: string | null): boolean {
  if (token === undefined) return isLoopback(ip);
  const sent = /^Bearer\s+(.+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1] ?? "";
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(sent.trim()), digest(token));
}
