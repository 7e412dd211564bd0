import { useState } from "react";

import { apiScopes, apiScopeTitles, apiTokenDays } from "@domain/api-scopes";
import type { FormProblem } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { CardBody, CardFooter } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { Field, Input, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

export interface TokenFormProps {
  refusal: FormProblem | undefined;
  /** The token that the last answer created. */
  made: string | undefined;
  /** Whether the person may also make tokens for programs. */
  isManager: boolean;
}

/** The form of a new token. It is cleared after a token was made, and only then. */
export function TokenForm({ refusal, made, isManager }: TokenFormProps) {
  const { errors, values } = refusal ?? { errors: {}, values: {} };
  const [last, setLast] = useState(made);
  if (made !== undefined && made !== last) setLast(made);
  return (
    <PostForm intent="create" stored={last}>
      <CardBody className="grid gap-4 sm:grid-cols-3">
        <Field label="Name" hint="What it is for, such as “nightly report”." error={errors.name}>
          <Input name="name" defaultValue={values.name} required maxLength={100} autoComplete="off" />
        </Field>
        {isManager ? (
          <Field label="Acts as" error={errors.kind}>
            <Select name="kind" defaultValue={values.kind ?? "personal"}>
              <option value="personal">You</option>
              <option value="service">A program, under the token’s name</option>
            </Select>
          </Field>
        ) : (
          <input type="hidden" name="kind" value="personal" />
        )}
        <Field label="Expires after" error={errors.days}>
          <Select name="days" defaultValue={values.days ?? String(apiTokenDays[0])}>
            {[...apiTokenDays]
              .sort((a, b) => a - b)
              .map((days) => (
                <option key={days} value={days}>
                  {days} days
                </option>
              ))}
          </Select>
        </Field>
        <fieldset className="sm:col-span-3">
          <legend className="mb-1.5 text-sm font-medium">What it may do</legend>
          <div className="grid gap-2 sm:grid-cols-2">
            {apiScopes.map((scope) => (
              <label key={scope} className="flex items-start gap-2 text-sm">
                <input
                  type="checkbox"
                  name={scope === "read" ? undefined : "scope"}
                  value={scope}
                  defaultChecked={scope === "read"}
                  disabled={scope === "read"}
                  className="mt-0.5 size-4 shrink-0 accent-accent"
                />
                <span>
                  {apiScopeTitles[scope].title}
                  <span className="block text-xs text-ink-faint">{apiScopeTitles[scope].description}</span>
                </span>
              </label>
            ))}
          </div>
          {errors.scope !== undefined && <p className="mt-1.5 text-sm text-bad">{errors.scope}</p>}
        </fieldset>
        {errors.form !== undefined && (
          <Callout tone="bad" alert className="sm:col-span-3">
            {errors.form}
          </Callout>
        )}
      </CardBody>
      <CardFooter>
        <SubmitButton intent="create">Create token</SubmitButton>
      </CardFooter>
    </PostForm>
  );
}

/** A new token, shown once, with a first request to try. */
export function TokenNotice({ name, token, apiUrl }: { name: string; token: string; apiUrl: string }) {
  return (
    <Callout
      tone="good"
      alert
      title={`The token “${name}”`}
      actions={<CopyButton text={token} label={`Copy the token ${name}`} />}
    >
      <p>Copy it now: it is not shown again.</p>
      <code className="mt-2 block font-mono text-xs break-all text-ink">{token}</code>
      <p className="mt-3">A first request:</p>
      <code className="mt-1 block font-mono text-xs break-all text-ink">
        curl -H &quot;Authorization: Bearer $TOKEN&quot; {apiUrl}/token
      </code>
    </Callout>
  );
}
