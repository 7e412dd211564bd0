import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startSimulator, type LevelDevice, type LevelGroup, type Simulator } from "../../level-simulator";
import { ALL_BLOCKS, get, list, walk } from "./client";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ devices: 250 });
});
beforeEach(() => simulator.reset());
afterAll(() => simulator.close());

const device = (index: number) => {
  const id = simulator.account.devices.ids()[index];
  if (id === undefined) throw new Error(`no device ${index}`);
  return simulator.account.devices.require(id);
};

describe("access", () => {
  it.each([
    ["no key", {}],
    ["a wrong key", { authorization: "wrong" }],
    ["the key as a bearer token", { authorization: `Bearer ${"sim-Vq8LdR2mTzK4xW7nBc5J"}` }],
  ])("answers 401 to %s", async (_, headers) => {
    const response = await get(simulator, "/v2/groups?limit=1", headers as Record<string, string>);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: "Access denied" });
  });

  it("lets a read-only key read and not write", async () => {
    const headers = { authorization: simulator.readOnlyApiKey };
    expect((await get(simulator, "/v2/devices", headers)).status).toBe(200);
    const id = simulator.account.alerts.ids()[0];
    const response = await fetch(`${simulator.url}/v2/alerts/${id}/resolve`, { method: "POST", headers });
    expect(response.status).toBe(403);
    expect(simulator.stats.writes).toBe(1);
  });

  it("resolves an alert with a key that may write", async () => {
    const alert = simulator.account.openAlert(device(0).id);
    const response = await fetch(`${simulator.url}/v2/alerts/${alert.id}/resolve`, {
      method: "POST",
      headers: { authorization: simulator.apiKey },
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ id: alert.id, is_resolved: true });
    expect(simulator.account.alerts.require(alert.id).is_resolved).toBe(true);
  });

  it.each([
    "/",
    "/v2",
    "/v2/organizations",
    "/v1/devices",
    "/v2/devices/x/y",
    "/v2/devices/x/y/z",
    "/_control/stats",
  ])("answers 404 in JSON to the unknown path %s", async (path) => {
    const response = await get(simulator, path);
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: "Not found" });
  });
});

describe("lists", () => {
  it("answer data and has_more, twenty records unless told otherwise", async () => {
    const page = await list(simulator, "/v2/devices");
    expect(Object.keys(page)).toEqual(["data", "has_more"]);
    expect(page.data).toHaveLength(20);
    expect(page.has_more).toBe(true);
  });

  it.each(["0", "101", "-1", "ten", "", "1.5", "1000"])("answer 422 to limit=%s", async (limit) => {
    expect((await get(simulator, `/v2/devices?limit=${limit}`)).status).toBe(422);
  });

  it.each(["groups", "devices", "updates", "alerts", "tags", "custom_fields"] as const)(
    "give each of the %s once, in a stable order, at any page size",
    async (resource) => {
      const table =
        resource === "custom_fields" ? simulator.account.customFields : simulator.account[resource];
      expect(table.size).toBeGreaterThan(0);
      for (const limit of [100, 7])
        expect(await walk(simulator, resource, `limit=${limit}`)).toEqual(table.ids());
    },
  );

  it("end exactly at a full last page", async () => {
    const page = await list(simulator, "/v2/tags?limit=8");
    expect(page.data).toHaveLength(8);
    expect(page.has_more).toBe(false);
  });

  it("go backwards with ending_before, in the same order", async () => {
    const ids = simulator.account.devices.ids();
    const page = await list(simulator, `/v2/devices?limit=10&ending_before=${ids[15]}`);
    expect(page.data.map((record) => record.id)).toEqual(ids.slice(5, 15));
    expect(page.has_more).toBe(true);
    const start = await list(simulator, `/v2/devices?limit=10&ending_before=${ids[4]}`);
    expect(start.data.map((record) => record.id)).toEqual(ids.slice(0, 4));
    expect(start.has_more).toBe(false);
  });

  it("answer 404 to a cursor that is not there, or is there no more", async () => {
    const [id] = simulator.account.devices.ids();
    expect((await get(simulator, `/v2/devices?starting_after=${id}`)).status).toBe(200);
    simulator.account.removeDevice(id ?? "");
    expect((await get(simulator, `/v2/devices?starting_after=${id}`)).status).toBe(404);
    expect((await get(simulator, `/v2/devices?ending_before=nonsense`)).status).toBe(404);
  });

  it("ignore parameters they do not know, and count them", async () => {
    const page = await list(simulator, "/v2/devices?include_disk_partitions=true&per_page=5");
    expect(page.data).toHaveLength(20);
    expect(simulator.stats.unknownParams).toEqual({ include_disk_partitions: 1, per_page: 1 });
  });
});

