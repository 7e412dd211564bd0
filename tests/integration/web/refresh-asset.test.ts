import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { connect } from "~/features/connections/connect.server";
import { mapTopLevelGroups } from "~/features/mapping/mapping.server";
import { requestSync, type SyncRequest } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import { startSimulator, type Simulator } from "../../level-simulator";
import { TEST_ACTOR } from "../../support/sync";
import { createWebWorld, type Browser, type WebWorld } from "../../support/web";

let web: WebWorld;
let simulator: Simulator;
let technician: Browser;
let tenantId: string;
let connectionId: string;
let asset: { id: string; name: string; device: string; wasOnline: boolean };

beforeAll(async () => {
  simulator = await startSimulator({ devices: 20, seed: 3 });
  web = await createWebWorld({ LEVELIO_API_BASE_URL: simulator.url });
  const tenant = await web.tenant();
  tenantId = tenant.id;
  technician = tenant.as.technician;
  const { apiKey } = simulator;
  const account = { tenantId, provider: "levelio", label: "Level", apiKey, actor: TEST_ACTOR } as const;
  const connected = await connect(web.app.sync, account);
  if (connected.state !== "saved") throw new Error(connected.state);
  connectionId = connected.integration.id;
  await sync("organizations");
  await mapTopLevelGroups(web.app.sync, { tenantId, connectionId }, TEST_ACTOR);
  await sync("full");
});
afterAll(async () => {
  await web.close();
  await simulator.close();
});
beforeEach(async () => {
  const [row] = await queryRows<typeof asset>(
    web.database.db,
    sql`select a.id, a.name, m.external_id as device, m.agent_status = 'online' as "wasOnline"
        from assets a join tenant_external_entity_mappings m on m.asset_id = a.id
        where a.tenant_id = ${tenantId} and a.status = 'active' order by a.name limit 1`,
  );
  asset = row!;
});

const drive = (runId: string) => runDirect(web.app.sync, { tenantId, runId }, () => 1);

async function sync(type: SyncRequest["type"]): Promise<void> {
  const asked = { tenantId, connectionId, type, trigger: "manual", actor: "test" } as const;
  const outcome = await requestSync(web.app.sync, asked);
  if (outcome.state !== "queued") throw new Error(outcome.state);
  await drive(outcome.run.id);
}

/** Requests a refresh on the asset's page. */
async function refresh(): Promise<{ page: string; runId: string }> {
  const response = await technician.post(`/assets/${asset.id}`, { intent: "refresh" });
  const page = response.headers.get("Location")!;
  return { page, runId: new URL(page, "http://any").searchParams.get("refresh") ?? "" };
}

/** The text of a page, without the marks of React and HTML. */
const read = async (path: string) => {
  const html = await (await technician.get(path)).text();
  return {
    html,
    text: html
      .replace(/<!-- -->/g, "")
      .replace(/<[^>]+>/g, " ")
      .replace(/\s+/g, " "),
  };
};

describe("refreshing an asset", () => {
  it("stays on its page, says that it is running, and then what changed", async () => {
    simulator.account.patchDevice(asset.device, { last_logged_in_user: "CORP\\new.person" });
    const { page, runId } = await refresh();
    expect(page).toMatch(new RegExp(`^/assets/${asset.id}\\?refresh=`));
    const before = await read(page);
    expect(before.text).toContain("Reading this asset from the RMM");
    expect(before.html).toContain("<noscript>");
    await drive(runId);
    const { text } = await read(page);
    expect(text).toContain("What the refresh changed");
    expect(text).toMatch(/Last signed-in user: .* CORP\\new\.person/);
  });

  it("says so if nothing changed", async () => {
    const { page, runId } = await refresh();
    await drive(runId);
    expect((await read(page)).text).toContain("Nothing changed");
  });

  it("shows that the machine went offline, which no history records", async () => {
    simulator.account.patchDevice(asset.device, { online: !asset.wasOnline });
    const { page, runId } = await refresh();
    await drive(runId);
    const [was, is] = asset.wasOnline ? ["online", "offline"] : ["offline", "online"];
    expect((await read(page)).text).toMatch(new RegExp(`Agent: ${was} ${is}`));
  });

  it("says why it failed and what to do", async () => {
    const { page, runId } = await refresh();
    simulator.faults.add({ kind: "status", status: 401 });
    await drive(runId);
    simulator.faults.clear();
    const { text } = await read(page);
    expect(text).toContain("The refresh failed: ");
    expect(text).toMatch(/key/);
  });

  it("is shown on the page of no other asset", async () => {
    const { runId } = await refresh();
    const [other] = await queryRows<{ id: string }>(
      web.database.db,
      sql`select id from assets where tenant_id = ${tenantId} and id <> ${asset.id} limit 1`,
    );
    expect((await read(`/assets/${other!.id}?refresh=${runId}`)).text).not.toContain("Reading this asset");
    await drive(runId);
  });
});

describe("a run of a single device", () => {
  it.each(["/runs", "/", "its own page"])("names its asset and links to it: %s", async (path) => {
    const { runId } = await refresh();
    await drive(runId);
    const { html, text } = await read(path.startsWith("/") ? path : `/runs/${runId}`);
    expect(text).toContain(asset.name);
    expect(html).toMatch(new RegExp(`href="/assets/${asset.id}"[^>]*>`));
  });
});
