import type * as z from "zod";

import type { ApiScope } from "@domain/api-scopes";
import type { Permission } from "@domain/permissions";
import type { LiveApiToken } from "~/auth/api-token.server";
import type { Context } from "~/auth/guard.server";
import type { Actor } from "@domain/actor";
import type { ProviderKey } from "~/connectors/registry";

/** The request as an operation gets it. `audit` names the token and its owner. */
export interface ApiContext extends Pick<
  Context,
  "app" | "url" | "ip" | "tenantId" | "tenant" | "user" | "features" | "inTenant" | "audit"
> {
  token: LiveApiToken["token"];
  actor: Actor;
  /** The `If-Match` header, without its quotes. */
  ifMatch: string | undefined;
}

export interface OperationResult<T> {
  body: T;
  /** Changes whenever the record changes; if absent, the body's hash is the version. */
  version?: string;
}

type Parsed<T extends z.ZodType | undefined> = T extends z.ZodType ? z.infer<T> : undefined;

interface OperationOf<
  P extends z.ZodType | undefined,
  Q extends z.ZodType | undefined,
  B extends z.ZodType | undefined,
  R extends z.ZodType,
> {
  /** The operation's name in the API document, and in programs that are generated from it. */
  id: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path below /api/v1, with `{names}`. */
  path: `/${string}`;
  tag: string;
  summary: string;
  description?: string;
  scope: ApiScope;
  permission: Permission;
  /** The operation exists only for tenants that have this provider. */
  provider?: ProviderKey;
  /** The operation compares `ifMatch` with the version of the record, in the transaction that changes the record. */
  isVersioned?: true;
  /** A POST that only reads, because its body is too large for an address. */
  writesNothing?: true;
  params?: P;
  query?: Q;
  body?: B;
  /**
   * A body that a reader of the document can send, with `$VARIABLES` of a shell for ids. Required if the operation
   * takes a body.
   */
  example?: B extends z.ZodType ? z.input<B> : undefined;
  /** The command of our command line that does the same, without the server's address. */
  cli?: string;
  /** The answer contains a secret that is shown only once. */
  showsSecret?: true;
  /** The largest body in bytes; 1 MB by default. */
  maxBodyBytes?: number;
  /** The status and the body of a successful answer. */
  success: { status: 200 | 201 | 202; description: string; schema: R };
  /**
   * Carries the operation out.
   * @throws ApiProblem
   */
  run(
    context: ApiContext,
    input: { params: Parsed<P>; query: Parsed<Q>; body: Parsed<B> },
  ): Promise<OperationResult<z.input<R>>>;
}

/** An operation of the API as the registry keeps it, without its types. */
export type Operation = Omit<
  OperationOf<z.ZodType | undefined, z.ZodType | undefined, z.ZodType | undefined, z.ZodType>,
  "run"
> & {
  run(
    context: ApiContext,
    input: { params: unknown; query: unknown; body: unknown },
  ): Promise<OperationResult<unknown>>;
};

/** Describes an operation: who may call it, what it takes and returns, and what it does. */
export const operation = <
  R extends z.ZodType,
  P extends z.ZodType | undefined = undefined,
  Q extends z.ZodType | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
>(
  described: OperationOf<P, Q, B, R>,
): Operation => described as unknown as Operation;
