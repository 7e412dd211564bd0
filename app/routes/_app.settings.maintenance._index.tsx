import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { allows } from "@domain/permissions";
import { isTimeZone } from "@domain/wall-clock";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { noSuchWindow, windowOf, WINDOWS } from "~/features/maintenance/actions.server";
import { changeTimeZone, pauseWindow, removeWindow } from "~/features/maintenance/change-window.server";
import { TimeZoneCard } from "~/features/maintenance/time-zone-card";
import { WindowTable } from "~/features/maintenance/window-table";
import { readWindows } from "~/features/maintenance/windows.page.server";
import { actorOf } from "~/platform/actor";
import { done, problem, refused } from "~/platform/http/form.server";
import { ButtonLink } from "~/ui/button";
import { Card } from "~/ui/card";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Maintenance · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "alerts:read" },
  async ({ app, tenantId, user }) => ({
    ...(await readWindows(app.db, tenantId, app.clock())),
    mayWrite: allows(user.role, "alerts:write"),
    mayManage: allows(user.role, "integrations:manage"),
  }),
);

export const action = /* @__PURE__ */ guardedIntents({
  pause: {
    permission: "alerts:write",
    run: async (context) => {
      if ((await pauseWindow(context.app.sync, windowOf(context), true, actorOf(context))) !== "changed")
        throw noSuchWindow();
      return done(WINDOWS, "Paused. It suppresses nothing until you resume it.");
    },
  },
  resume: {
    permission: "alerts:write",
    run: async (context) => {
      if ((await pauseWindow(context.app.sync, windowOf(context), false, actorOf(context))) !== "changed")
        throw noSuchWindow();
      return done(WINDOWS, "Resumed.");
    },
  },
  delete: {
    permission: "alerts:write",
    run: async (context) => {
      if ((await removeWindow(context.app.sync, windowOf(context), actorOf(context))) !== "changed")
        throw noSuchWindow();
      return done(WINDOWS, "Deleted.");
    },
  },
  "time-zone": {
    permission: "integrations:manage",
    run: async (context) => {
      const { form, app, tenantId } = context;
      const timeZone = String(form.get("timeZone") ?? "").trim();
      if (!isTimeZone(timeZone))
        return refused(problem(form, { timeZone: "Unknown time zone. Use a name such as Europe/Berlin." }));
      await changeTimeZone(app.sync, tenantId, timeZone, actorOf(context));
      return done(WINDOWS, `Windows use the time zone ${timeZone}.`);
    },
  },
});

export default function MaintenancePage() {
  const { windows, timeZone, mayWrite, mayManage } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <>
      <PageHeader
        title="Maintenance"
        description="Planned work during which alerts stay quiet. A device in Level's maintenance mode counts as in a window."
        actions={
          mayWrite &&
          windows.length > 0 && <ButtonLink to="/settings/maintenance/new">Plan maintenance</ButtonLink>
        }
      />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <Card>
          <WindowTable windows={windows} mayWrite={mayWrite} />
        </Card>
        {mayManage ? (
          <TimeZoneCard timeZone={timeZone} error={answer?.errors["timeZone"]} />
        ) : (
          <p className="text-sm text-ink-muted">Windows use the time zone {timeZone}.</p>
        )}
      </div>
    </>
  );
}
