import type { SerializeFrom } from "@remix-run/node";

import { count } from "@domain/format";
import { publishedEventLabels } from "@domain/published-events";
import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { ConfirmButton } from "~/ui/confirm-button";
import { PostForm, SubmitButton } from "~/ui/form";
import { RowButton } from "~/ui/row-button";
import { Table, Td, Th, Tr } from "~/ui/table";
import { RelativeTime } from "~/ui/time";

import type { DeliveryLog, Outgoing } from "./events.page.server";

type Lists = SerializeFrom<Outgoing>;

const formatLabels = { slack: "Slack channel", teams: "Teams channel" } as const;

/** The subscriptions and the state of their deliveries. */
export const SubscriptionTable = ({
  subscriptions,
  mayManage,
}: {
  subscriptions: Lists["subscriptions"];
  mayManage: boolean;
}) => (
  <Card>
    <CardHeader title="Subscriptions" description="Addresses that receive events." />
    <Table label="Subscriptions">
      <thead>
        <tr>
          <Th>Address</Th>
          <Th>Last delivery</Th>
        </tr>
      </thead>
      <tbody>
        {subscriptions.map(
          ({ id, url, format, eventNames, isPaused, lastDeliveredAt, lastError, restsUntil }) => (
            <Tr key={id}>
              <Td className="min-w-56">
                {format !== "json" && <span className="mr-2 font-medium">{formatLabels[format]}</span>}
                <code className="font-mono text-xs break-all">{format === "json" ? url : `${url}…`}</code>
                {isPaused && (
                  <Badge tone="warn" className="ml-2">
                    Paused
                  </Badge>
                )}
                <span className="block text-xs text-ink-faint">
                  {eventNames.map((name) => publishedEventLabels[name]).join(", ")}
                </span>
                {mayManage && <SubscriptionActions id={id} url={url} isPaused={isPaused} />}
              </Td>
              <Td className="align-top">
                <RelativeTime at={lastDeliveredAt} absent="nothing yet" />
                {lastError !== null && <span className="block text-xs text-bad">{lastError}</span>}
                {restsUntil !== null && (
                  <span className="block text-xs text-ink-faint">
                    on hold after failures, next try <RelativeTime at={restsUntil} />
                  </span>
                )}
              </Td>
            </Tr>
          ),
        )}
      </tbody>
    </Table>
  </Card>
);

const HERE = "/events/webhooks";

interface SubscriptionActionsProps {
  id: string;
  url: string;
  isPaused: boolean;
}

const SubscriptionActions = ({ id, url, isPaused }: SubscriptionActionsProps) => (
  <div className="mt-2 flex flex-wrap gap-2">
    <RowButton intent="test" fields={{ id }} action={HERE}>
      Send test
    </RowButton>
    <ButtonLink to={`?edit=${id}`} variant="secondary" size="sm" aria-label={`Edit ${url}`}>
      Edit
    </ButtonLink>
    {isPaused ? (
      <RowButton intent="resume" fields={{ id }} action={HERE}>
        Resume
      </RowButton>
    ) : (
      <ConfirmButton
        intent="pause"
        fields={{ id }}
        label="Pause"
        variant="secondary"
        title="Pause this webhook?"
        confirm="Pause"
      >
        Nothing is sent there until you resume it. What waits now is sent then; what happens meanwhile is not.
      </ConfirmButton>
    )}
    <ConfirmButton
      intent="unsubscribe"
      fields={{ id }}
      label="Remove"
      title="Send no more events there?"
      confirm="Remove"
    >
      What is still on its way to this address is dropped, and its secret forgotten.
    </ConfirmButton>
  </div>
);

/** The failed deliveries: being retried, or given up and kept. */
export function UndeliveredTable({
  undelivered,
  mayManage,
}: {
  undelivered: Lists["undelivered"];
  mayManage: boolean;
}) {
  const dead = undelivered.filter(({ status }) => status === "dead").length;
  return (
    <Card>
      <CardHeader
        title="Not delivered"
        description={`${count(undelivered.length, "event")}; what could not be delivered within 24 hours is kept here.`}
        actions={
          mayManage &&
          dead > 0 && (
            <PostForm intent="replay" preventScrollReset>
              <SubmitButton intent="replay" variant="secondary" size="sm">
                Send all given up again
              </SubmitButton>
            </PostForm>
          )
        }
      />
      <Table label="Not delivered">
        <thead>
          <tr>
            <Th>Event</Th>
            <Th>State</Th>
            <Th>Reason</Th>
            {mayManage && <Th className="text-right">Action</Th>}
          </tr>
        </thead>
        <tbody>
          {undelivered.map((row) => (
            <Tr key={row.id}>
              <Td className="min-w-48">
                {publishedEventLabels[row.eventName]}
                <span className="block text-xs text-ink-faint">
                  <RelativeTime at={row.occurredAt} /> · <span className="break-all">{row.url}</span>
                </span>
              </Td>
              <Td>
                <Badge tone={row.status === "dead" ? "bad" : "neutral"}>
                  {row.status === "dead" ? "Given up" : "Waiting"}
                </Badge>
                <span className="block text-xs text-ink-faint">
                  {count(row.attempts, "attempt")}
                  {row.status === "pending" && (
                    <>
                      , next <RelativeTime at={row.nextAttemptAt} />
                    </>
                  )}
                </span>
              </Td>
              <Td className="text-ink-muted">{row.lastError ?? "not tried yet"}</Td>
              {mayManage && (
                <Td className="text-right">
                  {row.status === "dead" && (
                    <PostForm intent="replay" preventScrollReset>
                      <input type="hidden" name="id" value={row.id} />
                      <SubmitButton variant="secondary" size="sm">
                        Send again
                      </SubmitButton>
                    </PostForm>
                  )}
                </Td>
              )}
            </Tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}

const statusLabels = {
  delivered: { text: "Delivered", tone: "good" },
  pending: { text: "Waiting", tone: "neutral" },
  dead: { text: "Given up", tone: "bad" },
} as const;

/** What was sent to one subscription, and what came of it. */
export const DeliveryLogCard = ({ deliveries }: { deliveries: SerializeFrom<DeliveryLog> }) => (
  <Card>
    <CardHeader title="Latest deliveries" description="Of events that happened; tests are not among them." />
    {deliveries.length === 0 ? (
      <CardBody className="text-sm text-ink-muted">Nothing that it asked for has happened yet.</CardBody>
    ) : (
      <ol>
        {deliveries.map(
          ({ id, status, attempts, eventName, occurredAt, deliveredAt, nextAttemptAt, lastError }) => (
            <li key={id} className="flex items-start gap-3 border-t border-line px-4 py-2.5 text-sm">
              <div className="min-w-0 flex-1 wrap-anywhere">
                {publishedEventLabels[eventName]}
                <span className="block text-xs text-ink-faint">
                  <RelativeTime at={occurredAt} /> · {count(attempts, "attempt")}
                  {status === "delivered" && (
                    <>
                      , delivered <RelativeTime at={deliveredAt} />
                    </>
                  )}
                  {status === "pending" && (
                    <>
                      , next <RelativeTime at={nextAttemptAt} />
                    </>
                  )}
                </span>
                {status !== "delivered" && lastError !== null && (
                  <span className="block text-xs text-bad">{lastError}</span>
                )}
              </div>
              <Badge tone={statusLabels[status].tone}>{statusLabels[status].text}</Badge>
            </li>
          ),
        )}
      </ol>
    )}
  </Card>
);
