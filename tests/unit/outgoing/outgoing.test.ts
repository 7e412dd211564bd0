import { createHmac } from "node:crypto";

import { describe, expect, it } from "vitest";
import { Webhook } from "standardwebhooks";

import { isUnreachableForDay, nextAttemptAt, cooldownUntil } from "@domain/back-off";
import { newSigningSecret, outgoingBody, outgoingRequest, signOutgoing } from "@domain/outgoing";
import { isOpenAddress, refusalOfUrl } from "~/platform/outgoing/address-guard";
import { createPost } from "~/platform/outgoing/post";

describe("attempts", () => {
  it("are spread over exactly a day, each wait longer than the one before, and then stop", () => {
    const start = new Date("2026-03-28T12:00:00Z");
    let at: Date | null = start;
    const waits: number[] = [];
    let attempts = 0;
    for (let next = nextAttemptAt(++attempts, at); next !== null; next = nextAttemptAt(++attempts, at)) {
      waits.push(next.getTime() - at.getTime());
      at = next;
    }
    expect(at.getTime() - start.getTime()).toBe(24 * 60 * 60_000);
    expect(attempts).toBe(9);
    expect([...waits].sort((a, b) => a - b)).toEqual(waits);
  });
});

describe("a receiver that does not answer", () => {
  it("is left alone for longer each time, at most a quarter of an hour", () => {
    const start = new Date("2026-03-28T12:00:00Z");
    const minutes = (failures: number) =>
      (cooldownUntil(failures, start).getTime() - start.getTime()) / 60_000;
    expect([1, 2, 3, 4, 9, 5_000].map(minutes)).toEqual([1, 5, 15, 15, 15, 15]);
  });

  it("counts as unreachable for a day after about a hundred attempts", () => {
    expect(isUnreachableForDay(97)).toBe(false);
    expect(isUnreachableForDay(99)).toBe(true);
  });
});

describe("the signature", () => {
  it("is the HMAC-SHA256 of time and body, as a receiver computes it", () => {
    const body = outgoingBody({
      id: "e1",
      name: "RMM_SYNC_COMPLETED",
      occurredAt: new Date("2026-11-23T10:00:00.250Z"),
      data: { runId: "r1" },
    });
    const header = signOutgoing("whsec_x", body, new Date("2026-11-23T10:00:01.999Z"));
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(header)!;
    expect(t).toBe("1795428001");
    expect(v1).toBe(createHmac("sha256", "whsec_x").update(`${t}.${body}`).digest("hex"));
    expect(JSON.parse(body)).toEqual({
      id: "e1",
      type: "RMM_SYNC_COMPLETED",
      timestamp: "2026-11-23T10:00:00.250Z",
      occurredAt: "2026-11-23T10:00:00.250Z",
      data: { runId: "r1" },
    });
  });

  it("of Standard Webhooks is verified by its library, with a new and with an old secret", () => {
    const now = new Date();
    const event = { id: "e1", name: "RMM_SYNC_COMPLETED", occurredAt: now, data: {} };
    for (const secret of [newSigningSecret(), `whsec_${"-_".repeat(16)}`]) {
      const signing = { deliveryId: "d1", secret, isLegacy: false, now };
      const { body, headers } = outgoingRequest(event, signing);
      const standard = secret.replaceAll("-", "+").replaceAll("_", "/").replace("whsec/", "whsec_");
      expect(new Webhook(standard).verify(body, headers)).toMatchObject({ type: "RMM_SYNC_COMPLETED" });
    }
  });
});

describe("an address of a subscriber", () => {
  it.each([
    ["127.0.0.1", "loopback"],
    ["0.0.0.0", "this host"],
    ["10.1.2.3", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["169.254.169.254", "cloud metadata"],
    ["100.64.0.1", "carrier NAT"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["::1", "loopback"],
    ["::", "unspecified"],
    ["fe80::1", "link-local"],
    ["fd00::1", "unique local"],
    ["::ffff:127.0.0.1", "IPv4 inside"],
    ["::ffff:8.8.8.8", "IPv4 inside"],
    ["64:ff9b::7f00:1", "IPv4 inside"],
    ["2002:7f00:1::", "6to4"],
    ["ff02::1", "multicast"],
    ["example.com", "no address"],
  ])("%s (%s) is not on the open internet", (address) => {
    expect(isOpenAddress(address)).toBe(false);
  });

  it.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450:4001::200e"])(
    "%s is on the open internet",
    (address) => {
      expect(isOpenAddress(address)).toBe(true);
    },
  );

  it.each([
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://[::1]:8443/",
    "https://[::ffff:10.0.0.1]/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0177.0.0.1/",
    "https://0x7f000001/",
    "https://017700000001/",
    "https://127.0.0.1./",
    "https://%31%32%37.0.0.1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://100.64.0.1/",
    "https://192.168.1.1/",
    "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[ff02::1]/",
    "https://LOCALHOST/",
    "https://ＬＯＣＡＬＨＯＳＴ/",
    "https:\\\\127.0.0.1\\",
    "https:127.0.0.1",
    " https://127.0.0.1/",
    "https://localhost/",
    "https://hooks.localhost./",
    "http://example.com/",
    "https://me:word@example.com/",
    "ftp://example.com/",
    "example.com",
    "",
  ])("%j is refused", (url) => {
    expect(refusalOfUrl(url, false)).toEqual(expect.any(String));
  });

  it("is accepted if it is https on the open internet, or private where that is allowed", () => {
    expect(refusalOfUrl("https://example.com/hooks?x=1", false)).toBeUndefined();
    expect(refusalOfUrl("http://192.168.1.5:8080/hooks", true)).toBeUndefined();
  });

  it.each([["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["fd00::1"], []])(
    "with a name that resolves to %s is refused at the connection",
    async (...addresses) => {
      const post = createPost({
        allowPrivate: false,
        resolveName: async () =>
          addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
      });
      expect(await post("https://looks-open.example/", "{}", {})).toEqual({
        state: "failed",
        reason: "this name leads to an address that is not on the open internet",
      });
    },
  );
});
