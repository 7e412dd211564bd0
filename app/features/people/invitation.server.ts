import { findInvitation } from "@db/queries/people/users";
import { tokenHash } from "~/auth/tokens.server";
import type { App } from "~/platform/app.server";

/** Who is invited by the token of a link; null when it is none, used up, or too old. */
export async function readInvitation(app: Pick<App, "db" | "clock">, token: string | undefined) {
  if (token === undefined || token.length > 100) return null;
  return findInvitation(app.db, tokenHash(token), app.clock());
}
