import { countLiveApiTokens, insertApiToken, listApiTokens, revokeApiToken } from "@db/queries/api/tokens";
import type { ApiScope, ApiTokenKind } from "@domain/api-scopes";
import { apiTokenHint, formatApiToken } from "@domain/api-token";
import { DAY_MS } from "@domain/durations";
import { allows } from "@domain/permissions";
import type { Context } from "~/auth/guard.server";
import { newToken, tokenHash } from "~/auth/tokens.server";

type Acting = Pick<Context, "app" | "tenantId" | "user" | "inTenant" | "audit">;

/** The most tokens of a person: a person who needs more has lost track of them. */
const MAX_TOKENS = 50;

/** Whether a person sees and ends everybody's tokens, and makes tokens for programs. */
export const managesTokens = ({ role }: Context["user"]): boolean => allows(role, "people:manage");

export interface NewToken {
  kind: ApiTokenKind;
  name: string;
  scopes: ApiScope[];
  days: number;
}

export type CreateTokenOutcome =
  { state: "created"; id: string; token: string } | { state: "not_allowed" } | { state: "too_many" };

/** Makes a token. Only this call returns it: the database keeps its hash. */
export async function createApiToken(
  { app, tenantId, user, inTenant, audit }: Acting,
  { kind, name, scopes, days }: NewToken,
): Promise<CreateTokenOutcome> {
  if (kind === "service" && !managesTokens(user)) return { state: "not_allowed" };
  const token = formatApiToken(kind, newToken());
  const now = app.clock();
  const granted: ApiScope[] = [...new Set<ApiScope>(["read", ...scopes])];
  return inTenant(async (tx): Promise<CreateTokenOutcome> => {
    if ((await countLiveApiTokens(tx, tenantId, user.id, now)) >= MAX_TOKENS) return { state: "too_many" };
    const expiresAt = new Date(now.getTime() + days * DAY_MS);
    const { id } = await insertApiToken(tx, {
      tenantId,
      userId: user.id,
      kind,
      name,
      scopes: granted,
      tokenHash: tokenHash(token),
      hint: apiTokenHint(token),
      createdAt: now,
      expiresAt,
    });
    await audit(tx, {
      action: "api_token.created",
      targetType: "api_token",
      targetId: id,
      details: { name, kind, scopes: granted, expiresAt: expiresAt.toISOString() },
    });
    return { state: "created", id, token };
  });
}

/**
 * Ends the person's own token or, for an administrator, anybody's. Returns the token's name; null if there is no such
 * token.
 */
export async function endApiToken(
  { app, tenantId, user, inTenant, audit }: Acting,
  id: string,
): Promise<string | null> {
  const userId = managesTokens(user) ? undefined : user.id;
  return inTenant(async (tx) => {
    const ended = await revokeApiToken(tx, tenantId, id, { userId, at: app.clock() });
    if (ended === null) return null;
    await audit(tx, {
      action: "api_token.revoked",
      targetType: "api_token",
      targetId: id,
      details: { name: ended.name, kind: ended.kind },
    });
    return ended.name;
  });
}

/** The tokens that a person sees: their own or, for an administrator, all. */
export const readApiTokens = ({ tenantId, user, inTenant }: Acting) =>
  inTenant((tx) => listApiTokens(tx, tenantId, managesTokens(user) ? undefined : user.id));
