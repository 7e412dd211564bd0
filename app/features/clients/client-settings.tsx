import { maxClientName } from "@domain/client-name";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { ConfirmButton } from "~/ui/confirm-button";
import { Field, Input, Textarea } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

import { MergeCard, type MergeCardProps } from "./merge-card";

interface ClientSettingsProps {
  client: { name: string; notes: string | null; archivedAt: string | null };
  version: string;
  /** The answer to a refused form. */
  refusal: { errors: Partial<Record<string, string>>; values: Record<string, string> } | undefined;
  merge: Omit<MergeCardProps, "name" | "error">;
}

/** The content of “Edit”: name and notes, merging and archiving. */
export function ClientSettings({ client, version, refusal, merge }: ClientSettingsProps) {
  const errors = refusal?.errors ?? {};
  const late = errors["details"] === undefined ? undefined : refusal?.values;
  const isArchived = client.archivedAt !== null;
  return (
    <div className="mb-5 grid items-start gap-5 lg:grid-cols-2 print:hidden">
      <Card>
        <PostForm intent="change" stored={version}>
          <CardHeader title="Details" />
          <CardBody className="space-y-4">
            <input type="hidden" name="version" value={version} />
            {errors["details"] !== undefined && (
              <Callout tone="bad" alert>
                {errors["details"]}
              </Callout>
            )}
            <Field label="Name" error={errors["name"]} hint={storedNow(late?.["name"], client.name)}>
              <Input
                name="name"
                defaultValue={refusal?.values["name"] ?? client.name}
                required
                maxLength={maxClientName}
              />
            </Field>
            <Field
              label="Notes"
              optional
              error={errors["notes"]}
              hint={storedNow(late?.["notes"], client.notes ?? "")}
            >
              <Textarea name="notes" defaultValue={refusal?.values["notes"] ?? client.notes ?? ""} rows={4} />
            </Field>
          </CardBody>
          <CardFooter>
            <SubmitButton intent="change">Save</SubmitButton>
          </CardFooter>
        </PostForm>
      </Card>
      <div className="space-y-5">
        <MergeCard {...merge} name={client.name} error={errors["into"]} />
        <Card>
          <CardHeader
            title={isArchived ? "Bring back" : "Archive"}
            description={
              isArchived
                ? "It appears among your clients again."
                : "It leaves the lists. Its assets and its history are kept."
            }
            actions={
              isArchived ? (
                <PostForm intent="restore">
                  <SubmitButton intent="restore" variant="secondary" size="sm">
                    Bring back
                  </SubmitButton>
                </PostForm>
              ) : (
                <ConfirmButton
                  intent="archive"
                  label="Archive"
                  title={`Archive ${client.name}?`}
                  confirm="Archive"
                >
                  It leaves the lists. You can bring it back at any time.
                </ConfirmButton>
              )
            }
          />
        </Card>
      </div>
    </div>
  );
}

/** The stored value, shown beside a typed one that would overwrite it. */
const storedNow = (typed: string | undefined, stored: string) =>
  typed === undefined || typed === stored ? undefined : (
    <span className="block break-words whitespace-pre-line">{`Stored now: ${stored || "nothing"}`}</span>
  );
