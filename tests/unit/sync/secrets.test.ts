import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, describe, expect, it } from "vitest";

import { createVault, loadAppSecret } from "~/platform/vault.server";

const OLD = "an-old-secret-of-at-least-32-characters!";
const NEW = "a-new-secret-of-at-least-32-characters!!";
const owner = { tenantId: "t1", connectionId: "i1", name: "api_key" };

describe("the vault", () => {
  it("opens what it sealed, and seals the same text differently each time", () => {
    const vault = createVault(OLD);
    const [one, two] = [vault.seal("level-key", owner), vault.seal("level-key", owner)];
    expect(vault.open(one, owner)).toBe("level-key");
    expect(one.sealed).not.toBe(two.sealed);
    expect(one.sealed).not.toContain("level-key");
  });

  it.each([
    { ...owner, tenantId: "t2" },
    { ...owner, connectionId: "i2" },
    { ...owner, name: "webhook_secret" },
  ])("does not open a secret that was copied to %o", (other) => {
    const vault = createVault(OLD);
    expect(() => vault.open(vault.seal("level-key", owner), other)).toThrow();
  });

  it("does not open a secret that was tampered with", () => {
    const vault = createVault(OLD);
    const sealed = vault.seal("level-key", owner);
    const bytes = Buffer.from(sealed.sealed, "base64");
    bytes[bytes.length - 1]! ^= 1;
    expect(() => vault.open({ ...sealed, sealed: bytes.toString("base64") }, owner)).toThrow();
  });

  it("does not open with a part of its tag, which would be easier to guess", () => {
    const vault = createVault(OLD);
    const { keyId, sealed } = vault.seal("", owner);
    const bytes = Buffer.from(sealed, "base64");
    expect(vault.open({ keyId, sealed }, owner)).toBe("");
    const cut = bytes.subarray(0, 12 + 4).toString("base64");
    expect(() => vault.open({ keyId, sealed: cut }, owner)).toThrow(/does not open/);
  });

  it("opens with a former key listed after the new one, and seals with the new one", () => {
    const before = createVault(OLD).seal("level-key", owner);
    const both = createVault(`${NEW},${OLD}`);
    expect(both.open(before, owner)).toBe("level-key");
    const after = both.seal("level-key", owner);
    expect(createVault(NEW).open(after, owner)).toBe("level-key");
    expect(() => createVault(NEW).open(before, owner)).toThrow(/No key/);
  });
});

describe("the secret of an embedded installation", () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), "plumbline-secret-"));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it("is made once, kept, and readable by its owner alone", () => {
    const first = loadAppSecret({ appSecret: undefined, dataDir });
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(loadAppSecret({ appSecret: undefined, dataDir })).toBe(first);
    expect(statSync(path.join(dataDir, "app-secret")).mode & 0o777).toBe(0o600);
    expect(readdirSync(dataDir)).toEqual(["app-secret"]);
  });

  it.each(["", "\n", "0123456789abcdef"])("is refused if its file is incomplete: %j", (text) => {
    mkdirSync(dataDir, { recursive: true });
    const file = path.join(dataDir, "app-secret");
    writeFileSync(file, text);
    expect(() => loadAppSecret({ appSecret: undefined, dataDir })).toThrow(file);
    expect(readFileSync(file, "utf8")).toBe(text);
  });
});
