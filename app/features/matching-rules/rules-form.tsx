import { count, formatNumber } from "@domain/format";
import { matchKeys } from "@domain/identity";
import type { JunkKind, MatchingRules } from "@domain/matching-rules";
import { placeholderSerials } from "@domain/placeholder-keys";
import { Boxes } from "~/features/alert-conditions/condition-fields";
import { PickMany } from "~/features/alert-conditions/pick-many";
import { EnterPreviews } from "~/features/alert-conditions/preview-form";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { Field, Select, Textarea } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";

import type { RulesPreview } from "./preview-rules.server";
import { junkLabels, keyLabels } from "./labels";

export interface RulesFormProps {
  rules: MatchingRules;
  version: number;
  groups: { id: string; name: string }[];
  errors: Partial<Record<string, string>>;
}

/** The form of a connection's matching rules. */
export const RulesForm = ({ rules, version, groups, errors }: RulesFormProps) => (
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

/** What the rules would have done, and what they do with what waits. */
export const RulesPreviewCard = ({ preview }: { preview: RulesPreview }) => {
  const { approval, unused, junk } = preview;
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
