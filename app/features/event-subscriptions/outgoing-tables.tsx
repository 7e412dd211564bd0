import type { SerializeFrom } from "@remix-run/node";
import type { ReactNode } from "react";

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
          <Th className="hidden sm:table-cell">Last delivery</Th>
        </tr>
      </thead>
      <tbody>
        {subscriptions.map((subscription) => {
          const { id, url, format, eventNames, isPaused } = subscription;
          return (
            <Tr key={id}>
              <Td className="sm:min-w-56">
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
                <div className="mt-1 text-xs text-ink-muted sm:hidden">
                  Last delivery: <LastDelivery {...subscription} />
                </div>
                {mayManage && <SubscriptionActions id={id} url={url} isPaused={isPaused} />}
              </Td>
              <Td className="hidden align-top sm:table-cell">
                <LastDelivery {...subscription} />
              </Td>
            </Tr>
          );
        })}
      </tbody>
    </Table>
  </Card>
);

type Subscription = Lists["subscriptions"][number];

const LastDelivery = ({
  lastDeliveredAt,
  lastError,
  restsUntil,
}: Pick<Subscription, "lastDeliveredAt" | "lastError" | "restsUntil">) => (
  <>
    <RelativeTime at={lastDeliveredAt} absent="nothing yet" />
    {lastError !== null && <span className="block text-xs text-bad wrap-anywhere">{lastError}</span>}
    {restsUntil !== null && (
      <span className="block text-xs text-ink-faint">
        on hold after failures, next try <RelativeTime at={restsUntil} />
      </span>
    )}
  </>
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

/** The failed deliveries: those that are retried, and those that were given up and kept. */
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
      <ol aria-label="Not delivered">
        {undelivered.map((row) => (
          <DeliveryItem key={row.id} delivery={row} to={row.url}>
            {mayManage && row.status === "dead" && (
              <PostForm intent="replay" preventScrollReset>
                <input type="hidden" name="id" value={row.id} />
                <SubmitButton variant="secondary" size="sm">
                  Send again
                </SubmitButton>
              </PostForm>
            )}
          </DeliveryItem>
        ))}
      </ol>
    </Card>
  );
}

const statusLabels = {
  delivered: { text: "Delivered", tone: "good" },
  pending: { text: "Waiting", tone: "neutral" },
  dead: { text: "Given up", tone: "bad" },
} as const;

interface DeliveryItemProps {
  delivery: Omit<SerializeFrom<DeliveryLog>[number], "deliveredAt"> & { deliveredAt?: string | null };
  /** The address that the event goes to, if the list has several. */
  to?: string;
  /** The actions on the delivery. */
  children?: ReactNode;
}

/** The delivery of an event to a subscription, with its result. */
const DeliveryItem = ({
  delivery: { status, attempts, eventName, occurredAt, deliveredAt, nextAttemptAt, lastError },
  to,
  children,
}: DeliveryItemProps) => (
  <li className="flex items-start gap-3 border-t border-line px-4 py-2.5 text-sm">
    <div className="min-w-0 flex-1 wrap-anywhere">
      {publishedEventLabels[eventName]}
      <span className="block text-xs text-ink-faint">
        <RelativeTime at={occurredAt} />
        {to !== undefined && ` · ${to}`} · {count(attempts, "attempt")}
        {status === "delivered" && deliveredAt !== undefined && (
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
      {status !== "delivered" && (
        <span className="block text-xs text-ink-muted">{lastError ?? "not tried yet"}</span>
      )}
    </div>
    <div className="flex flex-col items-end gap-2">
      <Badge tone={statusLabels[status].tone}>{statusLabels[status].text}</Badge>
      {children}
    </div>
  </li>
);

/** The latest deliveries to one subscription. */
export const DeliveryLogCard = ({ deliveries }: { deliveries: SerializeFrom<DeliveryLog> }) => (
  <Card>
    <CardHeader title="Latest deliveries" description="Of events that happened; tests are not among them." />
    {deliveries.length === 0 ? (
      <CardBody className="text-sm text-ink-muted">Nothing that it asked for has happened yet.</CardBody>
    ) : (
      <ol aria-label="Latest deliveries">
        {deliveries.map((delivery) => (
          <DeliveryItem key={delivery.id} delivery={delivery} />
        ))}
      </ol>
    )}
  </Card>
);
