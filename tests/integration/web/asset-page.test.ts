import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { queryRows } from "@db/client";
import { assets, rmmDeviceUpdates } from "@db/schema";
import { connect } from "~/features/connections/connect.server";
import { mapTopLevelGroups } from "~/features/mapping/mapping.server";
import { requestSync, type SyncRequest } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import { startSimulator, type Simulator } from "../../level-simulator";
import { TEST_ACTOR } from "../../support/sync";
import { createWebWorld, type Browser, type WebWorld } from "../../support/web";

let web: WebWorld;
let simulator: Simulator;
let viewer: Browser;
let technician: Browser;
let tenantId: string;
let connectionId: string;
let asset: { id: string; device: string };

beforeAll(async () => {
  simulator = await startSimulator({ devices: 20, seed: 3 });
  web = await createWebWorld({ LEVELIO_API_BASE_URL: simulator.url });
  const tenant = await web.tenant();
  tenantId = tenant.id;
  ({ viewer, technician } = tenant.as);
  const { apiKey } = simulator;
  const account = { tenantId, provider: "levelio", label: "Level", apiKey, actor: TEST_ACTOR } as const;
  const connected = await connect(web.app.sync, account);
  if (connected.state !== "saved") throw new Error(connected.state);
  connectionId = connected.integration.id;
  await sync("organizations");
  await mapTopLevelGroups(web.app.sync, { tenantId, connectionId }, TEST_ACTOR);
  await sync("full");
  const [row] = await queryRows<typeof asset>(
    web.database.db,
    sql`select a.id, m.external_id as device
        from assets a join tenant_external_entity_mappings m on m.asset_id = a.id
        where a.tenant_id = ${tenantId} and a.status = 'active' order by a.name limit 1`,
  );
  asset = row!;
});
afterAll(async () => {
  await web.close();
  await simulator.close();
});

async function sync(type: SyncRequest["type"]): Promise<string> {
  const asked = { tenantId, connectionId, type, trigger: "manual", actor: "test" } as const;
  const outcome = await requestSync(web.app.sync, asked);
  if (outcome.state !== "queued") throw new Error(outcome.state);
  await runDirect(web.app.sync, { tenantId, runId: outcome.run.id }, () => 1);
  return outcome.run.id;
}

/** The text of a page, without the marks of React and HTML. */
const read = async (path = `/assets/${asset.id}`) => {
  const html = await (await viewer.get(path)).text();
  const text = html
    .replace(/<script.*?<\/script>/gs, "")
    .replace(/<!-- -->/g, "")
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&#x27;", "'")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");
  return { html, text };
};

