import type { LoaderFunctionArgs } from "@remix-run/node";

import type { Access } from "~/auth/guard.server";
import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { answerWebhook } from "~/features/webhooks/endpoint.server";
import { getApp } from "~/platform/app.server";

/* Not `open`, which accepts forms of the app's own pages: a program calls this, and its secret admits it. */
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
