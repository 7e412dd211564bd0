import { json } from "@remix-run/node";

import type { Context } from "~/auth/guard.server";
import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { connectionOf } from "~/features/connections/context.server";
import { webhookUrl } from "~/features/connections/integrations.page.server";
import { revealWebhookSecret, rotateWebhookSecret } from "~/features/connections/secrets.server";
import { done, problem, refused } from "~/platform/http/form.server";

import { sendTestDelivery } from "./send-test.server";

const manage = { permission: "integrations:manage", provider: "levelio" } as const;

const lost = ({ userMessage, hint }: { userMessage: string; hint: string }) =>
  `${userMessage} ${hint} Or make a new secret here.`;

/** The actions of the webhook page. Only their answers contain a secret, each once. */
export const webhookIntents = {
  reveal: {
    ...manage,
    run: async (context: Context) => {
      const { ref, actor } = await connectionOf(context, "levelio");
      const outcome = await revealWebhookSecret(context.app.sync, ref, actor);
      switch (outcome.state) {
        case "revealed":
          return json({ secret: outcome.secret });
        case "already_revealed":
          return refused(
            problem(context.form, { reveal: "The secret was shown before. Make a new one to see it again." }),
            409,
          );
        case "none":
          return refused(
            problem(context.form, { reveal: "No secret is stored. Save an API key first." }),
            409,
          );
        case "lost":
          return refused(problem(context.form, { reveal: lost(outcome.error) }), 409);
      }
    },
  },

  rotate: {
    ...manage,
    run: async (context: Context) => {
      const { ref, actor, isConnected } = await connectionOf(context, "levelio");
      if (!isConnected) {
        return refused(
          problem(context.form, { reveal: "This account is disconnected. Save an API key first." }),
          409,
        );
      }
      await rotateWebhookSecret(context.app.sync, ref, actor);
      const outcome = await revealWebhookSecret(context.app.sync, ref, actor);
      // Another person revealed the secret first; this person can rotate it.
      if (outcome.state !== "revealed")
        return refused(problem(context.form, { reveal: "Another administrator has just seen it." }), 409);
      return json({ secret: outcome.secret });
    },
  },

  test: {
    ...manage,
    run: async (context: Context) => {
      const { app, tenant, form } = context;
      const { ref, path } = await connectionOf(context, "levelio");
      const url = webhookUrl(app.config.publicUrl, tenant);
      const outcome = await sendTestDelivery(app.sync, levelWebhookReader, ref, url);
      const refuse = (text: string) => refused(problem(form, { test: text }), 409);
      switch (outcome.state) {
        case "received":
          return done(
            `${path}/webhook`,
            `The test was received and answered within ${outcome.durationMs} ms.`,
          );
        case "refused":
          return refuse(
            `${new URL(url).host} answered the test with status ${outcome.status}. Check that PUBLIC_URL leads to this very server.`,
          );
        case "unreachable":
          return refuse(
            `This server could not reach its own public address (${outcome.reason}). Check PUBLIC_URL; behind some routers Level reaches it all the same.`,
          );
        case "no_secret":
          return refuse("No secret is stored. Save an API key first.");
        case "lost":
          return refuse(lost(outcome.error));
      }
    },
  },
};
