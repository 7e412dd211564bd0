import type { Picked } from "./base/fields";
import type { ApiContext, Operation, OperationResult } from "./base/operation";
import { ApiProblem, fieldProblems } from "./base/problem";

/**
 * Parses the input of an operation by its schemas.
 * @param body reads the body; called only if the operation takes one
 * @throws ApiProblem with the invalid fields
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
  // No record can have such an id.
  if (where === "params") throw new ApiProblem("not_found", "There is nothing with this id.");
  throw new ApiProblem("invalid_request", `${first?.field ?? where}: ${first?.message ?? ""}`, { errors });
}

/**
 * Runs an operation.
 * @param fields the fields that the caller asked for; undefined for all
 */
export async function runOperation(
  { run, success }: Operation,
  caller: ApiContext,
  input: ReturnType<typeof parseInput>,
  fields: Picked | undefined,
): Promise<OperationResult<unknown>> {
  const reply = await run(caller, input);
  // Removes everything that the document does not describe.
  const body = success.schema.parse(reply.body);
  return { ...reply, body: fields === undefined ? body : fields.pick(body) };
}
