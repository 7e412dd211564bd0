import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { diskSnapshot } from "@domain/disks";
import { parseInstant } from "@domain/instant";
import { bareAddress, lanIp } from "@domain/lan-ip";
import { osVersion } from "@domain/os-version";
import { alertSeverity } from "@domain/severity";
import { capText, cleanText, isUsableId, storableText } from "@domain/text";
import { uptimeSeconds } from "@domain/uptime";

describe("severity", () => {
  it.each([
    ["emergency", "critical"],
    ["critical", "major"],
    ["warning", "moderate"],
    ["information", "minor"],
    [" Critical ", "major"],
    ["fatal", "none"],
    ["constructor", "none"],
    ["", "none"],
    [null, "none"],
  ])("of %j is %s", (word, expected) => {
    expect(alertSeverity(word)).toBe(expected);
  });
});

describe("the LAN address", () => {
  const nic = (description: string | null, ...addresses: string[]) => ({ description, addresses });

  it.each([
    ["the first private IPv4", [nic("Ethernet", "fe80::1", "10.0.0.5", "192.168.1.2")], "10.0.0.5"],
    [
      "never that of a virtual adapter",
      [nic("VMware Virtual Ethernet", "192.168.56.1"), nic("Wi-Fi", "172.16.4.9")],
      "172.16.4.9",
    ],
    ["without its prefix length", [nic("eth0", "192.168.1.2/24")], "192.168.1.2"],
    ["without its scope", [nic("eth0", "10.1.2.3%eth0")], "10.1.2.3"],
    ["on an interface without a description", [nic(null, "10.1.2.3")], "10.1.2.3"],
    [
      "not a public one",
      [nic("eth0", "8.8.8.8", "100.64.0.1", "169.254.3.4", "127.0.0.1", "172.32.0.1")],
      null,
    ],
    [
      "not what only looks like one",
      [nic("eth0", "10.0.0", "10.0.0.256", "10.0.0.1.2", "010.0.0.1", "x10.0.0.1")],
      null,
    ],
    [
      "that of the real interface, not of Docker's bridge before it",
      [
        { name: "docker0", ...nic(null, "172.17.0.1") },
        { name: "eth0", ...nic(null, "10.1.2.3") },
      ],
      "10.1.2.3",
    ],
    ["rather a host's than a network's own", [nic("eth0", "10.1.2.0", "10.1.2.255", "10.1.2.9")], "10.1.2.9"],
    ["none without interfaces", [], null],
  ])("is %s", (_, interfaces, expected) => {
    expect(lanIp(interfaces)).toBe(expected);
  });

  it("is private according to RFC 1918 only", () => {
    const isPrivate = (address: string): boolean => {
      const [a = 0, b = 0] = address.split(".").map(Number);
      return a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168);
    };
    const nearby = fc
      .tuple(fc.constantFrom("10", "172", "192", "11"), fc.integer({ min: 0, max: 255 }))
      .map(([a, b]) => `${a}.${b}.0.1`);
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), nearby), (address) => {
        expect(lanIp([nic(null, address)])).toBe(isPrivate(address) ? address : null);
      }),
    );
  });

  it("keeps an address that carries nothing more", () => {
    expect(bareAddress(" fe80::1 ")).toBe("fe80::1");
  });
});

describe("a disk", () => {
  it.each([
    ["half full", { totalBytes: 1000, freeBytes: 500 }, { freeBytes: 500, utilizationPercent: 50 }],
    ["with one decimal", { totalBytes: 3, freeBytes: 2 }, { freeBytes: 2, utilizationPercent: 33.3 }],
  ])("is read %s", (_, sizes, expected) => {
    expect(diskSnapshot({ name: "C:", ...sizes })).toMatchObject(expected);
  });

  it.each([
    ["no size", { totalBytes: 0, freeBytes: 0 }],
    ["an unknown size", { totalBytes: null, freeBytes: 5 }],
    ["unknown free space", { totalBytes: 10, freeBytes: null }],
    ["more free than there is", { totalBytes: 10, freeBytes: 11 }],
    ["less than nothing free", { totalBytes: 10, freeBytes: -1 }],
  ])("with %s is omitted", (_, sizes) => {
    expect(diskSnapshot({ name: "C:", ...sizes })).toBeNull();
  });
});

