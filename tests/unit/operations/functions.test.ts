import { expect, it } from "vitest";

import { createFunctions, createInngestClient } from "@inngest/index";
import type { SyncDeps } from "~/platform/ports";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const nothing = () => Promise.resolve(0);

it.each(["inngest", "direct"] as const)(
  "every durable function ends in time, with transport %s",
  (transport) => {
    const deps = { transport } as SyncDeps;
    const client = createInngestClient({ logger: silent });
    const functions = createFunctions(client, deps, nothing, {
      outgoing: nothing,
      notifications: nothing,
      tickets: nothing,
      automations: nothing,
    });
    const finish = new Map(functions.map((fn) => [fn.id(), fn.opts.timeouts?.finish]));
    expect(finish.size).toBe(functions.length);
    for (const [id, limit] of finish) expect(limit, id).toMatch(/^\d+[mh]$/);
    expect(finish.get("rmm-scheduler")).toBe(transport === "direct" ? "4h" : "10m");
  },
);
