import { redirect, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import * as z from "zod";

import { count } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, idParam, isId, notFound, type Context } from "~/auth/guard.server";
import { actOnIncidents, commentOnIncident } from "~/features/incidents/change-incidents.server";
import { SnoozeFields } from "~/features/incidents/incident-bulk-bar";
import { incidentComment } from "~/features/incidents/comment.server";
import {
  IncidentAlerts,
  IncidentFactsCard,
  IncidentTimeline,
  StormMembers,
} from "~/features/incidents/incident-detail";
import { IncidentSeverityBadge, IncidentStateBadge } from "~/features/incidents/incident-state";
import { readIncident } from "~/features/incidents/incidents.page.server";
import { incidentTitle } from "~/features/incidents/labels";
import { resolveIncidentInRmm } from "~/features/incidents/resolve-in-rmm.server";
import { snoozeUntil } from "~/features/incidents/snooze-until.server";
import { answerTicket, openTicket, type TicketAnswer } from "~/features/tickets/change-ticket.server";
import { TicketCard } from "~/features/tickets/ticket-card";
import { listSystemNames } from "~/features/tickets/ticket-systems.page.server";
import { readTicketOf } from "~/features/tickets/ticket.page.server";
import { actorOf } from "~/platform/actor";
import { done, parseForm, refused } from "~/platform/http/form.server";
import { Badge } from "~/ui/badge";
import { Callout } from "~/ui/callout";
import { ConfirmButton } from "~/ui/confirm-button";
import { PostForm, SubmitButton } from "~/ui/form";
import { useLive } from "~/ui/live/use-live";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `${incidentTitle(data.incident)} · Plumbline` },
];

const noSuchIncident = () => notFound("This incident does not exist or was removed.");

export const loader = /* @__PURE__ */ guarded({ permission: "alerts:read" }, async (context) => {
  const { app, tenantId, params, user } = context;
  const incidentId = idParam(params, "incidentId");
  const detail = await readIncident(app.db, tenantId, incidentId);
  if (detail === null) throw noSuchIncident();
  const { mergedIntoId } = detail.incident;
  if (mergedIntoId !== null && mergedIntoId !== incidentId)
    throw redirect(`/alerts/incidents/${mergedIntoId}`);
  const mayWrite = allows(user.role, "alerts:write");
  const ticket = await readTicketOf(app.db, tenantId, incidentId);
  const systems = mayWrite && ticket === null ? await listSystemNames(app.db, tenantId) : [];
  return { ...detail, ticket, systems, mayWrite, userId: user.id };
});

async function act(context: Context, what: Parameters<typeof actOnIncidents>[2], text: string) {
  const { app, tenantId, params } = context;
  const incidentId = idParam(params, "incidentId");
  if ((await readIncident(app.db, tenantId, incidentId)) === null) throw noSuchIncident();
  const changed = await actOnIncidents(app.sync, { tenantId, ids: [incidentId] }, what, actorOf(context));
  return done(`/alerts/incidents/${incidentId}`, changed === 0 ? "Nothing to change." : text);
}

/** Applies a person's answer about a ticket that is not known to be open. */
async function answer(context: Context, what: TicketAnswer, text: string) {
  const { app, tenantId, params } = context;
  const incidentId = idParam(params, "incidentId");
  if ((await readIncident(app.db, tenantId, incidentId)) === null) throw noSuchIncident();
  const isTaken = await answerTicket(app.sync, { tenantId, incidentId }, what, actorOf(context));
  return done(`/alerts/incidents/${incidentId}`, isTaken ? text : "Its state has changed meanwhile.");
}

const permission = "alerts:write";
const named = z.object({ number: z.string().trim().min(1, "Enter the id of the ticket.").max(100) });
const comment = z.object({ text: incidentComment });

