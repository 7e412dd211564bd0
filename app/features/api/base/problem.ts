import * as z from "zod";

/** Every kind of refusal of the API, with its status and title (RFC 9457). */
export const problemKinds = {
  invalid_request: { status: 400, title: "The request is not valid" },
  unauthenticated: { status: 401, title: "A valid token is needed" },
  forbidden: { status: 403, title: "The owner of the token may not do this" },
  insufficient_scope: { status: 403, title: "The token may not do this" },
  not_found: { status: 404, title: "There is no such thing" },
  method_not_allowed: { status: 405, title: "The method is not allowed here" },
  conflict: { status: 409, title: "The request does not fit what is stored" },
  request_in_progress: { status: 409, title: "The first request with this key is still being answered" },
  stale: { status: 412, title: "It was changed meanwhile" },
  too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body must be JSON" },
  idempotency_key_reused: { status: 422, title: "The key was used for another request" },
  rate_limited: { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something went wrong" },
  too_slow: { status: 503, title: "This took too long" },
} as const;
export type ProblemCode = keyof typeof problemKinds;

/** An error in one field of a request. */
export interface FieldProblem {
  /** The field's location: `body.name`, `query.limit`, `params.clientId`. */
  field: string;
  message: string;
}

/** A refusal as the API sends it. */
export const problemSchema = z
  .object({
    type: z.string().meta({ description: "A URI that names the kind of problem." }),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(problemKinds) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string().meta({ description: "What is wrong this time, and what to do." }),
    requestId: z.string().optional().meta({ description: "Names the request in the server's log." }),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: "Problem" });

/** An expected refusal, thrown while a request is answered. */
export class ApiProblem extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly FieldProblem[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    more: { errors?: readonly FieldProblem[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.name = "ApiProblem";
    this.code = code;
    this.errors = more.errors ?? [];
    this.headers = more.headers ?? {};
  }
}

/** The refusal as JSON. */
export function problemOf(problem: ApiProblem, requestId: string | undefined): z.infer<typeof problemSchema> {
  const { status, title } = problemKinds[problem.code];
  return {
    type: `urn:plumbline:problem:${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: problem.message,
    ...(requestId !== undefined && { requestId }),
    ...(problem.errors.length > 0 && { errors: [...problem.errors] }),
  };
}

/** The refusal as a response. */
export const problemResponse = (problem: ApiProblem, requestId: string | undefined): Response =>
  new Response(JSON.stringify(problemOf(problem, requestId)), {
    status: problemKinds[problem.code].status,
    headers: {
      "Content-Type": "application/problem+json",
      "Cache-Control": "no-store",
      ...problem.headers,
    },
  });

/** The errors of a value by its schema, field by field. */
export const fieldProblems = (where: string, error: z.ZodError): FieldProblem[] =>
  error.issues.map(({ path, message }) => ({ field: [where, ...path.map(String)].join("."), message }));

/** The 404 problem for an id that is unknown or another tenant's. */
export const noSuch = (what: string): ApiProblem =>
  new ApiProblem("not_found", `There is no ${what} with this id.`);

/** The refusal to change a record that differs from what the caller saw. */
export const stale = (what: string, by: string | null = null): ApiProblem =>
  new ApiProblem(
    "stale",
    `${by ?? "Somebody"} changed the ${what} meanwhile. Read it again; nothing was written.`,
  );
