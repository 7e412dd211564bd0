import { redirect, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useNavigation } from "@remix-run/react";

import { signInForm } from "~/auth/forms.server";
import { open } from "~/auth/guard.server";
import { signIn } from "~/auth/sign-in.server";
import { FrontPage } from "~/components/front-page";
import { Button } from "~/components/ui/button";
import { Callout } from "~/components/ui/callout";
import { Field, Input } from "~/components/ui/field";
import { PostForm } from "~/components/ui/form";
import { findSession } from "~/session.server";
import { parseForm, problem, refused, safePath, tooManyAttempts } from "~/web/form.server";

export const meta: MetaFunction = () => [{ title: "Sign in · Plumbline" }];

export const loader = /* @__PURE__ */ open(
  "who is not signed in must be able to",
  async ({ app, request, url }) => {
    const next = safePath(url.searchParams.get("next"));
    if ((await findSession(app, request)) !== null) throw redirect(next);
    return { next };
  },
);

export const action = /* @__PURE__ */ open(
  "who is not signed in must be able to",
  async ({ app, request, form, ip }) => {
    const parsed = parseForm(signInForm, form);
    if (!parsed.ok) return refused(parsed.problem);
    const { data } = parsed;
    const result = await signIn(app, data, { ip, userAgent: request.headers.get("User-Agent") });
    switch (result.outcome) {
      case "signed-in":
        return redirect(safePath(data.next), { status: 303, headers: { "Set-Cookie": result.cookie } });
      case "wrong":
        return refused(problem(form, { form: "The e-mail address or the password is not right." }), 401);
      case "throttled":
        return tooManyAttempts(form, "form", result.retryAfterS);
    }
  },
);

export default function SignIn() {
  const { next } = useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const busy = useNavigation().formMethod === "POST";
  return (
    <FrontPage title="Sign in">
      <PostForm className="space-y-4">
        <input type="hidden" name="next" value={next} />
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
        No access, or the password is lost? An administrator of your company can send you a link.
      </p>
    </FrontPage>
  );
}
