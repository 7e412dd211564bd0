import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents } from "~/auth/guard.server";
import { NoticesForm } from "~/features/notifications/notices-form";
import {
  chooseNotices,
  noticesForm,
  readOwnNotices,
  ticked,
} from "~/features/notifications/own-notices.server";
import { actorOf } from "~/platform/actor";
import { done, parseForm, refused } from "~/platform/http/form.server";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Your e-mails · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "account:self" },
  async ({ app, tenantId, user }) => ({
    notices: await readOwnNotices(app.db, { tenantId, userId: user.id }),
    email: user.email,
  }),
);

export const action = /* @__PURE__ */ guardedIntents({
  save: {
    permission: "account:self",
    run: async (context) => {
      const { app, tenantId, user, form } = context;
      const parsed = parseForm(noticesForm, form);
      if (!parsed.ok) return refused(parsed.problem);
      const { pace, severity } = parsed.data;
      const person = { tenantId, userId: user.id };
      const { clients } = await readOwnNotices(app.db, person);
      await chooseNotices(
        app.notify,
        { ...person, actor: actorOf(context) },
        { pace, severity: severity === "" ? null : severity, ...ticked(form, clients) },
      );
      return done("/settings/account/notices", "Your e-mail settings are saved.");
    },
  },
});

export default function NoticesPage() {
  const { notices, email } = useLoaderData<typeof loader>();
  const errors = useActionData<typeof action>()?.errors ?? {};
  return (
    <>
      <PageHeader title="Your e-mails" description="What Plumbline sends you by e-mail, and when." />
      <div className="max-w-3xl">
        <NoticesForm notices={notices} email={email} errors={errors} />
      </div>
    </>
  );
}