describe("the page of an asset", () => {
  it("shows every network interface with its MAC, addresses, gateway and DNS servers", async () => {
    simulator.account.patchDevice(asset.device, {
      network_interfaces: [
        {
          description: "Intel(R) Ethernet Connection I219-LM",
          interface: "Ethernet",
          label: "Ethernet",
          mac_address: "d4:11:22:33:44:55",
          ip_addresses: ["10.9.8.7", "fe80::1%4"],
          gateway: "10.9.8.1",
          domain: null,
          dhcp_server: "10.9.8.2",
          dns_servers: "10.9.8.3, 9.9.9.9",
        },
        {
          description: "Hyper-V Virtual Ethernet Adapter",
          interface: "vEthernet",
          label: "vEthernet",
          mac_address: null,
          ip_addresses: ["172.28.160.1"],
          gateway: null,
          domain: null,
          dhcp_server: null,
          dns_servers: ["172.28.160.2"],
        },
      ],
    });
    await sync("full");
    const { text } = await read();
    for (const shown of [
      "Intel(R) Ethernet Connection I219-LM",
      "d4:11:22:33:44:55",
      "10.9.8.7, fe80::1",
      "10.9.8.1",
      "10.9.8.2",
      "10.9.8.3, 9.9.9.9",
      "Hyper-V Virtual Ethernet Adapter",
      "172.28.160.1",
      "172.28.160.2",
    ])
      expect(text).toContain(shown);
  });

  it("says what is wrong with the machine and what to do about it", async () => {
    const device = simulator.account.devices.require(asset.device);
    simulator.account.patchDevice(asset.device, {
      role: "server",
      security_score: 41,
      security: { ...device.security!, firewall_enabled: false, os_end_of_life: true },
    });
    await sync("full");
    const { text } = await read();
    expect(text).toContain("Firewall off on a server");
    expect(text).toContain("open only the ports that the server's services need");
    expect(text).toContain("is past its end of life");
    expect(text).toContain("41 of 100");
  });

  it("shows group path, notes of Level, flag and tags, and the form only behind Edit", async () => {
    simulator.account.patchDevice(asset.device, {
      notes: "Key under the mat",
      flag: "Replace soon",
      tags: ["loaner", "east wing"],
    });
    await sync("full");
    const [group] = await queryRows<{ path: string }>(
      web.database.db,
      sql`select g.path from rmm_organization_mappings g join tenant_external_entity_mappings m
            on m.integration_id = g.integration_id and m.external_group_id = g.external_id
          where m.asset_id = ${asset.id}`,
    );
    const { html, text } = await read();
    for (const shown of [group!.path, "Key under the mat", "Flag: Replace soon", "loaner", "east wing"])
      expect(text).toContain(shown);
    expect(html).not.toContain('name="location"');
    expect(text).toMatch(/as of (just now|\d+ \w+ ago)/);
  });

  it("shows for a field the RMM's value, the rule, the run and the person", async () => {
    simulator.account.patchDevice(asset.device, { last_logged_in_user: "CORP\\why", serial_number: null });
    const runId = await sync("full");
    const { html } = await read();
    const chainOf = (field: string) => {
      const from = html.slice(html.indexOf(`Why is this value here? <!-- -->${field}<`));
      return from
        .slice(0, from.indexOf("</details>"))
        .replace(/<!-- -->/g, "")
        .replace(/<(?!a )[^>]+>/g, " ")
        .replace(/\s+/g, " ");
    };
    expect(chainOf("Last signed-in user")).toMatch(
      new RegExp(`Level says the same, as of .* Taken from Level: .* href="/runs/${runId}/changes"`),
    );
    expect(chainOf("Serial number")).toMatch(/Level says nothing, as of .* A blank never wipes a value/);
    await web.database.db.execute(sql`
      update assets set name = 'Ours', held_fields = '{name}' where id = ${asset.id}`);
    expect(chainOf("Name")).toContain("Taken from Level");
    const held = await read();
    expect(held.text).toMatch(
      /Why is this value here\? Name Level says .*, as of .* A person set this field, so no sync overwrites it/,
    );
    await web.database.db.execute(sql`update assets set held_fields = '{}' where id = ${asset.id}`);
  });

  it("pages through all pending updates, longest pending first, and corrects a page beyond the last", async () => {
    const days = (n: number) => new Date(Date.now() - n * 86_400_000);
    await web.database.db.delete(rmmDeviceUpdates).where(eq(rmmDeviceUpdates.tenantId, tenantId));
    await web.database.db.insert(rmmDeviceUpdates).values(
      Array.from({ length: 60 }, (_, n) => ({
        tenantId,
        connectionId,
        externalUpdateId: `update-${n}`,
        externalDeviceId: asset.device,
        name: `Cumulative update ${n}`,
        contentHash: "x",
        observedAt: new Date(),
        // Seen long ago, gone, and back: pending since it came back.
        createdAt: days(n + 100),
        availableSince: days(n),
      })),
    );
    const first = await read();
    expect(first.text).toContain("60 updates, the longest pending first.");
    expect(first.text).toMatch(/Cumulative update 59 .*59 days/);
    expect(first.text).not.toContain("Cumulative update 12 ");
    expect((await read(`/assets/${asset.id}?page=3`)).text).toMatch(/Cumulative update 0 .*today/);
    const beyond = await viewer.get(`/assets/${asset.id}?page=9999`);
    expect(beyond.headers.get("Location")).toBe(`/assets/${asset.id}?page=3`);
  });

  it("links to the device in Level only if the account is Level's own", async () => {
    expect((await read()).html).not.toContain("app.level.io");
    await web.database.db.execute(sql`
      update rmm_integrations set instance_url = 'https://api.level.io' where id = ${connectionId}`);
    expect((await read()).html).toContain(`https://app.level.io/devices/${asset.device}`);
  });

  it("is the same for an asset that no RMM knows", async () => {
    const [made] = await web.database.db
      .insert(assets)
      .values({ tenantId, assetType: "workstation", name: "Printer" })
      .returning();
    const { text } = await read(`/assets/${made!.id}`);
    expect(text).toContain("Added by hand.");
    expect(text).toContain("No changes yet");
  });
});

describe("the changes of a run", () => {
  it.each(["", "?field=user", "?field=overrides"])(
    "are the same list on the page and in the file: %s",
    async (search) => {
      const user = `CORP\\user${search.length}`;
      simulator.account.patchDevice(asset.device, {
        last_logged_in_user: user,
        nickname: `Name ${search.length}`,
      });
      const runId = await sync("full");
      const { html } = await read(`/runs/${runId}/changes${search}`);
      const shown = html.split("<tr").length - 2;
      const file = await (await technician.get(`/runs/${runId}/changes.csv${search}`)).text();
      const rows = file.trim().split("\n").slice(1);
      expect(rows.length).toBe(Math.max(0, shown));
      expect(rows.some((row) => row.includes(user))).toBe(search !== "?field=overrides");
    },
  );
});
