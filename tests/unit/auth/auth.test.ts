import { describe, expect, it } from "vitest";

import { isAvailable } from "~/connectors/availability";
import { networkOf } from "~/auth/network";
import { hashPassword, verifyPassword } from "~/auth/password.server";
import { passwordProblem } from "@domain/password";
import { allows, permissions, type Permission, type Role } from "@domain/permissions";
import { isSameOrigin } from "~/auth/same-origin.server";
import { SignInThrottle } from "~/auth/throttle.server";
import { csrfTokenOf, newToken, sameToken, tokenHash } from "~/auth/tokens.server";
import { slugOf } from "~/features/people/first-run.server";

describe("roles", () => {
  it("allow an administrator everything, a technician reads, refreshes and syncs, a viewer reads", () => {
    const allowed = (role: Role) => permissions.filter((permission) => allows(role, permission));
    expect(allowed("admin")).toEqual([...permissions]);
    const reads: Permission[] = permissions.filter(
      (permission) => permission.endsWith(":read") && permission !== "audit:read",
    );
    expect(new Set(allowed("viewer"))).toEqual(new Set(["account:self", ...reads]));
    expect(new Set(allowed("technician"))).toEqual(
      new Set(["account:self", ...reads, "devices:refresh", "syncs:run", "alerts:write"]),
    );
  });
});

describe("a password", () => {
  it("is stored as Argon2id and verified, also when typed on another keyboard", async () => {
    const hashed = await hashPassword("pâssword of some kind");
    expect(hashed).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await verifyPassword(hashed, "pâssword of some kind".normalize("NFD"))).toBe(true);
    expect(await verifyPassword(hashed, "password of some kind")).toBe(false);
    expect(await verifyPassword(null, "pâssword of some kind")).toBe(false);
    expect(await verifyPassword(hashed, "x".repeat(100_000))).toBe(false);
  });

  it.each(["short", "aaaaaaaaaaaa", "x".repeat(201), "ada@example.com", "password1234", "qwertyuiop"])(
    "is refused if it is easily guessed: %s",
    (password) => {
      expect(passwordProblem(password, { email: "ada@example.com" })).toBeTypeOf("string");
    },
  );

  it.each(["correct horse battery", "plumb true 42", "Tr0ub4dor&3x"])(
    "is accepted otherwise: %s",
    (password) => {
      expect(passwordProblem(password, { email: "ada@example.com" })).toBeNull();
    },
  );
});

