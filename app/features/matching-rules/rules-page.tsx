import type { SerializeFrom } from "@remix-run/node";

import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { RelativeTime } from "~/ui/time";

import type { RulesAnswer } from "./actions.server";
import { RulesForm, RulesPreviewCard } from "./rules-form";
import type { readRulesPage } from "./rules.page.server";

interface RulesPageProps {
  page: SerializeFrom<NonNullable<Awaited<ReturnType<typeof readRulesPage>>>> & { mayManage: boolean };
  answer: SerializeFrom<RulesAnswer> | undefined;
}

/** The matching rules of a connection, with the preview of a change and the history of changes beside the form. */
export const RulesPage = ({ page, answer }: RulesPageProps) => (
  <>
    {answer?.errors["form"] !== undefined && (
      <Callout tone="bad" alert className="mb-5">
        {answer.errors["form"]}
      </Callout>
    )}
    {!page.mayManage && (
      <Callout tone="info" className="mb-5">
        Only somebody who manages connections can change these rules.
      </Callout>
    )}
    <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
      <fieldset disabled={!page.mayManage} className="min-w-0">
        <RulesForm
          // A new key, so that after saving the form shows the stored values.
          key={page.version}
          rules={answer?.rules ?? page.rules}
          version={page.version}
          groups={page.groups}
          clients={page.clients}
          errors={answer?.errors ?? {}}
        />
      </fieldset>
      <div className="grid gap-5">
        {answer?.preview !== undefined && <RulesPreviewCard preview={answer.preview} />}
        <Card>
          <CardHeader
            title="Versions"
            description="A sync follows the version that counted when it began. The audit log has what changed."
          />
          <CardBody>
            {page.history.length === 0 ? (
              <p className="text-sm text-ink-muted">Nobody has changed these rules.</p>
            ) : (
              <ol className="grid gap-2 text-sm">
                {page.history.map(({ version, actor, createdAt }) => (
                  <li key={version} className="wrap-anywhere">
                    {`Version ${version} by ${actor} `}
                    <RelativeTime at={createdAt} className="text-xs text-ink-faint" />
                  </li>
                ))}
              </ol>
            )}
          </CardBody>
        </Card>
      </div>
    </div>
  </>
);
