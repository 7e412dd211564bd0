import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { count } from "@domain/format";
import { missedText } from "~/features/alerts/labels";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { troubleText, authSchemeLabels } from "~/ui/delivery-labels";
import { PostForm, SubmitButton } from "~/ui/form";
import { ExactTime, RelativeTime } from "~/ui/time";

import type { WebhookHealth } from "./webhook-health.page.server";

type Health = SerializeFrom<WebhookHealth>;

export interface WebhookHealthCardProps {
  health: Health;
  connectionId: string;
  mayManage: boolean;
}

/** The webhook's problems of the last day, and a button that tests it. */
export const WebhookHealthCard = ({ health, connectionId, mayManage }: WebhookHealthCardProps) => (
  <Card>
    <CardHeader
      title="Deliveries"
      description="What was refused or could not be applied in the last 24 hours, and why."
    />
    <CardBody className="space-y-4 text-sm">
      <Trouble trouble={health.trouble} />
      {health.previousSecret !== null && (
        <PreviousSecret previous={health.previousSecret} connectionId={connectionId} />
      )}
      <Comparison comparison={health.lastComparison} />
    </CardBody>
    <CardFooter>
      <Link
        to={`/alerts/deliveries?integration=${connectionId}`}
        className="mr-auto text-sm font-medium text-accent hover:underline"
      >
        All deliveries
      </Link>
      {mayManage && (
        <PostForm intent="test">
          <SubmitButton intent="test" variant="secondary">
            Send a signed test to myself
          </SubmitButton>
        </PostForm>
      )}
    </CardFooter>
  </Card>
);

const Trouble = ({ trouble }: { trouble: Health["trouble"] }) =>
  trouble.length === 0 ? (
    <p className="text-ink-muted">Nothing was refused, and everything could be read.</p>
  ) : (
    <Callout tone="warn" title="Some deliveries failed">
      <ul className="space-y-1">
        {trouble.map((one) => (
          <li key={`${one.kind} ${one.scheme} ${one.reason}`}>
            {count(one.count, "delivery", "deliveries")} {troubleText(one)} since{" "}
            <ExactTime at={one.firstAt} /> ({authSchemeLabels[one.scheme].toLowerCase()}, last{" "}
            <RelativeTime at={one.lastAt} />)
          </li>
        ))}
      </ul>
    </Callout>
  );

interface PreviousSecretProps {
  previous: NonNullable<Health["previousSecret"]>;
  connectionId: string;
}

const PreviousSecret = ({ previous, connectionId }: PreviousSecretProps) => (
  <Callout
    tone={previous.uses.length === 0 ? "info" : "warn"}
    title={
      <>
        The former secret is valid until <ExactTime at={previous.until} />
      </>
    }
  >
    {previous.uses.length === 0 ? (
      "Nothing has used it since the new one was made."
    ) : (
      <>
        <Link
          to={`/alerts/deliveries?integration=${connectionId}&secret=previous`}
          className="font-medium text-accent hover:underline"
        >
          Still in use
        </Link>{" "}
        by:
        <ul className="mt-1 list-disc pl-5">
          {previous.uses.map((use) => (
            <li key={`${use.scheme} ${use.what}`}>
              {authSchemeLabels[use.scheme]}
              {use.what !== null && ` “${use.what}”`}: {count(use.count, "delivery", "deliveries")}, last{" "}
              <RelativeTime at={use.lastAt} />
            </li>
          ))}
        </ul>
      </>
    )}
  </Callout>
);

const Comparison = ({ comparison }: { comparison: Health["lastComparison"] }) => {
  if (comparison === null) {
    return <p className="text-ink-muted">Alerts have not been compared with Level yet.</p>;
  }
  return (
    <p className="text-ink-muted">
      <Link to={`/runs/${comparison.runId}`} className="font-medium text-ink hover:underline">
        Last comparison with Level
      </Link>{" "}
      <RelativeTime at={comparison.endedAt} />: {missedText(comparison)}
      {comparison.isPartial && " It could not be carried through for all alerts."}
    </p>
  );
};
