import { useState, type FormEvent, type ReactNode } from "react";

import { maxClientName } from "@domain/client-name";
import type { FormProblem } from "~/platform/http/form.server";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { Field, Input, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

import type { GroupLine } from "./mapping.page.server";
import type { EditsPreview } from "./preview-edits.server";
import { PreviewPanel } from "./preview-panel";

export interface GroupFormProps {
  group: GroupLine;
  clients: readonly { id: string; name: string }[];
  version: number;
  refusal: FormProblem | undefined;
  preview: EditsPreview | undefined;
  /** The choice when the preview was requested. */
  values: Record<string, string> | undefined;
  cancelTo: string;
}

/** Changes one group without scripts: preview, then save, both with ordinary forms. */
export function GroupForm({ group, clients, version, refusal, preview, values, cancelTo }: GroupFormProps) {
  const [outdated, setOutdated] = useState<EditsPreview>();
  const errors = refusal?.errors ?? {};
  const given = values ?? refusal?.values ?? {};
  // The previewed choice is the one that is saved, until the form reports a newer mapping.
  const lookedAt = errors.version === undefined ? (given["version"] ?? version) : version;
  const shownClientId = given["shownClientId"] ?? group.clientId ?? "";
  const refused = errors.version ?? errors.form;
  const stored = group.state === "mapped" && group.clientId !== null ? "client" : group.state;
  const choice = given["choice"] ?? (stored === "mapped" ? "inherit" : stored);
  /** Typing or picking selects its option and discards the preview of another. */
  const follow = (event: FormEvent<HTMLFieldSetElement>) => {
    const changed = event.target as HTMLInputElement | HTMLSelectElement;
    const choices = changed.form!.elements.namedItem("choice") as RadioNodeList;
    if (changed.name !== "choice") choices.value = changed.name === "clientId" ? "client" : "new";
    setOutdated(preview);
  };
  const option = (value: string, text: ReactNode) => (
    <label className="flex items-center gap-2.5 text-sm">
      <input
        type="radio"
        name="choice"
        value={value}
        defaultChecked={choice === value}
        className="size-4 accent-accent"
      />
      {text}
    </label>
  );
  return (
    <Card>
      <CardHeader title={group.path} description="What happens with the devices of this group" />
      <PostForm method="post">
        <input type="hidden" name="version" value={lookedAt} />
        <input type="hidden" name="externalId" value={group.id} />
        <input type="hidden" name="shownClientId" value={shownClientId} />
        <CardBody className="space-y-4">
          {refused !== undefined && (
            <Callout tone="bad" alert>
              {refused}
            </Callout>
          )}
          <fieldset className="space-y-3" onInput={follow}>
            <legend className="sr-only">Choice</legend>
            {option("client", "They belong to this client:")}
            <Field label="Client" labelHidden error={errors.clientId} className="ml-6.5 max-w-80">
              <Select name="clientId" defaultValue={given["clientId"] ?? group.clientId ?? ""}>
                <option value="">Choose a client</option>
                {clients.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            </Field>
            {option("new", "They belong to a new client:")}
            <Field
              label="Name of the new client"
              labelHidden
              error={errors.clientName}
              className="ml-6.5 max-w-80"
            >
              <Input
                name="clientName"
                maxLength={maxClientName}
                defaultValue={given["clientName"] ?? group.name}
              />
            </Field>
            {option("inherit", "As the group above says")}
            {option("excluded", "Exclude: no assets from here")}
            {errors.choice !== undefined && (
              <p className="text-sm text-bad" role="alert">
                {errors.choice}
              </p>
            )}
          </fieldset>
          {preview !== undefined && preview !== outdated && <PreviewPanel preview={preview} />}
        </CardBody>
        <CardFooter>
          <ButtonLink to={cancelTo}>Back</ButtonLink>
          <SubmitButton name="intent" value="preview-group" variant="secondary">
            What would it do?
          </SubmitButton>
          <SubmitButton name="intent" value="save-group">
            Save
          </SubmitButton>
        </CardFooter>
      </PostForm>
    </Card>
  );
}
