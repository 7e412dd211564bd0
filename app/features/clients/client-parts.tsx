import { MapPin, UserRound, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

import { clientPartFields, type ClientPartKind } from "@domain/client-parts";
import { textLimits } from "@domain/text";
import { Callout } from "~/ui/callout";
import { Card, CardHeader } from "~/ui/card";
import { ConfirmButton } from "~/ui/confirm-button";
import { EmptyState } from "~/ui/empty-state";
import { Field, Input, Textarea } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

/** A site or a contact; its kind determines its fields. */
interface Part {
  id: string;
  name: string;
  version: string;
  address?: string | null;
  email?: string | null;
  phone?: string | null;
}

interface Refusal {
  errors: Partial<Record<string, string>>;
  values: Record<string, string>;
}

export interface ClientPartsCardProps {
  kind: ClientPartKind;
  parts: Part[];
  mayWrite: boolean;
  /** The answer to a refused form of this page, from this card or another. */
  refusal: Refusal | undefined;
}

const look: Record<ClientPartKind, { title: string; text: string; icon: LucideIcon }> = {
  site: { title: "Sites", text: "Where this client is. A group can be mapped to one.", icon: MapPin },
  contact: { title: "Contacts", text: "Whom to call about this client's devices.", icon: UserRound },
};

const labels = { name: "Name", address: "Address", email: "E-mail", phone: "Phone" };

const limits = { name: textLimits.name, address: 500, email: 254, phone: 50 };

/** The sites or the contacts of a client, each with a form. */
export function ClientPartsCard({ kind, parts, mayWrite, refusal }: ClientPartsCardProps) {
  const { title, text, icon } = look[kind];
  const ofIntent = (intent: string, id = "") =>
    refusal?.values["intent"] === intent && (refusal.values["id"] ?? "") === id ? refusal : undefined;
  return (
    <Card>
      <CardHeader title={title} description={text} />
      {parts.length === 0 ? (
        <EmptyState icon={icon} title={`No ${kind}s yet`} />
      ) : (
        <ul>
          {parts.map((part) => (
            <li key={part.id} className="border-t border-line px-4 py-2.5">
              <PartText part={part} />
              {mayWrite && (
                <div className="mt-1 flex flex-wrap items-start gap-x-3 gap-y-1 print:hidden">
                  <Unfolding
                    key={part.version}
                    label="Edit"
                    name={part.name}
                    isOpen={ofIntent(`change-${kind}`, part.id) !== undefined}
                  >
                    <PartForm kind={kind} part={part} refusal={ofIntent(`change-${kind}`, part.id)} />
                    <div className="mt-2">
                      <ConfirmButton
                        intent={`remove-${kind}`}
                        fields={{ id: part.id }}
                        label={`Remove this ${kind}`}
                        title={`Remove ${part.name}?`}
                        confirm="Remove"
                      >
                        Assets and mapped groups that name it keep their client, and name no {kind} any more.
                      </ConfirmButton>
                    </div>
                  </Unfolding>
                </div>
              )}
            </li>
          ))}
        </ul>
      )}
      {mayWrite && (
        <div className="border-t border-line px-4 py-2.5 print:hidden">
          <Unfolding
            key={parts.length}
            label={`Add a ${kind}`}
            isOpen={ofIntent(`add-${kind}`) !== undefined}
          >
            <PartForm kind={kind} refusal={ofIntent(`add-${kind}`)} />
          </Unfolding>
        </div>
      )}
    </Card>
  );
}

const PartText = ({ part: { name, address, email, phone } }: { part: Part }) => (
  <>
    <p className="font-medium break-words">{name}</p>
    {typeof address === "string" && (
      <p className="text-sm break-words whitespace-pre-line text-ink-muted">{address}</p>
    )}
    {(typeof email === "string" || typeof phone === "string") && (
      <p className="flex flex-wrap gap-x-3 text-sm text-ink-muted">
        {typeof email === "string" && (
          <a href={`mailto:${encodeURIComponent(email)}`} className="break-all hover:underline">
            {email}
          </a>
        )}
        {typeof phone === "string" && (
          <a href={`tel:${encodeURIComponent(phone.replaceAll(" ", ""))}`} className="hover:underline">
            {phone}
          </a>
        )}
      </p>
    )}
  </>
);

/** A form that opens without scripts, and is open if it was refused. */
const Unfolding = ({
  label,
  name,
  isOpen,
  children,
}: {
  label: string;
  name?: string;
  isOpen: boolean;
  children: ReactNode;
}) => (
  <details className="w-full" open={isOpen || undefined}>
    <summary className="w-fit cursor-pointer text-sm font-medium text-accent hover:underline">
      {label}
      {name !== undefined && <span className="sr-only"> {name}</span>}
    </summary>
    <div className="mt-3 max-w-md">{children}</div>
  </details>
);

function PartForm({
  kind,
  part,
  refusal,
}: {
  kind: ClientPartKind;
  part?: Part;
  refusal: Refusal | undefined;
}) {
  const intent = part === undefined ? `add-${kind}` : `change-${kind}`;
  const errors = refusal?.errors ?? {};
  return (
    <PostForm
      intent={intent}
      className="space-y-3"
      preventScrollReset
      {...(part === undefined ? { asksBeforeLeaving: true } : { stored: part.version })}
    >
      {part !== undefined && (
        <>
          <input type="hidden" name="id" value={part.id} />
          <input type="hidden" name="version" value={part.version} />
        </>
      )}
      {errors["part"] !== undefined && (
        <Callout tone="bad" alert>
          {errors["part"]}
        </Callout>
      )}
      {clientPartFields[kind].map((field) => {
        const common = {
          name: field,
          defaultValue: refusal?.values[field] ?? part?.[field] ?? "",
          maxLength: limits[field],
        };
        return (
          <Field key={field} label={labels[field]} optional={field !== "name"} error={errors[field]}>
            {field === "address" ? (
              <Textarea {...common} rows={2} />
            ) : (
              <Input
                {...common}
                required={field === "name"}
                type={field === "email" ? "email" : field === "phone" ? "tel" : "text"}
              />
            )}
          </Field>
        );
      })}
      <SubmitButton intent={intent} variant={part === undefined ? "primary" : "secondary"} size="sm">
        {part === undefined ? `Add the ${kind}` : "Save"}
      </SubmitButton>
    </PostForm>
  );
}