export const action = /* @__PURE__ */ guardedIntents({
  acknowledge: {
    permission,
    run: (context) => act(context, { kind: "acknowledged" }, "Acknowledged."),
  },
  reopen: { permission, run: (context) => act(context, { kind: "reopened" }, "Reopened.") },
  own: { permission, run: (context) => act(context, { kind: "owned" }, "You are the owner now.") },
  disown: { permission, run: (context) => act(context, { kind: "disowned" }, "It has no owner now.") },
  resolve: { permission, run: (context) => act(context, { kind: "resolved" }, "Resolved here.") },
  "resolve-in-rmm": {
    permission,
    provider: "levelio",
    run: async (context) => {
      const { app, tenantId, params } = context;
      const incidentId = idParam(params, "incidentId");
      const detail = await readIncident(app.db, tenantId, incidentId);
      if (detail === null) throw noSuchIncident();
      const isAsked = await resolveIncidentInRmm(app.sync, { tenantId, incidentId }, actorOf(context));
      return done(
        `/alerts/incidents/${incidentId}`,
        isAsked ? "Level is asked to resolve its alerts." : "Level is being asked already.",
      );
    },
  },
  snooze: {
    permission,
    run: (context) =>
      act(context, { kind: "snoozed", until: snoozeUntil(context.form, context.app.clock()) }, "Snoozed."),
  },
  open_ticket: {
    permission,
    run: async (context) => {
      const { app, tenantId, params, form } = context;
      const incidentId = idParam(params, "incidentId");
      const systemId = form.get("system");
      if ((await readIncident(app.db, tenantId, incidentId)) === null) throw noSuchIncident();
      if (!isId(systemId)) throw notFound("This ticket system does not exist or was removed.");
      const isAsked = await openTicket(app.sync, { tenantId, incidentId, systemId }, actorOf(context));
      return done(
        `/alerts/incidents/${incidentId}`,
        isAsked ? "A ticket is being opened." : "There is a ticket already, or no such ticket system.",
      );
    },
  },
  name_ticket: {
    permission,
    run: async (context) => {
      const parsed = parseForm(named, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      return answer(
        context,
        { kind: "found", number: parsed.data.number },
        "Noted. The ticket gets updates.",
      );
    },
  },
  retry_ticket: {
    permission,
    run: (context) => answer(context, { kind: "retry" }, "It is being tried again."),
  },
  comment: {
    permission,
    run: async (context) => {
      const { app, tenantId, params, form } = context;
      const incidentId = idParam(params, "incidentId");
      const parsed = parseForm(comment, form);
      if (!parsed.ok) return refused(parsed.problem);
      const ref = { tenantId, incidentId, text: parsed.data.text };
      if (!(await commentOnIncident(app.sync, ref, actorOf(context)))) throw noSuchIncident();
      return done(`/alerts/incidents/${incidentId}`, "Added.");
    },
  },
});

export default function IncidentPage() {
  const { incident, entries, alerts, members, resolution, ticket, systems, mayWrite, userId } =
    useLoaderData<typeof loader>();
  const response = useActionData<typeof action>();
  const error = response && "errors" in response ? Object.values(response.errors)[0] : undefined;
  useLive(incident.state === "resolved" ? [] : ["alerts"], false);
  const isOver = incident.state === "resolved";
  return (
    <>
      <PageHeader
        back={{ to: "/alerts", label: "Incidents" }}
        title={incidentTitle(incident)}
        badges={
          <>
            <IncidentSeverityBadge {...incident} />
            <IncidentStateBadge {...incident} />
            {incident.noticesSuppressed && incident.state !== "resolved" && (
              <Badge tone="info">In maintenance</Badge>
            )}
          </>
        }
        actions={
          mayWrite && (
            <>
              {incident.activeAlerts > 0 && resolution === null && (
                <ConfirmButton
                  intent="resolve-in-rmm"
                  label="Resolve in Level"
                  variant="secondary"
                  size="md"
                  title="Resolve its alerts in Level?"
                  confirm="Resolve in Level"
                >
                  {count(incident.activeAlerts, "active alert")} of this incident will be resolved in Level.
                  What is wrong stays wrong, and Level may raise them again.
                </ConfirmButton>
              )}
              <PostForm className="flex flex-wrap items-center gap-2">
                {incident.ownerId === userId ? (
                  <IntentButton intent="disown" label="Release" />
                ) : (
                  <IntentButton intent="own" label="Take" />
                )}
                {!isOver && incident.state !== "acknowledged" && (
                  <IntentButton intent="acknowledge" label="Acknowledge" />
                )}
                {(incident.state === "acknowledged" ||
                  incident.state === "snoozed" ||
                  (isOver && incident.activeAlerts > 0)) && <IntentButton intent="reopen" label="Reopen" />}
                {!isOver && <SnoozeFields size="md" />}
                {!isOver && <IntentButton intent="resolve" label="Resolve here" variant="primary" />}
              </PostForm>
            </>
          )
        }
      />
      {resolution !== null && (
        <Callout tone="info" className="mb-5" title={`${resolution.actor} has Level resolve its alerts`}>
          {resolution.lastError === null
            ? "It takes a moment for each alert."
            : `It is tried again. The last attempt: ${resolution.lastError}`}
        </Callout>
      )}
      {error !== undefined && (
        <Callout tone="bad" alert className="mb-5">
          {error}
        </Callout>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
          <IncidentFactsCard incident={incident} alerts={alerts} />
          {incident.kind !== "condition" ? (
            <StormMembers members={members} />
          ) : (
            <IncidentAlerts alerts={alerts} incident={incident} />
          )}
        </div>
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
          <TicketCard ticket={ticket} systems={systems} mayWrite={mayWrite} />
          <IncidentTimeline entries={entries} mayWrite={mayWrite} />
        </div>
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
  <SubmitButton name="intent" value={intent} variant={variant}>
    {label}
  </SubmitButton>
);
