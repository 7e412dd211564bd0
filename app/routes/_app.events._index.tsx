import type { MetaFunction } from "@remix-run/node";
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
    const integrationId = isId(integration) ? integration : undefined;
    const before = params.get("before");
    const filter = { name: name === "" ? undefined : name, integrationId };
    return {
      ...(await readEvents(app.db, tenantId, filter, isId(before) ? before : undefined)),
      values: { name, integration: integrationId ?? "" },
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
          <EmptyState icon={Radio} title="No event fits">
            Events appear here when a sync begins or ends, a device changes or a webhook is heard.
          </EmptyState>
        ) : (
          <Table label="Events">
            <thead>
              <tr>
                <Th>Event</Th>
                <Th className="hidden sm:table-cell">When</Th>
                <Th>About</Th>
                <Th>Passed on</Th>
              </tr>
            </thead>
            <tbody>
              {events.map((event) => (
                <Tr key={event.id}>
                  <Td>
                    {publishedEventLabels[event.name]}
                    <code className="hidden font-mono text-xs text-ink-faint sm:block">{event.name}</code>
                    <span className="block text-xs text-ink-muted sm:hidden">
                      <ExactTime at={event.occurredAt} />
                    </span>
                  </Td>
                  <Td className="hidden text-ink-muted sm:table-cell">
                    <ExactTime at={event.occurredAt} />
                  </Td>
                  <Td className="wrap-anywhere">
                    {event.integration}
                    <span className="block text-xs">
                      {event.runId !== null && (
                        <Link to={`/runs/${event.runId}`} className="text-accent hover:underline">
                          Run
                        </Link>
                      )}
                      {event.assetId !== null && (
                        <Link to={`/assets/${event.assetId}`} className="text-accent hover:underline">
                          Asset
                        </Link>
                      )}
                    </span>
                  </Td>
                  <Td>
                    {event.relayedAt === null && <Badge tone="warn">{event.lastError ?? "Waiting"}</Badge>}
                    {event.sent > 0 && <Badge tone="good">{event.sent} sent</Badge>}
                    {event.unsent > 0 && <Badge tone="warn">{event.unsent} not delivered</Badge>}
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
