import { useId, useState, type FormEvent } from "react";

import { maxClientName } from "@domain/client-name";
import type { MappingState } from "@domain/group-tree";
import { mappingRuleLimits, ruleKey, ruleProblem, type MappingRuleInput } from "@domain/mapping-rules";
import { Button } from "~/ui/button";
import { DialogActions } from "~/ui/dialog";
import { Field, Input, Select } from "~/ui/field";

export interface PathRuleFormProps {
  /** Undefined for a new one. */
  rule: MappingRuleInput | undefined;
  others: readonly MappingRuleInput[];
  clients: readonly { name: string }[];
  onCancel: () => void;
  onDone: (rule: MappingRuleInput) => void;
}

/** The fields of one rule. */
export function PathRuleForm({ rule, others, clients, onCancel, onDone }: PathRuleFormProps) {
  const [pattern, setPattern] = useState(rule?.pattern ?? "");
  const [state, setState] = useState<MappingState>(rule?.state ?? "mapped");
  const [client, setClient] = useState(rule?.client ?? "");
  const [isAsked, setAsked] = useState(false);
  const list = useId();
  const made: MappingRuleInput = {
    pattern: pattern.trim(),
    state,
    client: state === "mapped" && client.trim() !== "" ? client.trim() : null,
  };
  const isTwice = others.some((other) => ruleKey(other) === ruleKey(made));
  const problem = isTwice
    ? { column: "pattern" as const, message: "There is a rule with this pattern already." }
    : ruleProblem(made);
  const errorOf = (column: "pattern" | "client") =>
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
        <Field
          label="Client"
          error={errorOf("client")}
          hint="Made if there is none of this name. {client} takes the name from the path."
        >
          <Input
            value={client}
            list={list}
            maxLength={maxClientName}
            onChange={(event) => setClient(event.target.value)}
          />
        </Field>
      )}
      <datalist id={list}>
        {clients.map(({ name }) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary">
          {rule === undefined ? "Add rule" : "Change rule"}
        </Button>
      </DialogActions>
    </form>
  );
}
