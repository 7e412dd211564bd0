import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { clients } from "@db/schema";
import { serialKey } from "@domain/identity";
import { defaultRules, type MatchingRules } from "@domain/matching-rules";
import { changeMatchingRules } from "~/features/matching-rules/change-rules.server";

import { createAsset } from "../../support/factories";
import { assetOf, createSyncWorld, TEST_ACTOR, type SyncWorld } from "../../support/sync";

const SERIAL = "4CE0123XQ7";
const MAC = "3c:52:82:0a:0b:0c";

let world: SyncWorld;
let groupId: string;
let known: Record<"serial" | "mac" | "hostname", string>;

/** A client with three assets that no RMM knows, each sharing one key with the machine that Level lists next. */
beforeEach(async () => {
  world = await createSyncWorld({ devices: 0, seed: 3 });
  groupId = world.simulator.account.addGroup({ name: "Acme" }).id;
  await world.sync("organizations");
  await world.mapAll();
  const { db } = world.database;
  const [client] = await db.select().from(clients);
  const of = { tenantId: world.tenantId, clientId: client!.id };
  const asset = async (name: string, keys: object) =>
    (await createAsset(db, { ...of, name, overriddenFields: ["name"], ...keys })).id;
  known = {
    serial: await asset("By serial", { serialNumber: SERIAL, serialKey: serialKey(SERIAL) }),
    mac: await asset("By MAC", { macKeys: ["3c52820a0b0c"] }),
    hostname: await asset("By hostname", { hostnameKey: "front-desk" }),
  };
});
afterEach(() => world.close());

const save = async (rules: Partial<MatchingRules>) =>
  expect(
    await changeMatchingRules(world.deps, world, { ...defaultRules, ...rules }, TEST_ACTOR),
  ).toMatchObject({ state: "saved" });

/** The asset that a full sync matched to the machine. */
async function assetAfterSync(): Promise<string> {
  world.simulator.account.addDevice({
    id: "machine",
    group_id: groupId,
    hostname: "front-desk",
    nickname: null,
    serial_number: SERIAL,
    network_interfaces: [
      {
        description: "Ethernet",
        interface: "eth0",
        label: "Ethernet",
        mac_address: MAC,
        ip_addresses: [],
        gateway: null,
        domain: null,
        dhcp_server: null,
        dns_servers: null,
      },
    ],
  });
  expect((await world.sync("full")).status).toBe("completed");
  return (await assetOf(world, "machine"))!.asset.id;
}

describe("a new device that shares a key with three assets", () => {
  it("joins the one with its serial number if nobody changed the order", async () => {
    expect(await assetAfterSync()).toBe(known.serial);
  });

  it.each([
    ["mac", ["mac", "serial", "hostname"]],
    ["hostname", ["hostname", "mac", "serial"]],
    // A key that is left out is not used at all.
    ["hostname", ["hostname"]],
  ] as const)("joins the one with its %s if the order is %j", async (key, keys) => {
    await save({ keys: [...keys] });
    expect(await assetAfterSync()).toBe(known[key]);
  });

  it("gets an asset of its own if no key is used", async () => {
    await save({ keys: [] });
    expect(Object.values(known)).not.toContain(await assetAfterSync());
  });
});

describe("values that the settings list as junk", () => {
  const junk = (values: Partial<MatchingRules["junk"]>) =>
    save({ junk: { ...defaultRules.junk, ...values } });

  it("identify nothing: a serial number among them leaves the decision to the next key", async () => {
    await junk({ serials: [SERIAL.toLowerCase()] });
    expect(await assetAfterSync()).toBe(known.mac);
  });

  it("give a device with only junk values an asset of its own", async () => {
    await junk({ serials: [SERIAL], macs: [MAC], hostnames: ["FRONT-DESK"] });
    expect(Object.values(known)).not.toContain(await assetAfterSync());
  });

  it("identify again once they are taken off the list", async () => {
    await junk({ serials: [SERIAL] });
    await junk({});
    expect(await assetAfterSync()).toBe(known.serial);
  });
});
