import type { SerializeFrom } from "@remix-run/node";
import { CircleCheck, CircleDashed } from "lucide-react";

import { DELIVERY_DAYS } from "@domain/schedule-limits";
import type { WebhookInfo } from "~/features/connections/integrations.page.server";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { RelativeTime } from "~/ui/time";

import { CopyLine, WebhookSecret, type WebhookSecretProps } from "./webhook-secret";

const authSchemeTitles = {
  signed: "Signed webhooks",
  automation: "Automations",
} as const satisfies Record<WebhookInfo["received"][number]["scheme"], string>;

/** The webhook's address, its secret, and when each method was last received. */
export const WebhookCard = (props: WebhookSecretProps) => (
  <Card>
    <CardHeader
      title="Webhook"
      description="Level reports alerts and changed devices as they happen, before the next sync."
    />
    <CardBody className="space-y-5">
      {!props.info.isPublic && (
        <Callout tone="warn" title="Level cannot reach this address from outside">
          Level sends only to public HTTPS addresses. Set PUBLIC_URL to the address under which this server is
          known on the internet.
        </Callout>
      )}
      <div className="space-y-2">
        <h3 className="text-sm font-medium">Address</h3>
        <CopyLine label="address" text={props.info.url} />
      </div>
      <WebhookSecret {...props} />
      <ReceivedList {...props.info} />
    </CardBody>
  </Card>
);

const ReceivedList = ({
  received,
  wasPruned,
}: Pick<SerializeFrom<WebhookInfo>, "received" | "wasPruned">) => (
  <div className="space-y-2">
    <h3 className="text-sm font-medium">Last received</h3>
    <ul className="grid gap-2 sm:grid-cols-2">
      {(Object.keys(authSchemeTitles) as (keyof typeof authSchemeTitles)[]).map((scheme) => {
        const last = received.find((one) => one.scheme === scheme);
        const Mark = last === undefined ? CircleDashed : CircleCheck;
        return (
          <li
            key={scheme}
            className="flex items-center gap-2 rounded-md border border-line px-3 py-2 text-sm"
          >
            <Mark
              aria-hidden
              className={`size-4 shrink-0 ${last === undefined ? "text-ink-faint" : "text-good"}`}
            />
            <span className="flex-1">{authSchemeTitles[scheme]}</span>
            <RelativeTime
              at={last?.lastAt}
              absent={wasPruned ? `not in the last ${DELIVERY_DAYS} days` : "not yet"}
              className="text-ink-muted"
            />
          </li>
        );
      })}
    </ul>
  </div>
);
