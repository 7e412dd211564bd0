import { count, formatNumber } from "@domain/format";
import { comparedFields } from "@domain/asset-fields";
import { matchKeys } from "@domain/identity";
import { DEFAULT_PRIORITY, type JunkKind, type MatchingRules } from "@domain/matching-rules";
import { placeholderSerials } from "@domain/placeholder-keys";
import { Boxes } from "~/features/alert-conditions/condition-fields";
import { PickMany } from "~/features/alert-conditions/pick-many";
import { EnterPreviews } from "~/features/alert-conditions/preview-form";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { Field, Select, Textarea } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

import type { RulesPreview } from "./preview-rules.server";
import { standingFieldLabels, junkLabels, keyLabels } from "./labels";

export interface RulesFormProps {
  rules: MatchingRules;
  version: number;
  groups: { id: string; name: string }[];
  clients: { id: string; name: string }[];
  errors: Partial<Record<string, string>>;
}

/** The form of a connection's matching rules. */
export const RulesForm = ({ rules, version, groups, clients, errors }: RulesFormProps) => (
  <PostForm asksBeforeLeaving>
    <EnterPreviews />
    <input type="hidden" name="version" value={version} />
    <div className="grid gap-5">
      <Card>
        <CardHeader
          title="New devices"
          description="Which devices that Level lists for the first time wait for approval before they get an asset. A device that joins an asset which is there never waits."
        />
        <CardBody className="grid gap-4">
          <ApprovalFields rules={rules} groups={groups} error={errors["approval"]} />
          {errors["approval.groups"] !== undefined && (
            <p className="text-sm text-bad">{errors["approval.groups"]}</p>
          )}
        </CardBody>
      </Card>
      <Card>
        <CardHeader
          title="What a new device is matched by"
          description="The first key that finds an asset of the client decides. Evidence against a match still counts, and what is not certain is asked."
        />
        <CardBody>
          <div className="grid gap-4 sm:grid-cols-3">
            {["First by", "Then by", "Then by"].map((label, place) => (
              <Field key={place} label={label} error={place === 0 ? errors["keys"] : undefined}>
                <Select name="key" defaultValue={rules.keys[place] ?? ""}>
                  <option value="">Nothing</option>
                  {matchKeys.map((key) => (
                    <option key={key} value={key}>
                      {keyLabels[key]}
                    </option>
                  ))}
                </Select>
              </Field>
            ))}
          </div>
        </CardBody>
      </Card>
      <Card>
        <CardHeader
          title="Values that identify nothing"
          description="One on each line. Upper and lower case, blanks and punctuation do not matter."
        />
        <CardBody className="grid gap-4">
          <div className="grid gap-4 lg:grid-cols-3">
            {(["serials", "macs", "hostnames"] as const).map((kind) => (
              <JunkField key={kind} kind={kind} values={rules.junk[kind]} error={errors[`junk.${kind}`]} />
            ))}
          </div>
          <details className="text-sm text-ink-muted">
            <summary className="cursor-pointer">Ignored without being listed</summary>
            <p className="mt-2 max-w-prose">
              Addresses that software makes up, names such as “desktop” or “localhost”, serial numbers of one
              character repeated, and: {placeholderSerials.join(" · ")}
            </p>
          </details>
        </CardBody>
      </Card>
      <Card>
        <CardHeader
          title="Differences to Level"
          description="What a sync does where a value that a person set differs from Level's, without asking. A rule about one client goes before one about all."
        />
        <CardBody className="grid gap-3">
          {[...rules.differences, undefined].map((rule, row) => (
            <StandingRule
              // A new key, so that after a row was added or removed each row shows the stored values.
              key={`${row} ${rule === undefined ? "new" : `${rule.field} ${rule.clientId}`}`}
              rule={rule}
              clients={clients}
            />
          ))}
          {errors["differences"] !== undefined && <p className="text-sm text-bad">{errors["differences"]}</p>}
        </CardBody>
      </Card>
      <Card>
        <CardHeader
          title="Where another connection knows the same asset"
          description="Its facts come from the connection with the lowest number; of equal ones, from the latest report."
        />
        <CardBody>
          <Field label="Priority" error={errors["priority"]} className="max-w-48">
            <Select name="priority" defaultValue={rules.priority}>
              {[1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => (
                <option key={n} value={n}>
                  {n === 1 ? "1 (first)" : n === DEFAULT_PRIORITY ? `${n} (as every connection)` : n}
                </option>
              ))}
            </Select>
          </Field>
        </CardBody>
        <CardFooter>
          <SubmitButton name="intent" value="preview" variant="secondary">
            What would it do?
          </SubmitButton>
          <SubmitButton name="intent" value="save">
            Save
          </SubmitButton>
        </CardFooter>
      </Card>
    </div>
  </PostForm>
);

type Standing = MatchingRules["differences"][number];

