import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import postgres from "postgres";
import { afterAll, describe, expect, it } from "vitest";

import { readDatabaseUrl, tlsOf } from "@db/connection-url";

const folder = mkdtempSync(path.join(tmpdir(), "plumbline-tls-"));
const file = path.join(folder, "client.crt");
writeFileSync(file, "a certificate");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const read = (query: string) => readDatabaseUrl(`postgres://u:p@h/db?${query}`);

describe("an address of the database", () => {
  it.each([
    ["connect_timeout=3", 3],
    ["", 10],
  ])("with %s waits for a server as long as it says", (query, seconds) => {
    expect(postgres(read(query).url).options.connect_timeout).toBe(seconds);
  });

  it.each([
    ["sslmode=verify-full", true],
    ["sslmode=verify-ca", true],
    ["sslmode=require", false],
  ])("with a client's certificate and %s checks the server's: %s", (query, checked) => {
    expect(tlsOf(read(`${query}&sslcert=${file}`))).toMatchObject({
      cert: "a certificate",
      rejectUnauthorized: checked,
    });
  });

  it("with an authority verifies the server against it, and uses no TLS if it says so", () => {
    expect(tlsOf(read(`sslmode=require&sslrootcert=${file}`))).toMatchObject({ rejectUnauthorized: true });
    expect(tlsOf(read(`sslmode=disable&sslrootcert=${file}`))).toBeUndefined();
  });
});