describe("devices", () => {
  it("are flat unless blocks are asked for", async () => {
    const { data } = await list<LevelDevice>(simulator, "/v2/devices?include_cpus=1&include_memory=false");
    for (const record of data) expect(Object.keys(record)).toHaveLength(24);
  });

  it("carry every block on the list when all are asked for", async () => {
    const { data } = await list<LevelDevice>(simulator, `/v2/devices?limit=100&${ALL_BLOCKS}`);
    expect(data).toEqual(
      simulator.account.devices
        .ids()
        .slice(0, 100)
        .map((id) => simulator.account.devices.require(id)),
    );
  });

  it("carry exactly the blocks asked for, disks with their partitions", async () => {
    const { data } = await list<LevelDevice>(
      simulator,
      "/v2/devices?include_disks=true&include_security=true",
    );
    for (const record of data) {
      expect(record).toHaveProperty("disk_partitions");
      expect(record).toHaveProperty("security");
      expect(Object.keys(record)).toHaveLength(27);
    }
  });

  it("are answered bare by id, with the same flags", async () => {
    const wanted = device(3);
    const bare = (await (await get(simulator, `/v2/devices/${wanted.id}`)).json()) as LevelDevice;
    expect(bare.id).toBe(wanted.id);
    expect(bare).not.toHaveProperty("cpus");
    const full = await (await get(simulator, `/v2/devices/${wanted.id}?${ALL_BLOCKS}`)).json();
    expect(full).toEqual(wanted);
    expect((await get(simulator, "/v2/devices/none")).status).toBe(404);
  });

  it("can be asked for by group, branch, tag, hostname and serial number", async () => {
    const { account } = simulator;
    const top = account.addGroup({ name: "Top" });
    const below = account.addGroup({ name: "Below", parent_id: top.id });
    const direct = account.addDevice({ group_id: top.id, hostname: "ünique & co", tags: ["VIP"] });
    const deeper = account.addDevice({ group_id: below.id, serial_number: "S/N 77+1", tags: [] });
    const vip = [...account.tags].find((tag) => tag.name === "VIP");
    expect(await walk(simulator, "devices", `group_id=${top.id}`)).toEqual([direct.id]);
    expect(await walk(simulator, "devices", `ancestor_group_id=${top.id}`)).toEqual([direct.id, deeper.id]);
    expect(await walk(simulator, "devices", `ancestor_group_id=${top.id}&tag_id=${vip?.id}`)).toEqual([
      direct.id,
    ]);
    expect(await walk(simulator, "devices", `hostname=${encodeURIComponent("ünique & co")}`)).toEqual([
      direct.id,
    ]);
    expect(await walk(simulator, "devices", `serial_number=${encodeURIComponent("S/N 77+1")}`)).toEqual([
      deeper.id,
    ]);
    expect(await walk(simulator, "devices", "tag_id=unknown")).toEqual([]);
    const ungrouped = await walk(simulator, "devices", "group_id=null&limit=100");
    expect(ungrouped.sort()).toEqual(account.devices.idsWithin(null).sort());
  });

  it("page within a filter, forwards and backwards", async () => {
    const { account } = simulator;
    const group = account.addGroup({ name: "Ten" });
    const ids = Array.from({ length: 10 }, () => account.addDevice({ group_id: group.id }).id);
    expect(await walk(simulator, "devices", `group_id=${group.id}&limit=3`)).toEqual(ids);
    const back = await list(simulator, `/v2/devices?group_id=${group.id}&limit=3&ending_before=${ids[5]}`);
    expect(back.data.map((record) => record.id)).toEqual(ids.slice(2, 5));
    expect(back.has_more).toBe(true);
  });

  it("keep odd values exactly as they were put", async () => {
    const { account } = simulator;
    const [one, two, three] = account.devices.ids();
    account.patchDevice(one ?? "", { total_memory: "8589934592", last_seen_at: "yesterday", tags: "VIP" });
    account.patchDevice(two ?? "", { hostname: "NUL\0here" }, ["id"]);
    account.replaceDevice(three ?? "", null);
    const text = await (await get(simulator, `/v2/devices?limit=4&${ALL_BLOCKS}`)).text();
    expect(text).toContain("NUL\\u0000here");
    const { data } = JSON.parse(text) as { data: (Record<string, unknown> | null)[] };
    expect(data[0]).toMatchObject({ total_memory: "8589934592", last_seen_at: "yesterday", tags: "VIP" });
    expect(data[1]).not.toHaveProperty("id");
    expect(data[2]).toBeNull();
    expect(data[3]?.id).toBe(account.devices.ids()[3]);
  });
});

