import type { App } from "~/app.server";
import { findInvitation } from "@db/queries/users";

import { tokenHash } from "./tokens.server";

/** Who is invited by the token of a link; null when it is none, used up, or too old. */
export async function readInvitation(app: Pick<App, "db" | "clock">, token: string | undefined) {
  if (token === undefined || token.length > 100) return null;
  return findInvitation(app.db, tokenHash(token), app.clock());
}
