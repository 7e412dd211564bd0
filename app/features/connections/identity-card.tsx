import { Unplug } from "lucide-react";

import { ButtonLink } from "~/ui/button";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

import type { FormProblem } from "~/platform/http/form.server";

export interface IdentityCardProps {
  label: string;
  version: string;
  isDisconnected: boolean;
  refusal: FormProblem | undefined;
}

/** The connection's name, and the button that disconnects it. */
export const IdentityCard = ({ label, version, isDisconnected, refusal }: IdentityCardProps) => (
  <Card>
    <CardHeader title="Connection" />
    <CardBody>
      <PostForm
        intent="rename"
        stored={label}
        preventScrollReset
        className="flex flex-wrap items-start gap-x-3 gap-y-2"
      >
        <input type="hidden" name="version" value={version} />
        <Field label="Name" error={refusal?.errors.label} className="min-w-48 flex-1">
          <Input name="label" defaultValue={refusal?.values.label ?? label} required maxLength={80} />
        </Field>
        <SubmitButton intent="rename" variant="secondary" className="mt-6.5">
          Rename
        </SubmitButton>
      </PostForm>
    </CardBody>
    {!isDisconnected && (
      <CardFooter className="justify-between">
        <p className="text-sm text-ink-muted">Stops syncing and removes the key.</p>
        <ButtonLink to="?disconnect=1" preventScrollReset variant="danger-quiet">
          <Unplug aria-hidden />
          Disconnect
        </ButtonLink>
      </CardFooter>
    )}
  </Card>
);
