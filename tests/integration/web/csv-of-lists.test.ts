import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { tenantExternalEntityMappings } from "@db/schema";
import { readMappingFile } from "~/features/mapping/mapping-file.server";
import { createWebWorld, type WebWorld } from "@tests/support/web";

import { createThings, type Things } from "../api/things";

let web: WebWorld;
let ours: Awaited<ReturnType<WebWorld["tenant"]>>;
let things: Things;

beforeAll(async () => {
  web = await createWebWorld();
  ours = await web.tenant();
  things = await createThings(web.database.db, ours, "=Ours");
  await createThings(web.database.db, await web.tenant(), "Theirs");
  await web.database.db.insert(tenantExternalEntityMappings).values({
    tenantId: ours.id,
    connectionId: things.connectionId,
    integrationType: "levelio",
    externalId: "alone",
    displayName: "=Ours alone",
    skipReason: "ungrouped",
    contentHash: "x",
    observedAt: new Date(),
  });
});
afterAll(() => web.close());

const account = () => `/settings/integrations/levelio/${things.connectionId}`;

/** Each list: its page, its download, and a filter that leaves nothing. */
const lists: [string, () => { page: string; csv: string }, string | null][] = [
  ["alerts", () => ({ page: "/alerts/list?state=all", csv: "/alerts.csv?state=all" }), "q=nothing"],
  ["sync runs", () => ({ page: "/runs?type=full", csv: "/runs.csv?type=full" }), "outcome=cancelled"],
  ["pending reviews", () => ({ page: "/review?kind=rename", csv: "/review.csv?kind=rename" }), "q=nothing"],
  ["the audit log", () => ({ page: "/settings/audit", csv: "/settings/audit.csv" }), "q=nothing"],
  [
    "devices without a client",
    () => ({ page: `${account()}/devices`, csv: `${account()}/devices.csv` }),
    "q=nothing",
  ],
  ["the mapping", () => ({ page: `${account()}/mapping`, csv: `${account()}/mapping.csv` }), null],
];

const read = async (path: string) => {
  const answer = await ours.as.admin.get(path);
  expect(answer.status, path).toBe(200);
  return answer;
};

describe("a list as CSV", () => {
  it.each(lists)(
    "is linked from its page with the filters of the page: %s",
    async (name, addresses, filter) => {
      const { page, csv } = addresses();
      // Something that the log has.
      if (name === "the audit log")
        await ours.as.admin.post("/settings/tokens", { intent: "switch-mcp", to: "on" });
      expect((await (await read(page)).text()).replaceAll("&amp;", "&")).toContain(`href="${csv}"`);
      const answer = await read(csv);
      expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
      expect(answer.headers.get("Content-Disposition")).toContain("attachment");
      const bytes = Buffer.from(await answer.arrayBuffer());
      const text = bytes.toString();
      expect(bytes.subarray(0, 3).toString("hex"), "the mark of UTF-8").toBe("efbbbf");
      expect(text.trim().split("\n").length).toBeGreaterThan(1);
      expect(text).not.toContain("Theirs");
      // A spreadsheet would run a cell that begins with “=” as a formula.
      expect(text).not.toMatch(/(?:^|,)"?=Ours/m);
      const plain = await (await read(`${csv}${csv.includes("?") ? "&" : "?"}bom=0`)).arrayBuffer();
      expect(Buffer.from(plain).equals(bytes.subarray(3)), "the same without the mark, where asked").toBe(
        true,
      );
      if (filter === null) return;
      const narrowed = await (await read(`${csv}${csv.includes("?") ? "&" : "?"}${filter}`)).text();
      expect(narrowed.trim().split("\n")).toHaveLength(1);
    },
  );

  it("of the mapping is the file that the command line accepts", async () => {
    const text = await (await read(`${account()}/mapping.csv`)).text();
    expect(readMappingFile(text, "csv")).toMatchObject({
      state: "read",
      groups: [{ path: expect.stringContaining("=Ours"), state: "mapped" }],
    });
  });
});
