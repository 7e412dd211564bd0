import type { LoaderFunctionArgs } from "@remix-run/node";

import type { Access } from "~/auth/guard.server";
import { answerApi } from "~/features/api/answer.server";
import { getApp } from "~/platform/app.server";

/* Not wrapped in `open`, which accepts forms of the app's own pages: programs call this route, and their token admits
   them. */
const access = {
  kind: "open",
  why: "Programs speak here; each operation asks for a token with its scope, and the owner's permission",
} satisfies Access;

async function answer({ request, context }: LoaderFunctionArgs): Promise<Response> {
  const { clientIp } = context as { clientIp?: unknown };
  return answerApi(await getApp(), request, typeof clientIp === "string" ? clientIp : null);
}

export const loader = /* @__PURE__ */ Object.assign(answer, { access });
export const action = /* @__PURE__ */ Object.assign(answer, { access });
