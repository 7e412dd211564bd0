import { describe, expect, it } from "vitest";

import type { DatabaseKind } from "../support/database";
import { syncWithStop } from "../support/kill-points";

const DEVICES = 300;

/** Requests in flight for one connection: a stop may lose each of their pages, which the next start requests again. */
const IN_FLIGHT = 4;

// tests/integration/sync/stopped-server.test.ts stops the built server on Postgres; this one adds the embedded database,
// a stop amid updates, and the published events.
describe.each<DatabaseKind>(["postgres", "embedded"])("a server asked to stop, on %s", (kind) => {
  it(
    "while it writes a page of a sync ends in order, keeps stored pages, and continues after them at the next start",
    { timeout: 5 * 60_000 },
    async () => {
      const undisturbed = await syncWithStop(kind, null, DEVICES);
      expect(undisturbed.status).toBe("completed");
      for (const point of [
        { resource: "devices", page: 2 },
        { resource: "updates", page: 4 },
      ] as const) {
        const { status, exitCode, storedPages, requests, rows, events } = await syncWithStop(
          kind,
          point,
          DEVICES,
        );
        const at = JSON.stringify(point);
        expect(exitCode, at).toBe(0);
        expect(storedPages, at).toBeGreaterThan(0);
        expect(status, at).toBe("completed");
        expect(rows, at).toEqual(undisturbed.rows);
        expect(events, at).toEqual(undisturbed.events);
        expect(requests, at).toBeLessThanOrEqual(undisturbed.requests + IN_FLIGHT);
      }
    },
  );
});
