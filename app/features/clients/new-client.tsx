import { Plus } from "lucide-react";

import { maxClientName } from "@domain/client-name";
import type { FormProblem } from "~/platform/http/form.server";
import { ButtonLink } from "~/ui/button";
import { Field, Input, Textarea } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

/** A panel with two ways to create clients, by a form or by a file. Opens without scripts. */
export function NewClient({ refusal }: { refusal: FormProblem | undefined }) {
  const { errors, values } = refusal ?? { errors: {}, values: {} };
  return (
    <details className="group relative" open={refusal !== undefined || undefined}>
      <summary className="inline-flex h-8 list-none items-center gap-1.5 rounded-md bg-accent px-3 text-sm font-medium text-on-accent shadow-card hover:bg-accent-strong [&::-webkit-details-marker]:hidden">
        <Plus aria-hidden className="size-4" />
        New client
      </summary>
      <div className="absolute top-full right-0 z-30 mt-2 w-[min(22rem,calc(100vw-2rem))] rounded-xl border border-line bg-raised p-4 shadow-pop max-sm:fixed max-sm:inset-x-4 max-sm:top-16 max-sm:w-auto">
        <PostForm intent="create" asksBeforeLeaving className="space-y-3">
          <Field label="Name" error={errors.name}>
            <Input name="name" defaultValue={values.name} required maxLength={maxClientName} />
          </Field>
          <Field label="Notes" optional error={errors.notes}>
            <Textarea name="notes" defaultValue={values.notes} rows={2} />
          </Field>
          <SubmitButton intent="create" className="w-full">
            Create the client
          </SubmitButton>
        </PostForm>
        <Or />
        <ButtonLink to="/clients/import" className="w-full">
          Import from CSV
        </ButtonLink>
      </div>
    </details>
  );
}

const Or = () => (
  <p className="my-4 flex items-center gap-3 text-xs text-ink-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
    or many at once
  </p>
);
