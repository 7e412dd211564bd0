import { useState } from "react";

import { roles, roleTitles } from "@domain/permissions";
import type { FormProblem } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { CardBody, CardFooter } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { Field, Input, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

export interface InviteFormProps {
  refusal: FormProblem | undefined;
  /** The invitation that the last answer created. */
  made: string | undefined;
}

/** The form that invites a person. It is cleared only after an invitation was created. */
export function InviteForm({ refusal, made }: InviteFormProps) {
  const { errors, values } = refusal ?? { errors: {}, values: {} };
  const [last, setLast] = useState(made);
  if (made !== undefined && made !== last) setLast(made);
  return (
    <PostForm intent="invite" stored={last}>
      <CardBody className="grid gap-4 sm:grid-cols-3">
        <Field label="Name" error={errors.name}>
          <Input name="name" defaultValue={values.name} required autoComplete="off" />
        </Field>
        <Field label="E-mail address" error={errors.email}>
          <Input name="email" type="email" defaultValue={values.email} required autoComplete="off" />
        </Field>
        <Field label="Role" error={errors.role}>
          <Select name="role" defaultValue={values.role ?? "technician"}>
            {roles.map((role) => (
              <option key={role} value={role}>
                {roleTitles[role].title}
              </option>
            ))}
          </Select>
        </Field>
        <dl className="grid gap-1 text-xs text-ink-faint sm:col-span-3">
          {roles.map((role) => (
            <div key={role} className="flex gap-2">
              <dt className="w-24 shrink-0 font-medium">{roleTitles[role].title}</dt>
              <dd>{roleTitles[role].description}</dd>
            </div>
          ))}
        </dl>
      </CardBody>
      <CardFooter>
        <SubmitButton intent="invite">Make the invitation</SubmitButton>
      </CardFooter>
    </PostForm>
  );
}

/** The link, shown once. */
export const LinkNotice = ({ email, url }: { email: string; url: string }) => (
  <Callout
    tone="good"
    alert
    title={`The link for ${email}`}
    actions={<CopyButton text={url} label={`Copy the link for ${email}`} />}
  >
    <p>Send it to them. It works once, within seven days, and is not shown again.</p>
    <code className="mt-2 block font-mono text-xs break-all text-ink">{url}</code>
  </Callout>
);
