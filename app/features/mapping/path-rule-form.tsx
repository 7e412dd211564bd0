import { useId, useState, type FormEvent } from "react";

import { maxClientName } from "@domain/client-name";
import type { MappingState } from "@domain/group-tree";
import {
  mappingRuleLimits,
  ruleInput,
  ruleKey,
  ruleProblem,
  type MappingRuleInput,
} from "@domain/mapping-rules";
import { foldText, textLimits } from "@domain/text";
import { Button } from "~/ui/button";
import { DialogActions } from "~/ui/dialog";
import { Field, Input, Select } from "~/ui/field";

import type { ClientParts, PartName } from "./mapping.page.server";

export interface PathRuleFormProps {
  /** The rule to edit; undefined for a new one. */
  rule: MappingRuleInput | undefined;
  others: readonly MappingRuleInput[];
  clients: readonly { id: string; name: string }[];
  parts: ClientParts;
  onCancel: () => void;
  onDone: (rule: MappingRuleInput) => void;
}

/** The fields of one rule. */
export function PathRuleForm({ rule, others, clients, parts, onCancel, onDone }: PathRuleFormProps) {
  const [pattern, setPattern] = useState(rule?.pattern ?? "");
  const [state, setState] = useState<MappingState>(rule?.state ?? "mapped");
  const [client, setClient] = useState(rule?.client ?? "");
  const [site, setSite] = useState(rule?.site ?? "");
  const [contact, setContact] = useState(rule?.contact ?? "");
  const [isAsked, setAsked] = useState(false);
  const given = (text: string) => (state === "mapped" && text.trim() !== "" ? text.trim() : null);
  const made = ruleInput({
    pattern: pattern.trim(),
    state,
    client: given(client),
    site: given(site),
    contact: given(contact),
  });
  const clientId = clients.find(({ name }) => foldText(name) === foldText(client.trim()))?.id;
  const namesOf = (all: readonly PartName[]) => all.filter((part) => part.clientId === clientId);
  const isTwice = others.some((other) => ruleKey(other) === ruleKey(made));
  const problem = isTwice
    ? { column: "pattern" as const, message: "There is a rule with this pattern already." }
    : ruleProblem(made);
  const errorOf = (column: NonNullable<typeof problem>["column"]) =>
    isAsked && problem?.column === column ? problem.message : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setAsked(true);
    if (problem === null) onDone(made);
  };
  return (
    <form onSubmit={submit} className="space-y-4">
      <Field
        label="Pattern of the path"
        error={errorOf("pattern")}
        hint="Names from the top with / between them. * is any text in a name, ** any groups or none, {client} a whole name: HQ/*/Servers, Customers/{client}/**"
      >
        <Input
          value={pattern}
          maxLength={mappingRuleLimits.pattern}
          spellCheck={false}
          onChange={(event) => setPattern(event.target.value)}
        />
      </Field>
      <Field label="Groups that match">
        <Select value={state} onChange={(event) => setState(event.target.value as MappingState)}>
          <option value="mapped">are mapped to a client</option>
          <option value="excluded">are excluded</option>
          <option value="inherit">inherit from the group above</option>
        </Select>
      </Field>
      {state === "mapped" && (
        <>
          <NameField
            label="Client"
            error={errorOf("client")}
            hint="Made if there is none of this name. {client} takes the name from the path."
            value={client}
            names={clients}
            maxLength={maxClientName}
            onChange={setClient}
          />
          <NameField
            label="Site"
            error={errorOf("site")}
            hint="Of the client, or blank. Made if it has none of this name; a name of the path works here too."
            value={site}
            names={namesOf(parts.sites)}
            maxLength={textLimits.name}
            onChange={setSite}
          />
          <NameField
            label="Default contact"
            error={errorOf("contact")}
            hint="Like the site."
            value={contact}
            names={namesOf(parts.contacts)}
            maxLength={textLimits.name}
            onChange={setContact}
          />
        </>
      )}
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary">
          {rule === undefined ? "Add rule" : "Change rule"}
        </Button>
      </DialogActions>
    </form>
  );
}

interface NameFieldProps {
  label: string;
  error: string | undefined;
  hint: string;
  value: string;
  /** Names that are offered while the person types. */
  names: readonly { name: string }[];
  maxLength: number;
  onChange: (value: string) => void;
}

function NameField({ label, error, hint, value, names, maxLength, onChange }: NameFieldProps) {
  const list = useId();
  return (
    <Field label={label} error={error} hint={hint}>
      <Input
        value={value}
        list={list}
        maxLength={maxLength}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={list}>
        {names.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </Field>
  );
}
