import { createConfig, lintFromString } from "@redocly/openapi-core";
import { describe, expect, it } from "vitest";

import { permissions, roles, allows } from "@domain/permissions";
import { createApiDocument } from "~/features/api/document.server";
import { operations } from "~/features/api/registry";

const document = createApiDocument("https://plumbline.msp.test");

describe("the OpenAPI document", () => {
  it("keeps the rules that a public linter recommends", async () => {
    const problems = await lintFromString({
      source: JSON.stringify(document),
      config: await createConfig({ extends: ["recommended"] }),
    });
    expect(problems.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
  });

  it("describes every operation, each under a name of its own", () => {
    const described = Object.entries(document.paths ?? {}).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).sort());
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
  });

  it("has no operation that changes something under the scope of a reader", () => {
    for (const { id, method, scope, permission, writesNothing } of operations) {
      expect(permissions).toContain(permission);
      expect(roles.some((role) => allows(role, permission))).toBe(true);
      if (method !== "GET" && !writesNothing) expect.soft(scope, id).not.toBe("read");
      if (!permission.endsWith(":read") && permission !== "account:self")
        expect.soft(scope, id).not.toBe("read");
    }
  });
});
