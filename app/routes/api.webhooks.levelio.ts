import type { LoaderFunctionArgs } from "@remix-run/node";

import type { Access } from "~/auth/guard.server";
import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { answerWebhook } from "~/features/webhooks/endpoint.server";
import { getApp } from "~/platform/app.server";

/* Not wrapped in `open`, which accepts forms of the app's own pages: programs call this route, and their secret admits
   them. */
const access = {
  kind: "open",
  why: "Level speaks here; the webhook secret is what lets it in",
} satisfies Access;

async function receive({ request, context }: LoaderFunctionArgs): Promise<Response> {
  const app = await getApp();
  const { clientIp } = context as { clientIp?: unknown };
  return answerWebhook(app, levelWebhookReader, request, typeof clientIp === "string" ? clientIp : null);
}

export const loader = /* @__PURE__ */ Object.assign(receive, { access });
export const action = /* @__PURE__ */ Object.assign(receive, { access });
