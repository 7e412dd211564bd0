import { describe, expect, it } from "vitest";

import { identityPairs as pairs, type IdentityPair } from "@tests/support/identity-pairs";
import { hardwareOf, hostnameKey, macKey, matchDevice, serialKey, type KnownMachine } from "@domain/identity";

const keysOf = (serial: string, macs: string, hostname: string) => ({
  serialKey: serialKey(serial),
  macKeys: macs.split("|").flatMap((mac) => macKey(mac) ?? []),
  hostnameKey: hostnameKey(hostname),
});

const madeOf = (manufacturer: string, model: string, disks: string) =>
  hardwareOf({ manufacturer, model, diskBytes: disks.split("|").map(Number) });

const matchPair = (pair: IdentityPair) => {
  const known: KnownMachine = {
    assetId: "known",
    clientId: pair.known_client,
    isLinked: false,
    ...keysOf(pair.known_serial, pair.known_macs, pair.known_hostname),
    ...madeOf(pair.known_maker, pair.known_model, pair.known_disks),
  };
  return matchDevice(
    {
      clientId: pair.client,
      ...keysOf(pair.serial, pair.macs, pair.hostname),
      ...madeOf(pair.maker, pair.model, pair.disks),
    },
    [known],
    () => 1,
  );
};

describe("labelled pairs of a known machine and a new device", () => {
  it("are more than 400, about half of them the same machine", () => {
    expect(pairs.length).toBeGreaterThan(400);
    expect(pairs.filter((pair) => pair.label === "same").length).toBeGreaterThan(120);
  });

  it("are never linked when they are different machines", () => {
    const wrong = pairs.filter((pair) => pair.label === "different" && matchPair(pair).state === "link");
    expect(wrong).toEqual([]);
  });

  it("are linked if they are the same machine, except a few that a person decides", () => {
    const same = pairs.filter((pair) => pair.label === "same");
    const outcomes = same.map((pair) => matchPair(pair).state);
    expect(outcomes.filter((state) => state === "none")).toEqual([]);
    expect(outcomes.filter((state) => state === "link").length / same.length).toBeGreaterThan(0.95);
  });
});

it.each(["PF3ABCDE", "5CG1234ABC", "C02M96VNYD27", "VMware-56 4d 11", "MXL2345TQ7"])(
  "a maker's serial number %s tells machines apart",
  (serial) => {
    expect(serialKey(serial)).not.toBeNull();
  },
);

it.each([
  "SystemSerialNumb",
  "System Serial Number",
  "OEM_Serial",
  "SYS-9876543210",
  "<OUT OF SPEC>",
  "1.2.3.4",
])("a vendor's placeholder %s tells no machine from another", (serial) => {
  expect(serialKey(serial)).toBeNull();
});

it.each(["50:50:54:50:30:30", "68:A0:20:52:41:53", "00:50:56:C0:00:03", "00:00:5E:00:01:0A"])(
  "an address %s that software gives to many machines identifies none of them",
  (address) => {
    expect(macKey(address)).toBeNull();
  },
);

it.each(["GoogleCloud-4F2A9C1B77D0", "Parallels-12 9A BC 44", "00:50:56:DE:83:8E"])(
  "a number %s that a virtual machine alone has tells it from others",
  (key) => {
    expect(serialKey(key) ?? macKey(key)).not.toBeNull();
  },
);

it.each(["SRV-1", "PC-2024-07", "HLD-LT001.corp.example", "7-eleven-pos"])(
  "a name %s that a person gave tells machines apart",
  (name) => {
    expect(hostnameKey(name)).not.toBeNull();
  },
);

it.each([
  ["EMPFANG-MÜLLER", "empfang-müller"],
  ["CAFE\u0301-PC", "Café-PC"],
])("the names %s and %s are equal, whatever the letters' case and form", (one, other) => {
  expect(hostnameKey(one)).toBe(hostnameKey(other));
  expect(hostnameKey(one)).not.toBeNull();
});

const machine = (assetId: string, keys: Partial<KnownMachine> = {}): KnownMachine => ({
  assetId,
  clientId: "acme",
  isLinked: false,
  serialKey: null,
  macKeys: [],
  hostnameKey: null,
  ...keys,
});

const device = {
  clientId: "acme",
  serialKey: "5CG1234ABC",
  macKeys: ["d89ef3000001"],
  hostnameKey: "hld-lt001",
};

describe("matchDevice", () => {
  it("takes the serial number before the MAC address, and that before the hostname", () => {
    const bySerial = machine("serial", { serialKey: device.serialKey });
    const byMac = machine("mac", { macKeys: device.macKeys });
    const byName = machine("name", { hostnameKey: device.hostnameKey });
    expect(matchDevice(device, [byName, byMac, bySerial], () => 1)).toMatchObject({
      assetId: "serial",
      by: "serial",
    });
    expect(matchDevice(device, [byName, byMac], () => 1)).toMatchObject({ assetId: "mac", by: "mac" });
    expect(matchDevice(device, [byName], () => 1)).toMatchObject({ assetId: "name", by: "hostname" });
  });

  it.each([
    { what: "maker", maker: "LENOVO" },
    { what: "model", model: "THINKCENTREM70Q" },
    { what: "hostname", hostnameKey: "other" },
    { what: "MAC address", macKeys: ["a44cc8000009"] },
    { what: "disk", diskSizes: [2000] },
  ])("asks when only the serial number agrees and the $what differs", ({ what: _, ...other }) => {
    const made = { maker: "DELLINC", model: "OPTIPLEX7090", diskSizes: [256] };
    const known = machine("a", { serialKey: device.serialKey, ...made, ...other });
    const bare = { ...device, macKeys: [], hostnameKey: null, ...made };
    const asked = { ...bare, ...("macKeys" in other && { macKeys: device.macKeys }) };
    const named = { ...asked, ...("hostnameKey" in other && { hostnameKey: device.hostnameKey }) };
    expect(matchDevice(named, [known], () => 1).state).toBe("ambiguous");
  });

  it("asks when two assets share the key that decides", () => {
    const twins = [
      machine("a", { serialKey: device.serialKey }),
      machine("b", { serialKey: device.serialKey }),
    ];
    expect(matchDevice(device, twins, () => 2)).toEqual({
      state: "ambiguous",
      candidates: [
        { assetId: "a", by: "serial", key: device.serialKey },
        { assetId: "b", by: "serial", key: device.serialKey },
      ],
    });
  });

  it("ignores a serial number or MAC address that three devices share", () => {
    const known = machine("a", { serialKey: device.serialKey, macKeys: device.macKeys });
    expect(matchDevice(device, [known], () => 2).state).toBe("link");
    expect(matchDevice(device, [known], () => 3).state).toBe("none");
  });

  it("waits when the same hardware is still listed under another id", () => {
    const listed = machine("a", { serialKey: device.serialKey, isLinked: true });
    expect(matchDevice(device, [listed], () => 2)).toMatchObject({ state: "waiting" });
  });

  it("does not wait for an asset that merely has the same name", () => {
    const listed = machine("a", { hostnameKey: device.hostnameKey, isLinked: true });
    expect(matchDevice(device, [listed], () => 1)).toEqual({ state: "none" });
  });

  it("never looks beyond the client", () => {
    const elsewhere = machine("a", { ...device, clientId: "globex" });
    expect(matchDevice(device, [elsewhere], () => 1)).toEqual({ state: "none" });
  });
});
