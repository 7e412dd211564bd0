import { sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, it } from "vitest";

import { queryRows } from "@db/client";
import type { EditsPreview } from "~/features/mapping/preview-edits.server";
import { createGroup, createIntegration } from "@tests/support/factories";
import { clientAlike, createLargeMapping } from "@tests/support/large-mapping";
import { countStatements } from "@tests/support/statements";
import { createWebWorld, type Browser, type WebWorld } from "@tests/support/web";

const GROUPS = 2_000;

let web: WebWorld;
let tenantId: string;
let admin: Browser;
let address: string;

beforeAll(async () => {
  web = await createWebWorld();
  const tenant = await web.tenant();
  tenantId = tenant.id;
  admin = tenant.as.admin;
  address = await createLargeMapping(web.database.db, tenantId, GROUPS);
});
afterAll(() => web.close());

it(`the mapping page draws only the visible ones of ${GROUPS} groups`, async () => {
  const html = await (await admin.get(address)).text();
  expect(html).toContain("Customer number");
  expect(html.match(/role="row"/g)!.length).toBeLessThan(60);
});

it(`${GROUPS} groups take the mapping page no more statements than one`, async () => {
  const { id: connectionId } = await createIntegration(web.database.db, { tenantId });
  await createGroup(web.database.db, { tenantId, connectionId });
  const ofOne = await countStatements(web, admin, `/settings/integrations/levelio/${connectionId}/mapping`);
  expect(await countStatements(web, admin, address)).toBe(ofOne);
});

it("the preview of mapping the rest counts every device once", async () => {
  const changes = Array.from({ length: 100 }, (_, n) => ({
    externalId: `g${1000 + n * 10}`,
    state: "mapped",
    clientName: clientAlike(1000 + n * 10),
  }));
  const route = encodeURIComponent("routes/_app.settings.integrations.levelio.$connectionId.mapping");
  const answer = await admin.post(`${address}?_data=${route}`, {
    intent: "preview",
    version: "0",
    changes: JSON.stringify(changes),
  });
  const { preview } = (await answer.json()) as { preview: EditsPreview };
  const total = (moves: { devices: number }[]) => moves.reduce((sum, { devices }) => sum + devices, 0);
  expect(preview).toMatchObject({ moved: [], lost: [], affected: [], toReview: 0 });
  expect({ created: total(preview.created), joined: total(preview.joined) }).toEqual({
    created: 13_500,
    joined: 1_500,
  });
});

it("the audit log has each group of a saved change, however many they are", async () => {
  const changes = Array.from({ length: 300 }, (_, n) => ({ externalId: `g${1000 + n}`, state: "excluded" }));
  await admin.post(address, { intent: "save", version: "0", changes: JSON.stringify(changes) });
  const [entry] = await queryRows<{ n: number }>(
    web.database.db,
    sql`select jsonb_array_length(details -> 'changes') as n from audit_log
        where tenant_id = ${tenantId} and action = 'mapping.changed'`,
  );
  expect(entry?.n).toBe(changes.length);
});
