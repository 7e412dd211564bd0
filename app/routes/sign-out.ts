import { redirect } from "@remix-run/node";

import { guarded, open } from "~/auth/guard.server";
import { endSession, readSessionToken } from "~/auth/session.server";

export const loader = /* @__PURE__ */ open("nothing to see: the address takes a form", async () =>
  redirect("/"),
);

export const action = /* @__PURE__ */ guarded(
  { permission: "account:self" },
  async ({ app, request, audit, inTenant }) => {
    await inTenant((tx) => audit(tx, { action: "session.ended" }));
    const cookie = await endSession(app, await readSessionToken(app.config, request));
    return redirect("/sign-in", { status: 303, headers: { "Set-Cookie": cookie } });
  },
);
