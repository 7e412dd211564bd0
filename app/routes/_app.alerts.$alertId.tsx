import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { allows } from "@domain/permissions";
import { guarded, guardedIntents, idParam, notFound, permits, type Context } from "~/auth/guard.server";
import { acknowledgeAlert } from "~/features/alerts/acknowledge.server";
import { AlertFacts, AlertHistory } from "~/features/alerts/alert-detail";
import { SeverityBadge, StateBadge } from "~/features/alerts/alert-state";
import { readAlert } from "~/features/alerts/alerts.page.server";
import { resolveAlert } from "~/features/alerts/resolve.server";
import { actorOf } from "~/platform/actor";
import { done, problem, refused, safePath } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { PostForm, SubmitButton } from "~/ui/form";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `${data.alert.name} · Plumbline` },
];

const noSuchAlert = () => notFound("This alert does not exist or was removed.");

export const loader = /* @__PURE__ */ guarded({ permission: "alerts:read" }, async (context) => {
  const { app, tenantId, params, user } = context;
  const detail = await readAlert(app.db, tenantId, idParam(params, "alertId"), app.clock());
  if (detail === null) throw noSuchAlert();
  return {
    ...detail,
    mayWrite: allows(user.role, "alerts:write"),
    mayResolve: permits(context, { permission: "alerts:write", provider: "levelio" }),
  };
});

/** The alert that the address names, and the page to return to. */
function asked({ tenantId, params, form }: Context) {
  const alertId = idParam(params, "alertId");
  const back = form.get("back");
  return {
    ref: { tenantId, alertId },
    back: safePath(typeof back === "string" ? back : null, `/alerts/${alertId}`),
  };
}

async function acknowledge(context: Context, isAcknowledged: boolean) {
  const { ref, back } = asked(context);
  const outcome = await acknowledgeAlert(context.app.sync, ref, isAcknowledged, actorOf(context));
  switch (outcome.state) {
    case "done":
      return done(back, isAcknowledged ? "Acknowledged." : "Reopened.");
    case "unchanged":
      return done(back, isAcknowledged ? "It was acknowledged already." : "It was open already.");
    case "unknown_alert":
      throw noSuchAlert();
  }
}

export const action = /* @__PURE__ */ guardedIntents({
  acknowledge: { permission: "alerts:write", run: (context) => acknowledge(context, true) },
  reopen: { permission: "alerts:write", run: (context) => acknowledge(context, false) },
  resolve: {
    permission: "alerts:write",
    provider: "levelio",
    run: async (context) => {
      const { ref, back } = asked(context);
      const outcome = await resolveAlert(context.app.sync, ref, actorOf(context));
      const refuse = (title: string, hint: string) => refused(problem(context.form, { title, hint }), 409);
      switch (outcome.state) {
        case "resolved":
          return done(back, "Resolved, in Level too.");
        case "gone":
          return done(back, "Level has deleted this alert. It is closed here.");
        case "closed_here":
          return done(back, "Closed here. Level gave this alert no id, so it cannot be resolved there.");
        case "already_resolved":
          return done(back, "It was resolved already.");
        case "refused":
          return refuse(outcome.error.userMessage, outcome.error.hint);
        case "disconnected":
          return refuse(
            "The connection that this alert came from has ended.",
            "Connect the account again to resolve its alerts.",
          );
        case "unknown_alert":
          throw noSuchAlert();
      }
    },
  },
});

export default function AlertPage() {
  const { alert, history, wasOnlyRead, mayWrite, mayResolve } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const errors = answer && "errors" in answer ? answer.errors : undefined;
  const isActive = alert.status === "active";
  return (
    <>
      <PageHeader
        back={{ to: "/alerts/list", label: "Alerts" }}
        title={alert.name}
        badges={
          <>
            <SeverityBadge alert={alert} />
            <StateBadge alert={alert} />
          </>
        }
        actions={
          mayWrite &&
          isActive && (
            <>
              {alert.acknowledgedAt === null ? (
                <IntentButton intent="acknowledge" label="Acknowledge" />
              ) : (
                <IntentButton intent="reopen" label="Remove acknowledgement" />
              )}
              {mayResolve && (
                <IntentButton
                  intent="resolve"
                  label={alert.isPlaceholder ? "Close here" : "Resolve in Level"}
                  variant="primary"
                />
              )}
            </>
          )
        }
      />
      {errors !== undefined && (
        <Callout tone="bad" alert title={errors.title} className="mb-5">
          {errors.hint} Nothing was changed here.
        </Callout>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <AlertFacts alert={alert} />
        <AlertHistory history={history} wasOnlyRead={wasOnlyRead} />
      </div>
    </>
  );
}

interface IntentButtonProps {
  intent: string;
  label: string;
  variant?: "primary" | "secondary";
}

const IntentButton = ({ intent, label, variant = "secondary" }: IntentButtonProps) => (
  <PostForm intent={intent}>
    <SubmitButton intent={intent} variant={variant}>
      {label}
    </SubmitButton>
  </PostForm>
);
