import { randomUUID } from "node:crypto";

import Ajv2020, { type ValidateFunction } from "ajv/dist/2020";
import addFormats from "ajv-formats";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type * as z from "zod";

import { apiScopes, hasScope, type ApiScope } from "@domain/api-scopes";
import { allows, roles, type Role } from "@domain/permissions";
import { createApiDocument } from "~/features/api/document.server";
import type { Operation } from "~/features/api/base/operation";
import { operations } from "~/features/api/registry";
import { apiCallerOf, type ApiAnswer, type ApiCaller, type WebTenant } from "@tests/support/api";
import { createWebWorld, type WebWorld } from "@tests/support/web";

import { createThings, type Things } from "./things";

let web: WebWorld;
let ours: WebTenant;
let theirs: WebTenant;
let things: Things;

/** Every record of the other tenant has this in its name. */
const MARK = "Zebra-Only-Theirs";
const scopeSets: ApiScope[][] = [["read"], ...apiScopes.slice(1).map((scope): ApiScope[] => [scope])];

beforeAll(async () => {
  web = await createWebWorld();
  ours = await web.tenant();
  theirs = await web.tenant();
  things = await createThings(web.database.db, theirs, MARK);
});
afterAll(() => web.close());

const aWindow = (conditions: object) => ({
  name: "Patch night",
  startsAt: "2026-11-28T22:00",
  endsAt: "2026-11-29T02:00",
  rule: "FREQ=WEEKLY;BYDAY=SA",
  conditions,
});
const aRule = () => ({
  name: "Disks",
  hours: { days: ["MO"], from: "08:00", to: "18:00" },
  conditions: { name: "disk *" },
  actions: { severity: "critical", mails: true },
});

/** A valid body for each operation that takes one. */
const bodies: Record<string, (named: Things) => unknown> = {
  createClient: () => ({ name: `Client ${randomUUID()}` }),
  changeClient: () => ({ notes: "Called" }),
  createAsset: ({ clientId }) => ({ client: clientId, name: "Printer", type: "workstation" }),
  changeAsset: () => ({ notes: "Leased" }),
  createSite: ({ clientId }) => ({ clientId, name: `Site ${randomUUID()}`, address: "1 Main St" }),
  changeSite: () => ({ address: null }),
  createContact: ({ clientId }) => ({ clientId, name: `Contact ${randomUUID()}`, email: "a@acme.test" }),
  changeContact: () => ({ phone: "+49 30 1234" }),
  setConnectionAutomations: () => ({ rulesStartAutomations: true }),
  startSync: () => ({ type: "full" }),
  planMapping: () => ({ groups: [] }),
  putMapping: () => ({ groups: [] }),
  mapGroup: ({ groupId }) => ({ group: groupId, client: "Acme" }),
  snoozeIncident: () => ({ hours: 4 }),
  commentOnIncident: () => ({ text: "Called them" }),
  planMatchingRules: () => ({ approval: { mode: "all", groups: [], types: [] } }),
  putMatchingRules: () => ({ keys: ["serial"] }),
  decideNewDevices: ({ reviewId }) => ({ decision: "reject", ids: [reviewId] }),
  createEventSubscription: () => ({ url: "https://hooks.msp.test/in", events: ["RMM_SYNC_FAILED"] }),
  changeEventSubscription: () => ({ isPaused: true, events: ["RMM_SYNC_COMPLETED"] }),
  createMaintenanceWindow: ({ clientId }) => aWindow({ clientIds: [clientId] }),
  previewMaintenanceWindow: () => aWindow({}),
  putMaintenanceWindow: () => aWindow({ severities: ["critical"] }),
  createRule: () => aRule(),
  previewRule: () => aRule(),
  putRule: () => aRule(),
  moveRule: () => ({ to: "up" }),
  decidePendingChanges: ({ change }) => ({ decision: "reject", changes: [change] }),
};

const addressOf = ({ path }: Operation, named: Things): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(idOf(named, name)));

function idOf(named: Things, name: string): string {
  if (name === "kind") return "assets";
  const id = named[name as keyof Things];
  if (typeof id !== "string") throw new Error(`The test knows no {${name}}: add it to the things.`);
  return id;
}

const callOf = (api: ApiCaller, operation: Operation, named: Things): Promise<ApiAnswer> =>
  api.call(operation.method, addressOf(operation, named), {
    ...(operation.body !== undefined && { body: bodies[operation.id]!(named) }),
  });

