import { findInvitation } from "@db/queries/people/users";
import { tokenHash } from "~/auth/tokens.server";
import type { App } from "~/platform/app.server";

/** The person whom a link's token invites; null if the token is unknown, used or expired. */
export async function readInvitation(app: Pick<App, "db" | "clock">, token: string | undefined) {
  if (token === undefined || token.length > 100) return null;
  return findInvitation(app.db, tokenHash(token), app.clock());
}