describe("tokens", () => {
  it("are long, different, and compared whole", () => {
    const [one, two] = [newToken(), newToken()];
    expect(one).toMatch(/^[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(sameToken(one, one)).toBe(true);
    expect(sameToken(one, one.slice(1))).toBe(false);
    expect(sameToken("", "")).toBe(true);
  });

  it("of a form are bound to the session and reveal nothing of it", () => {
    const token = newToken();
    expect(csrfTokenOf(token)).toBe(csrfTokenOf(token));
    expect(csrfTokenOf(token)).not.toBe(csrfTokenOf(newToken()));
    expect([token, tokenHash(token)]).not.toContain(csrfTokenOf(token));
  });
});

describe("a form's origin", () => {
  const from = (headers: Record<string, string>) =>
    isSameOrigin(
      new Request("http://10.0.0.5:3000/x", { method: "POST", headers }),
      "https://plumbline.example.com",
    );

  it("is right from this host, or from the public one behind a proxy", () => {
    expect(from({ Origin: "http://10.0.0.5:3000", "Sec-Fetch-Site": "same-origin" })).toBe(true);
    expect(from({ Origin: "https://plumbline.example.com" })).toBe(true);
    expect(from({})).toBe(true);
  });

  it.each([
    { Origin: "https://evil.example" },
    { Origin: "null" },
    { Origin: "http://10.0.0.5:3001" },
    { Origin: "https://plumbline.example.com.evil.example" },
    { "Sec-Fetch-Site": "cross-site" },
    { "Sec-Fetch-Site": "same-site", Origin: "http://10.0.0.5:3000" },
  ])("is wrong: %j", (headers) => {
    expect(from(headers as Record<string, string>)).toBe(false);
  });
});

describe("guessing passwords", () => {
  it("is throttled for one network address, and not for its neighbour", async () => {
    const throttle = new SignInThrottle();
    for (let i = 0; i < 5; i++) expect(await throttle.attempt("a@x.test", "1.1.1.1")).toBeNull();
    expect(await throttle.attempt("a@x.test", "1.1.1.1")).toBeGreaterThan(0);
    expect(await throttle.attempt("a@x.test", "2.2.2.2")).toBeNull();
    expect(await throttle.attempt("b@x.test", "1.1.1.1")).toBeNull();
  });

  it("is throttled for one network address that tries many people", async () => {
    const throttle = new SignInThrottle();
    for (let i = 0; i < 40; i++) expect(await throttle.attempt(`p${i}@x.test`, "1.1.1.1")).toBeNull();
    expect(await throttle.attempt("q@x.test", "1.1.1.1")).toBeGreaterThan(0);
  });

  it("is stopped for one network address without using up the attempts that an e-mail has from elsewhere", async () => {
    const throttle = new SignInThrottle();
    for (let i = 0; i < 60; i++) await throttle.attempt("a@x.test", "1.1.1.1");
    expect(await throttle.attempt("a@x.test", "2.2.2.2")).toBeNull();
  });

  it("is throttled for one e-mail that is tried from everywhere", async () => {
    const throttle = new SignInThrottle();
    for (let i = 0; i < 50; i++) expect(await throttle.attempt("a@x.test", `1.1.1.${i}`)).toBeNull();
    expect(await throttle.attempt("a@x.test", "2.2.2.2")).toBeGreaterThan(0);
  });

  it("is counted per IPv6 network, because its owner can use a new address for each attempt", async () => {
    const throttle = new SignInThrottle();
    for (let i = 0; i < 5; i++) await throttle.attempt("a@x.test", `2001:db8:1:2::${i}`);
    expect(await throttle.attempt("a@x.test", "2001:db8:1:2:ffff::9")).toBeGreaterThan(0);
    expect(await throttle.attempt("a@x.test", "2001:db8:1:3::1")).toBeNull();
  });

  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:DB8:0:1:2:3:4:5", "2001:db8:0:1::/64"],
    ["2001:0db8::5", "2001:db8:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["1:2:3:4:5::", "1:2:3:4::/64"],
    [null, "unknown"],
  ])("counts %s as %s", (ip, network) => {
    expect(networkOf(ip)).toBe(network);
  });

  it("is forgotten after the right password", async () => {
    const throttle = new SignInThrottle();
    for (let i = 0; i < 4; i++) await throttle.attempt("a@x.test", "1.1.1.1");
    await throttle.succeeded("a@x.test", "1.1.1.1");
    for (let i = 0; i < 5; i++) expect(await throttle.attempt("a@x.test", "1.1.1.1")).toBeNull();
  });
});

describe("a provider", () => {
  it.each([
    ["enterprise", ["flag"], true],
    ["enterprise", [], false],
    ["community", ["flag"], false],
  ] as const)("of the enterprise edition is available in %s with flags %j: %s", (edition, flags, there) => {
    const provider = { edition: "enterprise", featureFlag: "flag" } as const;
    expect(isAvailable(provider, { edition, featureFlags: new Set(flags) })).toBe(there);
  });
});

describe("a company's short name", () => {
  it.each([
    ["Núñez & Söhne", "nunez-sohne"],
    ["  ACME, Inc. ", "acme-inc"],
    ["株式会社", "company"],
    ["x".repeat(60), "x".repeat(40)],
  ])("of %s is %s", (name, slug) => {
    expect(slugOf(name)).toBe(slug);
  });
});
