import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { count } from "@domain/format";
import { passwordProblem } from "@domain/password";
import { roleTitles } from "@domain/permissions";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { passwordForm, sessionForm } from "~/features/people/forms.server";
import { endAllOther, endOne, listOwnSessions } from "~/features/people/own-sessions.server";
import { changePassword } from "~/features/people/people.server";
import { browserName } from "~/features/people/user-agent";
import { done, parseForm, problem, refused, tooManyAttempts } from "~/platform/http/form.server";
import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { Card, CardBody, CardFooter, CardHeader, Fact, Facts } from "~/ui/card";
import { Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { PageHeader } from "~/ui/page-header";
import { RelativeTime } from "~/ui/time";

export const meta: MetaFunction = () => [{ title: "Account · Plumbline" }];

const HERE = "/settings/account";

export const loader = /* @__PURE__ */ guarded({ permission: "account:self" }, async (context) => ({
  user: context.user,
  company: context.tenant.name,
  sessions: await listOwnSessions(context),
}));

export const action = /* @__PURE__ */ guardedIntents({
  password: {
    permission: "account:self",
    run: async (context) => {
      const parsed = parseForm(passwordForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const weakness = passwordProblem(parsed.data.password, context.user);
      if (weakness !== null) return refused(problem(context.form, { password: weakness }));
      const outcome = await changePassword(context, parsed.data);
      switch (outcome.state) {
        case "changed":
          return done(HERE, "Password changed. Your other sessions are ended.");
        case "wrong_password":
          return refused(problem(context.form, { current: "This is not your current password." }));
        case "throttled":
          return tooManyAttempts(context.form, "current", outcome.retryAfterS);
      }
    },
  },
  "end-session": {
    permission: "account:self",
    run: async (context) => {
      const parsed = parseForm(sessionForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      await endOne(context, parsed.data.session);
      return done(HERE, "The session is ended.");
    },
  },
  "end-others": {
    permission: "account:self",
    run: async (context) => {
      const ended = await endAllOther(context);
      return done(HERE, `${count(ended, "other session")} ended.`);
    },
  },
});

export default function AccountPage() {
  const { user, company, sessions } = useLoaderData<typeof loader>();
  const errors = useActionData<typeof action>()?.errors ?? {};
  return (
    <>
      <PageHeader title="Account" />
      <div className="grid max-w-3xl gap-5">
        <Card>
          <CardHeader title="You" />
          <CardBody>
            <Facts>
              <Fact name="Name">{user.name}</Fact>
              <Fact name="E-mail address">{user.email}</Fact>
              <Fact name="Company">{company}</Fact>
              <Fact name="Role">
                {roleTitles[user.role].title}
                <span className="block text-xs text-ink-faint">{roleTitles[user.role].description}</span>
              </Fact>
            </Facts>
          </CardBody>
        </Card>
        <Card>
          <PostForm intent="password">
            <CardHeader
              title="Password"
              description={`Your password at ${company}. Changing it signs you out everywhere else.`}
            />
            <CardBody className="grid gap-4 sm:grid-cols-2">
              <input type="hidden" autoComplete="username" name="username" value={user.email} readOnly />
              <Field label="Current password" error={errors.current}>
                <Input name="current" type="password" autoComplete="current-password" required />
              </Field>
              <Field label="New password" error={errors.password} hint="At least 10 characters.">
                <Input name="password" type="password" autoComplete="new-password" required minLength={10} />
              </Field>
            </CardBody>
            <CardFooter>
              <SubmitButton intent="password">Change the password</SubmitButton>
            </CardFooter>
          </PostForm>
        </Card>
        <Card>
          <CardHeader
            title="E-mails to you"
            description="Which notices you are sent, at once or as one e-mail an hour or a day."
            actions={
              <ButtonLink to="/settings/account/notices" variant="secondary" size="sm">
                Choose
              </ButtonLink>
            }
          />
        </Card>
        <Card>
          <CardHeader
            title="Sessions"
            description="The browsers in which you are signed in."
            actions={
              sessions.length > 1 && (
                <PostForm intent="end-others">
                  <SubmitButton intent="end-others" variant="secondary" size="sm">
                    End all others
                  </SubmitButton>
                </PostForm>
              )
            }
          />
          <ul>
            {sessions.map((session) => (
              <li key={session.id} className="flex items-center gap-3 border-t border-line px-4 py-3">
                <div className="min-w-0 flex-1">
                  <p className="font-medium">
                    {browserName(session.userAgent)} {session.isThis && <Badge tone="accent">This one</Badge>}
                  </p>
                  <p className="text-xs text-ink-faint">
                    {session.ip ?? "unknown address"} · used <RelativeTime at={session.lastSeenAt} /> · signed
                    in <RelativeTime at={session.createdAt} />
                  </p>
                </div>
                {!session.isThis && (
                  <PostForm intent="end-session">
                    <input type="hidden" name="session" value={session.id} />
                    <SubmitButton intent="end-session" variant="secondary" size="sm">
                      End
                    </SubmitButton>
                  </PostForm>
                )}
              </li>
            ))}
          </ul>
        </Card>
      </div>
    </>
  );
}
