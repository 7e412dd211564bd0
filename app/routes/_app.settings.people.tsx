import { json, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { count } from "@domain/format";
import { roleTitles } from "@domain/permissions";
import { guarded, guardedIntents, notFound } from "~/auth/guard.server";
import { inviteForm, personForm, roleForm } from "~/features/people/forms.server";
import { InviteForm, LinkNotice } from "~/features/people/invite-form";
import { PeopleTable } from "~/features/people/people-table";
import { readPeople } from "~/features/people/people.page.server";
import {
  changeRole,
  endSessionsOf,
  invite,
  removePerson,
  renewLink,
  unlockSignIn,
  type PersonOutcome,
} from "~/features/people/people.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { staleText } from "~/platform/http/stale.server";
import { Callout } from "~/ui/callout";
import { Card, CardHeader } from "~/ui/card";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "People · Plumbline" }];

const HERE = "/settings/people";

export const loader = /* @__PURE__ */ guarded(
  { permission: "people:manage" },
  async ({ app, tenantId, user }) => ({
    people: await readPeople(app.db, tenantId, app.clock()),
    ownId: user.id,
  }),
);

const refusals: Partial<Record<PersonOutcome, string>> = {
  last_administrator: "This is the only administrator. Make another person an administrator first.",
  yourself: "You cannot remove yourself. Another administrator can.",
};

/** The answer that shows a new link, once, to the person who made it. */
const linkMade = (email: string, url: string, isInvitation: boolean) =>
  json({ link: { email, url, isInvitation } });

export const action = /* @__PURE__ */ guardedIntents({
  invite: {
    permission: "people:manage",
    run: async (context) => {
      const parsed = parseForm(inviteForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await invite(context, parsed.data);
      if (outcome.state === "email_taken") {
        return refused(
          problem(context.form, { email: "Somebody with this address is on the list already." }),
        );
      }
      return linkMade(parsed.data.email, outcome.url, true);
    },
  },
  "renew-link": {
    permission: "people:manage",
    run: async (context) => {
      const parsed = parseForm(personForm, context.form);
      if (!parsed.ok) throw notFound();
      const url = await renewLink(context, parsed.data.userId);
      if (url === null) throw notFound("This person does not exist or was removed.");
      return linkMade(String(context.form.get("email") ?? ""), url, false);
    },
  },
  "unlock-sign-in": {
    permission: "people:manage",
    run: async (context) => {
      const parsed = parseForm(personForm, context.form);
      if (!parsed.ok || !(await unlockSignIn(context, parsed.data.userId)))
        throw notFound("This person does not exist or was removed.");
      return done(HERE, "Unlocked: they can sign in again for the next quarter of an hour.");
    },
  },
  "change-role": {
    permission: "people:manage",
    run: async (context) => {
      const parsed = parseForm(roleForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const { userId, role, version } = parsed.data;
      const outcome = await changeRole(context, userId, role, version);
      if (typeof outcome === "object")
        return refused(problem(context.form, { person: staleText(outcome, { role: "role" }) }), 409);
      if (outcome === "unknown") throw notFound("This person does not exist or was removed.");
      const refusal = refusals[outcome];
      if (refusal !== undefined) return refused(problem(context.form, { person: refusal }), 409);
      return done(HERE, `The role is now ${roleTitles[parsed.data.role].title}.`);
    },
  },
  "end-sessions": {
    permission: "people:manage",
    run: async (context) => {
      const parsed = parseForm(personForm, context.form);
      if (!parsed.ok) throw notFound();
      const outcome = await endSessionsOf(context, parsed.data.userId);
      switch (outcome.state) {
        case "unknown":
          throw notFound("This person does not exist or was removed.");
        case "yourself":
          return refused(
            problem(context.form, { person: "Your own sessions are on your account's page." }),
            409,
          );
        case "ended":
          return done(
            HERE,
            outcome.sessions === 0
              ? "They were not signed in anywhere."
              : `${count(outcome.sessions, "session")} ended.`,
          );
      }
    },
  },
  remove: {
    permission: "people:manage",
    run: async (context) => {
      const parsed = parseForm(personForm, context.form);
      if (!parsed.ok) throw notFound();
      const outcome = await removePerson(context, parsed.data.userId);
      if (outcome === "unknown") throw notFound("This person does not exist or was removed.");
      const refusal = refusals[outcome];
      if (refusal !== undefined) return refused(problem(context.form, { person: refusal }), 409);
      return done(HERE, "Removed, and signed out everywhere.");
    },
  },
});

export default function PeoplePage() {
  const { people, ownId } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = answer !== undefined && "errors" in answer ? answer : undefined;
  const link = answer !== undefined && "link" in answer ? answer.link : undefined;
  return (
    <>
      <PageHeader title="People" description="Who may sign in for your company, and what they may do." />
      <div className="space-y-5">
        {link !== undefined && <LinkNotice email={link.email} url={link.url} />}
        {refusal?.errors.person !== undefined && (
          <Callout tone="bad" alert>
            {refusal.errors.person}
          </Callout>
        )}
        <Card>
          <PeopleTable people={people} ownId={ownId} refusal={refusal} />
        </Card>
        <Card>
          <CardHeader
            title="Invite a person"
            description="You get a link to send them; it works for seven days."
          />
          <InviteForm refusal={refusal} made={link?.isInvitation ? link.url : undefined} />
        </Card>
      </div>
    </>
  );
}
