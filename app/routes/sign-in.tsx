import { json, redirect, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useNavigation } from "@remix-run/react";

import { isId, open } from "~/auth/guard.server";
import { findSession } from "~/auth/session.server";
import { browserOf, chooseCompany, signIn } from "~/auth/sign-in.server";
import { isEmptyInstallation } from "~/features/people/first-run.server";
import { signInForm } from "~/features/people/forms.server";
import { parseForm, problem, refused, safePath, tooManyAttempts } from "~/platform/http/form.server";
import { Button } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Field, Input } from "~/ui/field";
import { PostForm } from "~/ui/form";
import { FrontPage } from "~/ui/front-page";

export const meta: MetaFunction = () => [{ title: "Sign in · Plumbline" }];

/** Why a person who was signed in has to sign in again. */
const endings: Record<string, string> = {
  idle: "Your session has ended: it was not used for two weeks, or was ended elsewhere. Sign in to go on where you were.",
  unsaved:
    "Your session has ended, so what you sent was not saved. Sign in to go back to the page and send it again.",
};

const TOO_LATE = "That took too long. Enter your password again.";

const withCookies = (cookies: string[]): Headers =>
  new Headers(cookies.map((cookie): [string, string] => ["Set-Cookie", cookie]));

export const loader = /* @__PURE__ */ open(
  "who is not signed in must be able to",
  async ({ app, request, url }) => {
    const next = safePath(url.searchParams.get("next"));
    if ((await findSession(app, request)) !== null) throw redirect(next);
    return {
      next,
      ended: endings[url.searchParams.get("ended") ?? ""] ?? null,
      isNew: await isEmptyInstallation(app.db),
    };
  },
);

export const action = /* @__PURE__ */ open(
  "who is not signed in must be able to",
  async ({ app, request, form, ip }) => {
    const accountId = form.get("account");
    if (isId(accountId)) {
      const cookies = await chooseCompany(app, accountId, browserOf(request, ip));
      if (cookies === null) return refused(problem(form, { form: TOO_LATE }), 401);
      const next = form.get("next");
      return redirect(safePath(typeof next === "string" ? next : null), {
        status: 303,
        headers: withCookies(cookies),
      });
    }
    const parsed = parseForm(signInForm, form);
    if (!parsed.ok) return refused(parsed.problem);
    const { data } = parsed;
    const result = await signIn(app, data, browserOf(request, ip));
    switch (result.outcome) {
      case "signed-in":
        return redirect(safePath(data.next), { status: 303, headers: withCookies(result.cookies) });
      case "choose":
        return json({ companies: result.companies }, { headers: withCookies(result.cookies) });
      case "wrong":
        return refused(problem(form, { form: "The e-mail address or the password is not right." }), 401);
      case "throttled":
        return tooManyAttempts(form, "form", result.retryAfterS);
    }
  },
);

export default function SignIn() {
  const { next, ended, isNew } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().formMethod === "POST";
  if (answer !== undefined && "companies" in answer)
    return <CompanyChoice companies={answer.companies} next={next} />;
  if (isNew) return <FirstVisit />;
  const refusal = answer;
  return (
    <FrontPage title="Sign in">
      <PostForm className="space-y-4">
        <input type="hidden" name="next" value={next} />
        {ended !== null && refusal === undefined && <Callout tone="info">{ended}</Callout>}
        {refusal?.errors.form !== undefined && (
          <Callout tone="bad" alert>
            {refusal.errors.form}
          </Callout>
        )}
        <Field label="E-mail address" error={refusal?.errors.email}>
          <Input
            name="email"
            type="email"
            autoComplete="username"
            defaultValue={refusal?.values.email}
            required
            autoFocus
          />
        </Field>
        <Field label="Password" error={refusal?.errors.password}>
          <Input name="password" type="password" autoComplete="current-password" required />
        </Field>
        <Button type="submit" variant="primary" size="lg" className="w-full" busy={busy}>
          Sign in
        </Button>
      </PostForm>
      <p className="mt-5 text-center text-xs text-ink-faint">
        No access, or lost your password? An administrator of your company can send you a link.
      </p>
    </FrontPage>
  );
}

interface CompanyChoiceProps {
  companies: { accountId: string; name: string }[];
  next: string;
}

/** Asks a person with accounts at several companies, all with the same password, which one to open. */
const CompanyChoice = ({ companies, next }: CompanyChoiceProps) => (
  <FrontPage title="Choose a company" description="You have an account with each of these.">
    <PostForm className="space-y-2">
      <input type="hidden" name="next" value={next} />
      {companies.map(({ accountId, name }) => (
        <Button
          key={accountId}
          type="submit"
          name="account"
          value={accountId}
          variant="secondary"
          size="lg"
          className="w-full"
        >
          <span className="truncate">{name}</span>
        </Button>
      ))}
    </PostForm>
  </FrontPage>
);

/** Shown while nobody has an account, so there is nothing to sign in to. */
const FirstVisit = () => (
  <FrontPage title="Welcome to Plumbline" description="Nobody has an account here yet.">
    <div className="space-y-3 text-sm text-ink-muted">
      <p>
        The server printed a link when it started: look in its terminal or log for{" "}
        <span className="font-medium text-ink">Create the first administrator here (works once)</span>, and
        open that link.
      </p>
      <p>
        Is it gone? Restart the server, and it prints a new one. Or set ADMIN_EMAIL and ADMIN_PASSWORD before
        the start.
      </p>
    </div>
  </FrontPage>
);
