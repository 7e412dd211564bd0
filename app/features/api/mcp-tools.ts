import type { Tool } from "@modelcontextprotocol/sdk/types.js";
import * as z from "zod";

import { fieldsParameter } from "./base/fields";
import type { Operation } from "./base/operation";
import { operations } from "./registry";

/** Operations that change something and still are tools. */
const changing = ["startSync", "decidePendingChanges"];

/** The operations that are tools: every read, and a few others. */
export const toolOperations: readonly Operation[] = operations.filter(
  ({ id, method }) => method === "GET" || changing.includes(id),
);

const partsOf = ({ method, params, query, body, success }: Operation) => ({
  params: params as z.ZodObject | undefined,
  query: query as z.ZodObject | undefined,
  body: body as z.ZodObject | undefined,
  fields: method === "GET" ? fieldsParameter(success.schema) : undefined,
});

/**
 * An operation as a tool. Its arguments are the parameters of the operation's path and query and the fields of its
 * body.
 */
export function toTool(operation: Operation): Tool {
  const { id, method, summary, description } = operation;
  const shapes = Object.values(partsOf(operation)).map((part) => part?.shape ?? {});
  const schema = z.toJSONSchema(z.strictObject(Object.assign({}, ...shapes) as z.ZodRawShape), {
    io: "input",
    unrepresentable: "any",
    reused: "inline",
  });
  return {
    name: id,
    title: summary,
    description: [`${summary}.`, description].filter(Boolean).join(" "),
    inputSchema: { ...schema, type: "object" } as Tool["inputSchema"],
    annotations: {
      title: summary,
      readOnlyHint: method === "GET",
      destructiveHint: false,
      idempotentHint: method === "GET",
      openWorldHint: false,
    },
  };
}

/**
 * The arguments of a call as the parts of a request. An unknown argument becomes part of the query, whose parser
 * refuses it by name.
 */
export function toolInput(operation: Operation, args: Record<string, unknown>) {
  const { params, body } = partsOf(operation);
  const input: Record<"params" | "query" | "body", Record<string, unknown>> = {
    params: {},
    query: {},
    body: {},
  };
  for (const [name, value] of Object.entries(args)) {
    if (params !== undefined && name in params.shape) input.params[name] = value;
    else if (body !== undefined && (name in body.shape || operation.query === undefined))
      input.body[name] = value;
    else input.query[name] = typeof value === "number" || typeof value === "boolean" ? String(value) : value;
  }
  return input;
}