describe("groups", () => {
  it("carry parent, children and counts", async () => {
    const { data } = await list<LevelGroup>(simulator, "/v2/groups?limit=100");
    const byId = new Map(data.map((group) => [group.id, group]));
    for (const group of data) {
      expect(Object.keys(group)).toHaveLength(6);
      expect(group.id).toMatch(/^Z2lkOi8vbGV2ZWwvRGV2aWNlR3JvdXAv[A-Za-z0-9]+$/);
      const children = group.child_ids.map((id) => byId.get(id));
      const below = children.reduce((sum, child) => sum + (child?.descendent_device_count ?? NaN), 0);
      expect(group.descendent_device_count).toBe(group.device_count + below);
      for (const child of children) expect(child?.parent_id).toBe(group.id);
    }
    const roots = data.filter((group) => group.parent_id === null);
    const grouped = simulator.account.devices.size - simulator.account.devices.countWithin(null);
    expect(roots.reduce((sum, group) => sum + group.descendent_device_count, 0)).toBe(grouped);
  });

  it("answer 404 to parent_id=null, against the documentation", async () => {
    expect((await get(simulator, "/v2/groups?parent_id=null")).status).toBe(404);
  });

  it("can be asked for by parent and by id", async () => {
    const group = [...simulator.account.groups].find((candidate) => candidate.child_ids.length > 1);
    expect(await walk(simulator, "groups", `parent_id=${group?.id}`)).toEqual(group?.child_ids);
    const single = await get(simulator, `/v2/groups/${encodeURIComponent(group?.id ?? "")}`);
    expect(await single.json()).toEqual(group);
  });
});