const StandingRule = ({
  rule,
  clients,
}: {
  rule: Standing | undefined;
  clients: RulesFormProps["clients"];
}) => (
  <div className="grid gap-2 sm:grid-cols-3">
    <Field label="Field" labelHidden>
      <Select name="field" defaultValue={rule?.field ?? "name"}>
        {comparedFields.map((field) => (
          <option key={field} value={field}>
            {standingFieldLabels[field]}
          </option>
        ))}
      </Select>
    </Field>
    <Field label="Client" labelHidden>
      <Select name="client" defaultValue={rule?.clientId ?? ""}>
        <option value="">of any client</option>
        {clients.map(({ id, name }) => (
          <option key={id} value={id}>
            of {name}
          </option>
        ))}
      </Select>
    </Field>
    <Field label="What a sync does" labelHidden>
      <Select name="keep" defaultValue={rule?.keep ?? ""}>
        <option value="">{rule === undefined ? "No further rule" : "Remove this rule"}</option>
        <option value="ours">Always keep ours</option>
        <option value="theirs">Always take Level’s</option>
      </Select>
    </Field>
  </div>
);

const modes = [
  ["none", "No new device waits"],
  ["all", "Every new device waits"],
  ["some", "Only those in these groups or of these types wait"],
] as const;

const ApprovalFields = ({
  rules: { approval },
  groups,
  error,
}: Pick<RulesFormProps, "rules" | "groups"> & { error: string | undefined }) => (
  <>
    <fieldset className="grid gap-1.5">
      <legend className="sr-only">Approval</legend>
      {modes.map(([mode, text]) => (
        <label key={mode} className="flex items-center gap-2 text-sm">
          <input
            type="radio"
            name="mode"
            value={mode}
            defaultChecked={approval.mode === mode}
            className="size-4 accent-accent"
          />
          {text}
        </label>
      ))}
      {error !== undefined && <p className="text-sm text-bad">{error}</p>}
    </fieldset>
    <div className="grid gap-4 sm:grid-cols-2">
      <PickMany
        label="Groups, with all below"
        noun="group"
        none="No group"
        name="group"
        choices={groups}
        picked={approval.groups}
      />
      <Boxes
        label="Types"
        name="type"
        ticked={approval.types}
        choices={[
          ["server", "Servers"],
          ["workstation", "Workstations"],
        ]}
      />
    </div>
  </>
);

const JunkField = ({
  kind,
  values,
  error,
}: {
  kind: JunkKind;
  values: readonly string[];
  error: string | undefined;
}) => (
  <Field label={junkLabels[kind].many} optional error={error}>
    <Textarea name={kind} rows={5} defaultValue={values.join("\n")} spellCheck={false} autoComplete="off" />
  </Field>
);

/** What the rules would have done, and what they would do with waiting devices. */
export const RulesPreviewCard = ({ preview }: { preview: RulesPreview }) => {
  const { approval, unused, junk, shared } = preview;
  const resolved = preview.differences.reduce((sum, n) => sum + n, 0);
  return (
    <Card>
      <CardHeader title="What it would do" description="Nothing is saved yet." />
      <CardBody className="grid gap-2">
        <Callout tone="info">
          Of {count(approval.lately, "device")} that got an asset in the last 30 days,{" "}
          {formatNumber(approval.wouldWait)} would have waited for approval.
        </Callout>
        {approval.released > 0 && (
          <Callout tone="warn">
            {count(approval.released, "device waits", "devices wait")} for approval now and would get{" "}
            {approval.released === 1 ? "an asset" : "assets"} with the next sync.
          </Callout>
        )}
        {unused.map(({ by, devices }) => (
          <Callout key={by} tone="warn">
            {count(devices, "device")} joined an asset by the {keyLabels[by].toLowerCase()} so far and{" "}
            {devices === 1 ? "stays" : "stay"} there. Without that key, further ones like{" "}
            {devices === 1 ? "it" : "them"} get assets of their own.
          </Callout>
        ))}
        {resolved > 0 && (
          <Callout tone="warn">
            {count(resolved, "difference")} to Level {resolved === 1 ? "is" : "are"} resolved by the rules as
            soon as they are saved.
          </Callout>
        )}
        <p className="text-sm text-ink-muted">
          {shared === 0
            ? "No asset is known by another connection too."
            : `${count(shared, "asset is", "assets are")} known by another connection too; the next full sync of each follows the priorities.`}
        </p>
        {junk.length > 0 && (
          <ul className="grid gap-1 text-sm wrap-anywhere">
            {junk.map(({ kind, value, assets, isKnown }) => (
              <li key={`${kind} ${value}`}>
                {junkLabels[kind].one} “{value}”:{" "}
                {isKnown
                  ? "is ignored anyway"
                  : assets === 0
                    ? "no asset has it"
                    : `${count(assets, "asset")} ${assets === 1 ? "is" : "are"} no longer found by it`}
                .
              </li>
            ))}
          </ul>
        )}
      </CardBody>
    </Card>
  );
};