describe("uptime", () => {
  const now = new Date("2026-10-08T12:00:00Z");
  it.each([
    ["online", "2026-10-08T11:59:58.500Z", 1],
    ["online", "2026-10-08T12:00:10Z", 0],
    ["offline", "2026-10-08T11:00:00Z", null],
    ["online", null, null],
  ] as const)("of a device %s since a reboot at %s is %j seconds", (agentStatus, reboot, expected) => {
    expect(uptimeSeconds({ agentStatus, lastRebootAt: reboot === null ? null : new Date(reboot) }, now)).toBe(
      expected,
    );
  });
});

describe("the version of an operating system", () => {
  it.each([
    ["Windows 11 Pro 23H2", "11", "10.0.22631.4317", "10.0.22631.4317"],
    ["Windows Server 2022 Standard", "2022", "10.0.20348.2762", "10.0.20348.2762"],
    ["macOS 15.6", "15", "6", "15.6"],
    ["macOS 15", "15", "6.1", "15.6.1"],
    ["macOS 15.6.1", "15", "15.6", "15.6.1"],
    ["Ubuntu 20.04.6 LTS", "20", "04", "20.04.6"],
    ["Windows 10 Pro", "10", "22H2", "Windows 10 Pro"],
    ["Debian GNU/Linux", "12", null, "Debian GNU/Linux"],
    [null, "12", null, "12"],
    [null, "10", "22H2", "10 22H2"],
    [null, null, null, null],
  ])("of %j, %j, %j is %j", (fullName, major, minor, expected) => {
    expect(osVersion({ fullName, major, minor })).toBe(expected);
  });
});

describe("an instant", () => {
  it.each([
    ["2026-10-08T14:02:31.418Z", "2026-10-08T14:02:31.418Z"],
    ["2026-10-08T14:02:31+02:00", "2026-10-08T12:02:31.000Z"],
    ["2026-10-08T14:02:31-0530", "2026-10-08T19:32:31.000Z"],
    ["2026-10-08T14:02:31", "2026-10-08T14:02:31.000Z"],
    ["2026-10-08 14:02:31.418123 UTC", null],
    ["2026-10-08 14:02:31", "2026-10-08T14:02:31.000Z"],
    ["2026-10-08", "2026-10-08T00:00:00.000Z"],
    ["2026-13-08", null],
    ["2026-10-08T25:00:00Z", null],
    ["1", null],
    ["yesterday", null],
    ["0001-01-01T00:00:00Z", null],
    ["9999-12-31T00:00:00Z", null],
    ["", null],
  ])("%j is %j", (text, expected) => {
    expect(parseInstant(text)?.toISOString() ?? null).toBe(expected);
  });

  it("reads back whatever Date writes", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date(4_000_000_000_000), noInvalidDate: true }),
        (date) => {
          expect(parseInstant(date.toISOString())).toEqual(date);
        },
      ),
    );
  });
});

describe("text from outside", () => {
  it.each([
    ["a\0b", "ab"],
    ["a\ud800b", "a\ufffdb"],
    ["😀", "😀"],
    ["\0\ude00😀", "\ufffd😀"],
  ])("%j is stored as %j", (text, expected) => {
    expect(storableText(text)).toBe(expected);
  });

  it.each([
    ["  x ", "x"],
    ["\0 \0", null],
    ["", null],
    [null, null],
    [undefined, null],
  ])("%j is cleaned to %j", (text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it("is cut to its limit without splitting a character", () => {
    expect(capText("ab😀", 3)).toBe("ab");
    expect(capText("ab😀", 4)).toBe("ab😀");
  });

  it("can always be stored once cleaned", () => {
    const nasty = fc
      .string({ unit: "binary" })
      .chain((text) =>
        fc.constantFrom(text, `${text}\0`, `\ud83d${text}`, `${text}\ude00`, "😀".repeat(200) + text),
      );
    fc.assert(
      fc.property(nasty, fc.integer({ min: 1, max: 300 }), (text, max) => {
        const clean = cleanText(text, max) ?? "";
        expect(clean.length).toBeLessThanOrEqual(max);
        expect(clean).not.toMatch(/\0/);
        expect(clean).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });

  it.each([
    ["Z2lkOi8v", true],
    [" padded ", true],
    ["", false],
    ["  ", false],
    ["a\0", false],
    ["\ud800", false],
    ["x".repeat(513), false],
  ])("%j as an id: usable %s", (id, usable) => {
    expect(isUsableId(id)).toBe(usable);
  });
});
