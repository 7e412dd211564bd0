import { json, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData, useNavigation } from "@remix-run/react";

import { passwordProblem } from "@domain/password";
import { open } from "~/auth/guard.server";
import { browserOf, startAccountSession } from "~/auth/sign-in.server";
import { invitationForm } from "~/features/people/forms.server";
import { readInvitation } from "~/features/people/invitation.server";
import { accept } from "~/features/people/people.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { BadLink } from "~/ui/bad-link";
import { Button } from "~/ui/button";
import { Field, Input } from "~/ui/field";
import { PostForm } from "~/ui/form";
import { FrontPage } from "~/ui/front-page";

export const meta: MetaFunction = () => [{ title: "Your account · Plumbline" }];

const badLink = {
  title: "This link does not work",
  text: "An invitation or a link for a new password works once, within seven days. Ask an administrator of your company for a new one; if you have set your password already, sign in.",
};

export const loader = /* @__PURE__ */ open("the link is what lets in", async ({ app, params }) => {
  const invitation = await readInvitation(app, params["token"]);
  if (invitation === null) return json({ invitation }, { status: 404 });
  const { company, email, name } = invitation;
  return json({ invitation: { company, email, name } });
});

export const action = /* @__PURE__ */ open(
  "the link is what lets in",
  async ({ app, params, form, request, ip }) => {
    const invitation = await readInvitation(app, params["token"]);
    if (invitation === null) return refused(problem(form, { form: badLink.text }), 404);
    const parsed = parseForm(invitationForm, form);
    if (!parsed.ok) return refused(parsed.problem);
    const weakness = passwordProblem(parsed.data.password, invitation);
    if (weakness !== null) return refused(problem(form, { password: weakness }));
    const user = await accept(app, params["token"]!, parsed.data, ip);
    if (user === null) return refused(problem(form, { form: badLink.text }), 404);
    const cookies = await startAccountSession(app, user, browserOf(request, ip));
    return done("/", "Welcome. Your password is set.", { cookies });
  },
);

export default function InvitePage() {
  const { invitation } = useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const busy = useNavigation().formMethod === "POST";
  if (invitation === null) return <BadLink {...badLink} />;
  const { company, email, name } = invitation;
  return (
    <FrontPage title={`Join ${company}`} description="Set a password, and you are in.">
      <PostForm className="space-y-4">
        <Field label="E-mail address">
          <Input type="email" name="email" autoComplete="username" value={email} readOnly />
        </Field>
        <Field label="Your name" error={refusal?.errors.name}>
          <Input name="name" autoComplete="name" defaultValue={refusal?.values.name ?? name} required />
        </Field>
        <Field
          label="Password"
          error={refusal?.errors.password}
          hint="At least 10 characters. A short sentence is good."
        >
          <Input
            name="password"
            type="password"
            autoComplete="new-password"
            required
            minLength={10}
            autoFocus
          />
        </Field>
        <Button type="submit" variant="primary" size="lg" className="w-full" busy={busy}>
          Set the password
        </Button>
      </PostForm>
    </FrontPage>
  );
}
