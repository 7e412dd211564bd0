import { Badge } from "~/ui/badge";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { PageHeader } from "~/ui/page-header";
import { RelativeTime } from "~/ui/time";

import { RuleForm, RulePreviewCard, type RuleAnswer, type RuleFormProps } from "./rule-form";

export interface RulePageProps {
  title: string;
  form: Omit<RuleFormProps, "errors"> & {
    isEnabled: boolean;
    hasStopped: boolean;
    history: { id: string; text: string; at: string }[];
  };
  answer: RuleAnswer | undefined;
}

/** The page of a new or existing rule, with its preview and its history beside the form. */
export const RulePage = ({ title, form, answer }: RulePageProps) => (
  <>
    <PageHeader
      title={title}
      back={{ to: "/settings/rules", label: "Rules" }}
      badges={form.isEnabled && <Badge tone="good">On</Badge>}
    />
    {answer?.errors["form"] !== undefined && (
      <Callout tone="bad" alert className="mb-5">
        {answer.errors["form"]}
      </Callout>
    )}
    {form.hasStopped && (
      <Callout tone="bad" className="mb-5" title="This rule has stopped itself">
        It matched too many incidents within an hour. Narrow it, look at what it would have done, and switch
        it on again.
      </Callout>
    )}
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <RuleForm
        values={answer?.values ?? form.values}
        errors={answer?.errors ?? {}}
        choices={form.choices}
        timeZone={form.timeZone}
      />
      <div className="grid gap-5">
        {answer?.preview !== undefined && <RulePreviewCard preview={answer.preview} />}
        {form.history.length > 0 && (
          <Card>
            <CardHeader title="History" />
            <CardBody>
              <ul className="grid gap-2 text-sm">
                {form.history.map(({ id, text, at }) => (
                  <li key={id} className="wrap-anywhere">
                    {text} <RelativeTime at={at} className="text-xs text-ink-faint" />
                  </li>
                ))}
              </ul>
            </CardBody>
          </Card>
        )}
      </div>
    </div>
  </>
);