describe("updates, alerts and tags", () => {
  it("narrow updates by device, status and category", async () => {
    const { account } = simulator;
    const available = await walk(simulator, "updates", "status=available&limit=100");
    const installed = await walk(simulator, "updates", "status=installed&limit=100");
    expect(available.length + installed.length).toBe(account.updates.size);
    const id = available[0] ?? "";
    const { device_id } = account.updates.require(id);
    account.installUpdate(id);
    expect(await walk(simulator, "updates", `device_id=${device_id}&status=available`)).not.toContain(id);
    expect(await walk(simulator, "updates", `device_id=${device_id}`)).toEqual(
      account.updates.idsWithin(device_id),
    );
    const drivers = await walk(simulator, "updates", "category=Drivers&limit=100");
    expect(drivers.every((driver) => account.updates.require(driver).category === "Drivers")).toBe(true);
    expect(drivers.length).toBeGreaterThan(0);
    expect((await get(simulator, "/v2/updates?status=pending")).status).toBe(422);
  });

  it("narrow alerts by device and status", async () => {
    const { account } = simulator;
    const alert = account.openAlert(device(5).id);
    expect(await walk(simulator, "alerts", `status=active&device_id=${device(5).id}`)).toContain(alert.id);
    account.resolveAlert(alert.id);
    expect(await walk(simulator, "alerts", `status=active&limit=100`)).not.toContain(alert.id);
    expect(await walk(simulator, "alerts", `status=resolved&limit=100`)).toContain(alert.id);
  });

  it("count a tag's devices and list a device's tags", async () => {
    const tagged = simulator.account.addDevice({ tags: ["VIP", "Kiosk"] });
    const { data } = await list<{ name: string; device_count: number }>(
      simulator,
      `/v2/tags?device_id=${tagged.id}`,
    );
    expect(data.map((tag) => tag.name)).toEqual(["VIP", "Kiosk"]);
    const holders = [...simulator.account.devices.keys()].filter((keys) => keys.tags.includes("VIP"));
    expect(data[0]?.device_count).toBe(holders.length);
  });

  const valuesOf = async (query: string) => {
    type Row = { custom_field_name: string; value: string | null };
    const { data } = await list<Row>(simulator, `/v2/custom_field_values${query}`);
    return Object.fromEntries(data.map((row) => [row.custom_field_name, row.value]));
  };

  it("list for a device the custom field values that apply to it: its own, its groups', the account's", async () => {
    const { account } = simulator;
    const [group] = account.groups.ids();
    const [contact, , tag] = account.customFields.ids();
    const added = account.addDevice({ group_id: account.addGroup({ name: "Inner", parent_id: group }).id });
    account.setCustomFieldValue(tag!, added.id, "INV-7");
    expect(await valuesOf(`?assigned_to_id=${added.id}`)).toEqual({
      "Site contact": "Maria, ext. 12",
      "After hours code": "4711#",
      "Inventory tag": "INV-7",
      "Warranty until": null,
      Backup: "Not covered",
    });
    account.setCustomFieldValue(contact!, added.id, null);
    expect(await valuesOf(`?assigned_to_id=${added.id}`)).toMatchObject({ "Site contact": null });
  });

  it.each([
    ["nothing that it is assigned to", () => ""],
    ["a field alone, which is ignored", () => `?custom_field_id=${simulator.account.customFields.ids()[2]}`],
    ["a group", () => `?assigned_to_id=${simulator.account.groups.ids()[0]}`],
  ])("list the account's own custom field values for %s", async (_, query) => {
    expect(await valuesOf(query())).toMatchObject({
      Backup: "Not covered",
      "Site contact": null,
      "Inventory tag": null,
    });
  });

  it("list no custom field values of a device that is unknown", async () => {
    expect(await valuesOf("?assigned_to_id=nobody")).toEqual({});
  });

  it("give custom field values no ids, so that no second page can be asked for", async () => {
    const path = `/v2/custom_field_values?assigned_to_id=${device(0).id}`;
    const { data, has_more } = await list<Record<string, unknown>>(simulator, `${path}&limit=2`);
    expect(has_more).toBe(true);
    expect(Object.keys(data[0] ?? {})).toEqual([
      "custom_field_id",
      "custom_field_name",
      "assigned_to_id",
      "value",
    ]);
    const next = await get(simulator, `${path}&limit=2&starting_after=${String(data[1]?.custom_field_id)}`);
    expect(next.status).toBe(404);
  });

  it("forget the values of a custom field that is removed", async () => {
    simulator.account.removeCustomField(simulator.account.customFields.ids()[2]!);
    expect(await valuesOf(`?assigned_to_id=${device(0).id}`)).not.toHaveProperty("Inventory tag");
  });

  it("answer 404 to a write of a custom field value", async () => {
    const headers = { authorization: simulator.apiKey };
    const path = `${simulator.url}/v2/custom_field_values`;
    expect((await fetch(path, { method: "PATCH", headers })).status).toBe(404);
    expect(simulator.stats.writes).toBe(1);
  });
});

describe("the counts", () => {
  it("say what was asked and answered", async () => {
    await walk(simulator, "devices");
    await get(simulator, "/v2/groups", {});
    expect(simulator.stats).toMatchObject({
      requests: 4,
      byResource: { devices: 3, groups: 1 },
      byStatus: { 200: 3, 401: 1 },
      pages: 3,
      records: 250,
      writes: 0,
    });
    expect(simulator.stats.log[0]).toEqual({ method: "GET", url: "/v2/devices?limit=100", status: 200 });
  });
});
