import type { MetaFunction, SerializeFrom } from "@remix-run/node";
import { Link, useLoaderData, useLocation } from "@remix-run/react";
import { Radio } from "lucide-react";

import { publishedEvents, publishedEventLabels } from "@domain/published-events";
import { guarded, isId } from "~/auth/guard.server";
import { EventsHeader } from "~/features/event-subscriptions/event-tabs";
import { readEvents } from "~/features/event-subscriptions/events.page.server";
import { oneOf } from "~/platform/http/paging";
import { Badge } from "~/ui/badge";
import { Card } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Choice, ChoiceForm, ConnectionChoice } from "~/ui/filter-form";
import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactTime } from "~/ui/time";

export const meta: MetaFunction = () => [{ title: "Events · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read" },
  async ({ app, tenantId, url }) => {
    const params = url.searchParams;
    const name = oneOf(params, "name", ["", ...publishedEvents]);
    const integration = params.get("integration");
    const connectionId = isId(integration) ? integration : undefined;
    const before = params.get("before");
    const filter = { name: name === "" ? undefined : name, connectionId };
    return {
      ...(await readEvents(app.db, tenantId, filter, isId(before) ? before : undefined)),
      values: { name, integration: connectionId ?? "" },
    };
  },
);

export default function EventsPage() {
  const { events, next, integrations, values } = useLoaderData<typeof loader>();
  const older = new URLSearchParams(useLocation().search);
  older.set("before", next ?? "");
  return (
    <>
      <EventsHeader />
      <Card>
        <ChoiceForm>
          <Choice
            label="Event"
            name="name"
            value={values.name}
            options={[
              ["", "All events"],
              ...publishedEvents.map((name) => [name, publishedEventLabels[name]] as const),
            ]}
          />
          <ConnectionChoice value={values.integration} connections={integrations} />
        </ChoiceForm>
        {events.length === 0 ? (
          <EmptyState icon={Radio} title="No event matches">
            Events appear here when a sync begins or ends, a device changes or a webhook is received.
          </EmptyState>
        ) : (
          <Table label="Events">
            <thead>
              <tr>
                <Th>What happened</Th>
                <Th>Passed on</Th>
                <Th className="hidden text-right sm:table-cell">When</Th>
              </tr>
            </thead>
            <tbody>
              {events.map((event) => (
                <Tr key={event.id}>
                  <Td className="w-full min-w-44 align-top [overflow-wrap:anywhere]">
                    <Sentence sentence={event.sentence} />
                    <span className="block text-xs text-ink-muted sm:hidden">
                      <ExactTime at={event.occurredAt} />
                    </span>
                    <details className="mt-0.5 text-xs text-ink-muted">
                      <summary className="w-fit rounded-sm hover:text-ink">Details</summary>
                      <code className="mt-1 block font-mono">{event.name}</code>
                      <pre className="mt-1 rounded-md bg-sunken p-2 font-mono whitespace-pre-wrap">
                        {event.data}
                      </pre>
                    </details>
                  </Td>
                  <Td>
                    {event.relayedAt === null && <Badge tone="warn">{event.lastError ?? "Waiting"}</Badge>}
                    {event.sent > 0 && <Badge tone="good">{event.sent} sent</Badge>}
                    {event.unsent > 0 && <Badge tone="warn">{event.unsent} not delivered</Badge>}
                  </Td>
                  <Td className="hidden text-right align-top text-ink-muted sm:table-cell">
                    <ExactTime at={event.occurredAt} />
                  </Td>
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
        {next !== null && (
          <p className="border-t border-line px-4 py-2.5 text-center">
            <Link to={`?${older}`} className="font-medium text-accent hover:underline">
              Older events
            </Link>
          </p>
        )}
      </Card>
    </>
  );
}

type ShownEvent = SerializeFrom<typeof loader>["events"][number];

const Sentence = ({ sentence: { before, link, behind } }: Pick<ShownEvent, "sentence">) => (
  <p className="line-clamp-4" title={`${before}${link?.text ?? ""}${behind}`}>
    {before}
    {link !== null &&
      (link.path === null ? (
        <span className="font-medium">{link.text}</span>
      ) : (
        <Link to={link.path} className="font-medium text-accent hover:underline">
          {link.text}
        </Link>
      ))}
    {behind}
  </p>
);