/** Checks answers against the document: it must describe the status, and the body must match that description. */
function createContract() {
  const document = createApiDocument("https://plumbline.msp.test");
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(document, "api");
  const validators = new Map<string, ValidateFunction>();
  return (operation: Operation, { status, headers, body }: ApiAnswer): string | null => {
    const method = operation.method.toLowerCase();
    const described = document.paths?.[operation.path]?.[method as "get"]?.responses?.[status as 200];
    if (described === undefined) return `${status} is not described`;
    if (body === undefined) return status === 304 ? null : "no body";
    const [type] = (headers.get("Content-Type") ?? "").split(";");
    const pointer = [
      "paths",
      operation.path,
      method,
      "responses",
      String(status),
      "content",
      type!,
      "schema",
    ];
    const ref = `api#/${pointer
      .map((part) => part.replaceAll("~", "~0").replaceAll("/", "~1"))
      .map(encodeURIComponent)
      .join("/")}`;
    if (!validators.has(ref)) validators.set(ref, ajv.compile({ $ref: ref }));
    const validate = validators.get(ref)!;
    return validate(body) ? null : `${status}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(body)}`;
  };
}

/** For all tests: to compile the schemas takes longer than to check the answers. */
const violated = createContract();

describe("every operation", () => {
  it("is called with a valid body in this test", () => {
    const withBody = operations.filter(({ body }) => body !== undefined).map(({ id }) => id);
    expect(Object.keys(bodies).sort()).toEqual(withBody.sort());
  });

  it.each(roles)("requires its scope and the owner's permission: %s", async (role: Role) => {
    for (const scopes of scopeSets) {
      const named = await createThings(web.database.db, ours, role);
      const api = await apiCallerOf(web, ours, { role, scopes });
      for (const operation of operations) {
        const what = `${operation.id} as ${role} with ${scopes.join()}`;
        const answer = await callOf(api, operation, named);
        expect.soft(violated(operation, answer), what).toBeNull();
        const expected = !hasScope(scopes, operation.scope)
          ? "insufficient_scope"
          : !allows(role, operation.permission)
            ? "forbidden"
            : undefined;
        if (expected !== undefined) expect.soft(answer.body.code, what).toBe(expected);
        else expect.soft(answer.status, what).toBeLessThan(300);
      }
    }
  });

  it("reveals nothing of another tenant, by id, list, search or error", async () => {
    const api = await apiCallerOf(web, ours);
    for (const operation of operations) {
      const answer = await callOf(api, operation, things);
      if (/\{\w+(Id|Key)\}/.test(operation.path)) expect.soft(answer.status, operation.id).toBe(404);
      expect.soft(JSON.stringify(answer.body), operation.id).not.toContain(MARK);
    }
    const owner = await apiCallerOf(web, theirs);
    for (const operation of operations.filter(
      ({ method, path }) =>
        method === "GET" && !/audit|token|history|coverage$|runs.*plan$|counts\/(days|months)/.test(path),
    )) {
      const answer = await callOf(owner, operation, things);
      expect.soft(JSON.stringify(answer.body), `${operation.id} of its owner`).toContain(MARK);
    }
  });

  it("answers any input as the document says, and never with a 5xx", async () => {
    const named = await createThings(web.database.db, ours, "fuzzed");
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("1", "true", "2026-01-01T00:00:00Z"),
    );
    const parameters = [
      ...new Set(
        operations.flatMap(({ query }) => Object.keys((query as z.ZodObject | undefined)?.shape ?? {})),
      ),
    ];
    const anyCall = fc.record({
      name: fc.constantFrom(...operations.map(({ id }) => id)),
      id: fc.option(text, { freq: 3, nil: undefined }),
      known: fc.subarray(parameters, { maxLength: 4 }),
      values: fc.array(text, { minLength: 4, maxLength: 4 }),
      body: fc.oneof(
        fc.json(),
        fc
          .record({ name: fc.oneof(text, fc.integer()), notes: fc.option(text) })
          .map((one) => JSON.stringify(one)),
      ),
      key: fc.option(fc.stringMatching(/^[\w-]{0,20}$/), { nil: undefined }),
    });
    let tokens = 0;
    let api = await apiCallerOf(web, ours);
    await fc.assert(
      fc.asyncProperty(anyCall, async ({ name, id, known, values, body, key }) => {
        const operation = operations.find((one) => one.id === name)!;
        // Stays below the rate limit of one token.
        if (++tokens % 500 === 0) api = await apiCallerOf(web, ours);
        const query = new URLSearchParams(known.map((name, at) => [name, values[at]!]));
        const path = operation.path.replace(/\{(\w+)\}/g, (_, param: string) =>
          encodeURIComponent(id === undefined ? idOf(named, param) : id || "-"),
        );
        const answer = await api.call(operation.method, `${path}${query.size > 0 ? `?${query}` : ""}`, {
          ...(operation.method !== "GET" && { body }),
          ...(key !== undefined && { headers: { "Idempotency-Key": key } }),
        });
        expect(answer.status).toBeLessThan(500);
        // `.` and `..` are not ids but other addresses.
        if (id === undefined || !/^\.{1,2}$/.test(id)) expect(violated(operation, answer)).toBeNull();
      }),
      { numRuns: 400 },
    );
  });
});
