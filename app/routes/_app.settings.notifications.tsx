import { json, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { parseRecipients } from "@domain/recipients";
import { guarded, guardedIntents, isId, notFound } from "~/auth/guard.server";
import { MailCard } from "~/features/notifications/mail-card";
import { NotificationTable } from "~/features/notifications/notification-table";
import { readNotifications } from "~/features/notifications/notifications.page.server";
import { RecipientsCard } from "~/features/notifications/recipients-card";
import { retryNotification, saveRecipients, sendTestMail } from "~/features/notifications/settings.server";
import { actorOf } from "~/platform/actor";
import { done, problem, refused } from "~/platform/http/form.server";
import { staleText, versionField } from "~/platform/http/stale.server";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Notifications · Plumbline" }];

const HERE = "/settings/notifications";

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:manage" },
  async ({ app, tenantId }) => ({
    ...(await readNotifications(app.db, tenantId)),
    from: app.config.mail?.from ?? null,
  }),
);

export const action = /* @__PURE__ */ guardedIntents({
  "save-recipients": {
    permission: "integrations:manage",
    run: async (context) => {
      const { app, tenantId, form } = context;
      const parsed = parseRecipients(String(form.get("recipients") ?? ""));
      if (!parsed.ok) return refused(problem(form, { recipients: parsed.problem }));
      const version = versionField.safeParse(form.get("version") ?? undefined).data;
      const outcome = await saveRecipients(app.notify, {
        tenantId,
        actor: actorOf(context),
        emails: parsed.emails,
        version,
      });
      if (typeof outcome === "object") {
        const { emails } = await readNotifications(app.db, tenantId);
        const text = staleText(outcome, { recipients: "list of recipients" }, emails.join(", "));
        return refused(problem(form, { recipients: text }), 409);
      }
      return done(HERE, "The recipients are saved.");
    },
  },
  test: {
    permission: "integrations:manage",
    run: async (context) => {
      const { app, tenantId } = context;
      return json({ test: await sendTestMail(app.notify, { tenantId, actor: actorOf(context) }) });
    },
  },
  retry: {
    permission: "integrations:manage",
    run: async (context) => {
      const { app, tenantId, form } = context;
      const id = form.get("id");
      if (!isId(id)) throw notFound();
      if (!(await retryNotification(app.notify, { tenantId, actor: actorOf(context), id })))
        throw notFound("This notification is not one that was given up.");
      return done(HERE, "It is sent again soon.");
    },
  },
});

export default function NotificationsPage() {
  const { emails, version, recipients, from, latest } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = answer !== undefined && "errors" in answer ? answer : undefined;
  return (
    <>
      <PageHeader
        title="Notifications"
        description="Who gets an e-mail about connections and incidents, and what was sent."
      />
      <div className="space-y-5">
        <div className="grid grid-cols-1 items-start gap-5 lg:grid-cols-2">
          <RecipientsCard
            emails={emails}
            version={version}
            error={refusal?.errors["recipients"]}
            typed={refusal?.values["recipients"]}
          />
          <MailCard
            from={from}
            recipients={recipients}
            test={answer !== undefined && "test" in answer ? answer.test : undefined}
          />
        </div>
        <NotificationTable latest={latest} />
      </div>
    </>
  );
}
