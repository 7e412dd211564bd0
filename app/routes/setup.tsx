import { json, redirect, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useNavigation } from "@remix-run/react";

import { passwordProblem } from "@domain/password";
import { open } from "~/auth/guard.server";
import { browserOf, startAccountSession } from "~/auth/sign-in.server";
import {
  createFirstAdministrator,
  isEmptyInstallation,
  isSetupOpen,
} from "~/features/people/first-run.server";
import { setupForm } from "~/features/people/forms.server";
import type { App } from "~/platform/app.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { BadLink } from "~/ui/bad-link";
import { Button } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Field, Input } from "~/ui/field";
import { PostForm } from "~/ui/form";
import { FrontPage } from "~/ui/front-page";

export const meta: MetaFunction = () => [{ title: "Set up · Plumbline" }];

const badLinks = {
  set_up: {
    title: "This installation is set up already",
    text: "The set-up link works once. Sign in, or ask an administrator of your company for an invitation.",
  },
  unknown: {
    title: "This set-up link does not work",
    text: "The server prints the link at each start, in its terminal or log: open it to its last character.",
  },
};

async function badLinkOf(app: App, token: unknown) {
  if (await isSetupOpen(app, typeof token === "string" ? token : null)) return null;
  return (await isEmptyInstallation(app.db)) ? badLinks.unknown : badLinks.set_up;
}

export const loader = /* @__PURE__ */ open(
  "the one-time link of the first run is what lets in",
  async ({ app, url }) => {
    const token = url.searchParams.get("token");
    const badLink = await badLinkOf(app, token);
    return json({ token, badLink }, { status: badLink === null ? 200 : 404 });
  },
);

export const action = /* @__PURE__ */ open(
  "the one-time link of the first run is what lets in",
  async ({ app, request, form, ip }) => {
    const parsed = parseForm(setupForm, form);
    const badLink = await badLinkOf(app, form.get("token"));
    if (badLink !== null) return refused(problem(form, { form: badLink.text }), 404);
    if (!parsed.ok) return refused(parsed.problem);
    const { data } = parsed;
    const weakness = passwordProblem(data.password, data);
    if (weakness !== null) return refused(problem(form, { password: weakness }));
    const user = await createFirstAdministrator(app, { ...data, ip });
    if (user === null) throw redirect("/sign-in", 303);
    const cookies = await startAccountSession(app, user, browserOf(request, ip));
    return done("/settings/integrations", "Welcome. The next step: connect your RMM.", { cookies });
  },
);

export default function Setup() {
  const { token, badLink } = useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const busy = useNavigation().state !== "idle";
  const errors = refusal?.errors ?? {};
  if (badLink !== null) return <BadLink {...badLink} />;
  return (
    <FrontPage title="Set up Plumbline" description="Your company, and the first account: its administrator.">
      <PostForm action={`/setup?token=${token}`} className="space-y-4">
        <input type="hidden" name="token" value={token ?? ""} />
        {errors.form !== undefined && (
          <Callout tone="bad" alert>
            {errors.form}
          </Callout>
        )}
        <Field label="Company" error={errors.company}>
          <Input
            name="company"
            autoComplete="organization"
            defaultValue={refusal?.values.company}
            required
            autoFocus
          />
        </Field>
        <Field label="Your name" error={errors.name}>
          <Input name="name" autoComplete="name" defaultValue={refusal?.values.name} required />
        </Field>
        <Field label="E-mail address" error={errors.email}>
          <Input
            name="email"
            type="email"
            autoComplete="username"
            defaultValue={refusal?.values.email}
            required
          />
        </Field>
        <Field
          label="Password"
          error={errors.password}
          hint="At least 10 characters. A short sentence is good."
        >
          <Input name="password" type="password" autoComplete="new-password" required minLength={10} />
        </Field>
        <Button type="submit" variant="primary" size="lg" className="w-full" busy={busy}>
          Create the account
        </Button>
      </PostForm>
    </FrontPage>
  );
}
