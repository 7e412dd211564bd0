import { afterAll, beforeAll, expect, it } from "vitest";

import { withTenant } from "@db/client";
import { insertIssues } from "@db/queries/sync-runs/runs";

import { makeEndedRun } from "../../support/ended-run";
import { createIntegration } from "../../support/factories";
import { createWebWorld, type WebWorld } from "../../support/web";

let web: WebWorld;
let ours: Awaited<ReturnType<WebWorld["tenant"]>>;
let address: string;

/** What each run has besides the issues of its test. */
const OF_THE_RUN = `devices,field,only-a-field,,,cannot be read,no
devices,record,,,,cannot be read,no
updates,record,an-update,,,cannot be read,no
`;

beforeAll(async () => {
  web = await createWebWorld();
  ours = await web.tenant();
  const { db } = web.app;
  const { id: connectionId } = await createIntegration(db, { tenantId: ours.id });
  const runId = await makeEndedRun(db, { tenantId: ours.id, connectionId, now: new Date() });
  const issue = { resource: "devices", severity: "record", field: "hostname" } as const;
  await withTenant(db, ours.id, (tx) =>
    insertIssues(tx, ours.id, runId, [
      { ...issue, externalId: "d1", name: 'The "old", till', reason: "two\nlines" },
      { ...issue, externalId: "d2", name: "=HYPERLINK(0)", reason: "odd", isIgnored: true },
    ]),
  );
  address = `/runs/${runId}/errors.csv`;
});
afterAll(() => web.close());

it("gives everybody of the tenant each failed record of a run, ignored or not, in cells that run nothing", async () => {
  const answer = await ours.as.viewer.get(address);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
  expect(answer.headers.get("Content-Disposition")).toMatch(/^attachment; filename="run-.+-errors\.csv"$/);
  expect(await answer.text()).toBe(
    `resource,severity,external_id,name,field,reason,ignored
${OF_THE_RUN}devices,record,d1,"The ""old"", till",hostname,"two
lines",no
devices,record,d2,'=HYPERLINK(0),hostname,odd,yes
`,
  );
});

it("gives nothing to another tenant, nor to a visitor who is not signed in", async () => {
  const theirs = await web.tenant();
  expect((await theirs.as.admin.get(address)).status).toBe(404);
  const answer = await web.anonymous().get(address);
  expect(answer.status).toBe(302);
  expect(answer.headers.get("Location")).toContain("/sign-in");
});
