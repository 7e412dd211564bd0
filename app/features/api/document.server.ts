import * as z from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";

import { apiScopeTitles } from "@domain/api-scopes";

import { csvParameter, isList } from "./base/csv";
import { fieldsParameter, sparse } from "./base/fields";
import type { Operation } from "./base/operation";
import { problemKinds, problemSchema, type ProblemCode } from "./base/problem";
import { operations } from "./registry";
import { REQUESTS_A_MINUTE } from "./rate-limit";
import { samplesOf } from "./samples";

const description = `
Everything that the pages show, for programs. Send a token as \`Authorization: Bearer …\`; tokens are made under
Settings, API tokens. A token may never do more than its owner.

* **Lists** are read page by page: pass \`next\` as \`cursor\` until it is null.
* **Errors** are problems of RFC 9457 with a \`code\` and, for a bad request, the fields at fault.
* **Reads** carry an \`ETag\`; with \`If-None-Match\` an unchanged answer is 304.
* **\`fields\`** leaves only the fields that it names in an answer.
* **Lists as CSV**: with \`Accept: text/csv\`, all rows, streamed; formulas are made harmless.
* **Changes** take the \`ETag\` that was read as \`If-Match\` where they say so: of another version, nothing is written.
* **POST** takes an \`Idempotency-Key\`: the same request with the same key has one effect and one answer, for 24 hours.
* **Limits**: ${REQUESTS_A_MINUTE} requests a minute for each token; the \`RateLimit-*\` headers say how many are left.
`.trim();

/** Refusals that every operation may give. */
const always: readonly ProblemCode[] = [
  "invalid_request",
  "unauthenticated",
  "insufficient_scope",
  "forbidden",
  "not_found",
  "rate_limited",
  "internal",
  "too_slow",
];

/** The OpenAPI 3.1 document of the API, from the schemas that its requests are parsed by. */
export function createApiDocument(serverUrl: string) {
  const paths: ZodOpenApiPathsObject = {};
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {});
    path[operation.method.toLowerCase() as "get"] = describe(operation, serverUrl);
  }
  return createDocument({
    openapi: "3.1.1",
    info: { title: "Plumbline", version: "1", description, license: { name: "Proprietary", url: serverUrl } },
    servers: [{ url: `${serverUrl}/api/v1` }],
    security: [{ token: [] }],
    tags: [...new Set(operations.map(({ tag }) => tag))].map((name) => ({ name, description: `${name}.` })),
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An API token of this installation." },
      },
    },
    paths,
  });
}

function describe(operation: Operation, serverUrl: string): ZodOpenApiOperationObject {
  const { id, tag, summary, scope, params, body, example, success } = operation;
  const { title } = apiScopeTitles[scope];
  const asked = queryOf(operation);
  const header = headersOf(operation);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description: [operation.description, `Needs the scope \`${scope}\` (${title.toLowerCase()}).`]
      .filter(Boolean)
      .join("\n\n"),
    requestParams: {
      ...(params !== undefined && { path: params as z.ZodObject }),
      ...(asked !== undefined && { query: asked }),
      ...(header !== undefined && { header }),
    },
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: body, example: withIds(example) } },
      },
    }),
    "x-codeSamples": samplesOf(operation, serverUrl),
    "x-scope": scope,
    responses: {
      [success.status]: {
        description: success.description,
        content: {
          "application/json": { schema: answerOf(operation) },
          ...(isCsv(operation) && { "text/csv": { schema: z.string() } }),
        },
      },
      ...(operation.method === "GET" && {
        304: { description: "Unchanged since the `ETag` of `If-None-Match`" },
      }),
      ...problemsOf(operation),
    },
  };
}

/** The example with an id in place of each variable that stands for one. */
const withIds = (example: unknown): unknown =>
  JSON.parse(JSON.stringify(example ?? {}).replace(/\$[A-Z_]*ID\b/g, "0193a0f2-0000-7000-8000-000000000000"));

function queryOf(operation: Operation): z.ZodObject | undefined {
  const { method, query, success } = operation;
  const parts = [
    query as z.ZodObject | undefined,
    method === "GET" ? fieldsParameter(success.schema) : undefined,
    isCsv(operation) ? csvParameter : undefined,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : z.object(Object.assign({}, ...parts.map(({ shape }) => shape)));
}

/** Whether the operation can answer with CSV. */
const isCsv = ({ method, success }: Operation): boolean => method === "GET" && isList(success.schema);

/** The schema of the answer: complete, or with the fields that a read asks for. */
function answerOf({ method, success: { schema } }: Operation): z.ZodType {
  const some = method === "GET" ? sparse(schema) : schema;
  return some === schema ? schema : z.union([schema, some]);
}

function headersOf({ method, isVersioned }: Operation): z.ZodObject | undefined {
  const names = [
    ...(method === "GET" ? ["If-None-Match"] : []),
    ...(method === "POST" ? ["Idempotency-Key"] : []),
    ...(isVersioned ? ["If-Match"] : []),
  ];
  if (names.length === 0) return undefined;
  return z.object(Object.fromEntries(names.map((name) => [name, z.string().max(255).optional()])));
}

/** The refusals of an operation by status; refusals with the same status share one description. */
function problemsOf({ method, body, isVersioned }: Operation): ZodOpenApiOperationObject["responses"] {
  const codes: ProblemCode[] = [
    ...always,
    ...(body !== undefined ? (["too_large", "unsupported_media_type"] as const) : []),
    ...(method === "POST" ? (["conflict", "request_in_progress", "idempotency_key_reused"] as const) : []),
    ...(method === "PATCH" || method === "PUT" ? (["conflict"] as const) : []),
    ...(isVersioned ? (["stale"] as const) : []),
  ];
  const byStatus = new Map<number, string[]>();
  for (const code of codes) {
    const { status, title } = problemKinds[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), `\`${code}\`: ${title}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, titles]) => [
      status,
      {
        description: titles.join("; "),
        content: { "application/problem+json": { schema: problemSchema } },
      },
    ]),
  );
}
