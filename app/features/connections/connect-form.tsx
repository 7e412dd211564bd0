import { KeyRound } from "lucide-react";

import { Callout } from "~/ui/callout";
import { CardBody, CardFooter } from "~/ui/card";
import { Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

import type { FormProblem } from "~/platform/http/form.server";

/** The field of an API key: never filled in, and ignored by password managers. */
export const KeyInput = () => (
  <Input
    name="apiKey"
    type="password"
    required
    autoComplete="off"
    autoCapitalize="none"
    spellCheck={false}
    data-1p-ignore
    data-lpignore="true"
    className="font-mono"
  />
);

/** The form that connects an account. The key is tested against Level before anything is stored. */
export function ConnectForm({
  refusal,
  suggestedLabel,
}: {
  refusal: FormProblem | undefined;
  suggestedLabel: string;
}) {
  const { errors, values } = refusal ?? { errors: {}, values: {} };
  return (
    <PostForm intent="connect">
      <CardBody className="space-y-4">
        {errors.form !== undefined && (
          <Callout tone="bad" alert>
            {errors.form}
          </Callout>
        )}
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Name of the connection"
            hint="For instance the name of the Level account."
            error={errors.label}
          >
            <Input
              name="label"
              defaultValue={values.label ?? suggestedLabel}
              required
              maxLength={80}
              autoComplete="off"
            />
          </Field>
          <Field
            label="API key"
            hint="In Level: Settings → API keys. Read-only is enough; Read & write lets you resolve alerts from here."
            error={errors.apiKey}
          >
            <KeyInput />
          </Field>
        </div>
      </CardBody>
      <CardFooter className="justify-between">
        <p className="flex min-w-0 items-center gap-1.5 text-xs text-ink-faint">
          <KeyRound aria-hidden className="size-3.5 shrink-0" />
          Tested against Level first, then stored encrypted.
        </p>
        <SubmitButton intent="connect">Test and connect</SubmitButton>
      </CardFooter>
    </PostForm>
  );
}
