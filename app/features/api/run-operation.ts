import type { Picked } from "./base/fields";
import type { ApiContext, Operation, OperationResult } from "./base/operation";
import { ApiProblem, fieldProblems } from "./base/problem";

/**
 * What an operation takes, by its schemas.
 * @param body reads the body; called only where the operation takes one
 * @throws ApiProblem with the fields at fault
 */
export function parseInput(
  { params: paramsSchema, query: querySchema, body: bodySchema }: Operation,
  { params, query, body }: { params: object; query: object; body: () => unknown },
) {
  const parts = [
    ["params", paramsSchema, params],
    ["query", querySchema, query],
    ["body", bodySchema, bodySchema === undefined ? undefined : body()],
  ] as const;
  const input: Record<"params" | "query" | "body", unknown> = {
    params: undefined,
    query: undefined,
    body: undefined,
  };
  for (const [where, schema, value] of parts) {
    if (schema === undefined) continue;
    const parsed = schema.safeParse(value);
    if (!parsed.success) refuse(where, fieldProblems(where, parsed.error));
    input[where] = parsed.data;
  }
  const [name] = Object.keys(query);
  if (querySchema === undefined && name !== undefined) {
    refuse("query", [{ field: `query.${name}`, message: "This operation takes no parameters." }]);
  }
  return input;
}

function refuse(where: string, errors: { field: string; message: string }[]): never {
  const [first] = errors;
  // An id that cannot be anything's id names nothing.
  if (where === "params") throw new ApiProblem("not_found", "There is nothing with this id.");
  throw new ApiProblem("invalid_request", `${first?.field ?? where}: ${first?.message ?? ""}`, { errors });
}

/** Does what an operation does. @param fields those that were asked for; undefined for all */
export async function runOperation(
  { run, success }: Operation,
  caller: ApiContext,
  input: ReturnType<typeof parseInput>,
  fields: Picked | undefined,
): Promise<OperationResult<unknown>> {
  const reply = await run(caller, input);
  // What the document does not describe is not sent.
  const body = success.schema.parse(reply.body);
  return { ...reply, body: fields === undefined ? body : fields.pick(body) };
}
