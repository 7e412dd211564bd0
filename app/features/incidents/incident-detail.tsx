import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { count, formatNumber } from "@domain/format";
import { SeverityBadge as AlertSeverity, StateBadge as AlertState } from "~/features/alerts/alert-state";
import { Card, CardBody, CardFooter, CardHeader, Fact, Facts } from "~/ui/card";
import { Field, Textarea } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { ExactTime, RelativeTime } from "~/ui/time";

import { IncidentSeverityBadge, IncidentStateBadge } from "./incident-state";
import type { IncidentDetail } from "./incidents.page.server";
import { entryTexts } from "./labels";

type Detail = SerializeFrom<IncidentDetail>;

export const IncidentFactsCard = ({ incident, alerts }: Pick<Detail, "incident" | "alerts">) => (
  <Card>
    <CardHeader title="Incident" />
    <CardBody>
      <Facts>
        <Fact name="Client">
          {incident.clientId === null ? null : (
            <Link to={`/clients/${incident.clientId}`} className="text-accent hover:underline">
              {incident.client}
            </Link>
          )}
        </Fact>
        <Fact name="Devices">
          <Devices incident={incident} alerts={alerts} />
        </Fact>
        <Fact name="Alerts">
          {formatNumber(incident.alerts)}, {formatNumber(incident.activeAlerts)} active
        </Fact>
        <Fact name="Owner">{incident.owner}</Fact>
        <Fact name="Opened">
          <ExactTime at={incident.openedAt} />
        </Fact>
        <Fact name="Latest alert">
          <ExactTime at={incident.lastAlertAt} />
        </Fact>
        {incident.state === "snoozed" && (
          <Fact name="Snoozed until">
            <ExactTime at={incident.snoozedUntil} />
          </Fact>
        )}
        <Fact name="Acknowledged">
          {incident.acknowledgedAt === null ? null : (
            <>
              <ExactTime at={incident.acknowledgedAt} />
              {incident.acknowledgedBy !== null && ` by ${incident.acknowledgedBy}`}
            </>
          )}
        </Fact>
        <Fact name="Resolved">
          <ExactTime at={incident.resolvedAt} />
        </Fact>
        {(incident.noticesSuppressed || incident.ticketsSuppressed) && incident.state !== "resolved" && (
          <Fact name="In maintenance">
            <Maintenance incident={incident} />
          </Fact>
        )}
        <Fact name="Connection">{incident.integration}</Fact>
        {incident.stormId !== null && (
          <Fact name="Part of">
            <Link to={`/alerts/incidents/${incident.stormId}`} className="text-accent hover:underline">
              an alert storm
            </Link>
          </Fact>
        )}
      </Facts>
    </CardBody>
  </Card>
);

/** A single device by its name, linked to its asset; several by their number, because the alerts list them. */
function Devices({ incident, alerts }: Pick<Detail, "incident" | "alerts">) {
  if (incident.devices !== 1) return formatNumber(incident.devices);
  const name = incident.device ?? "1";
  const assetId = alerts[0]?.assetId;
  if (assetId === undefined || assetId === null) return name;
  return (
    <Link to={`/assets/${assetId}`} className="text-accent hover:underline">
      {name}
    </Link>
  );
}

const Maintenance = ({ incident }: Pick<Detail, "incident">) => (
  <>
    {incident.windowId === null ? (
      "By the RMM"
    ) : (
      <Link to={`/settings/maintenance/${incident.windowId}`} className="text-accent hover:underline">
        {incident.window}
      </Link>
    )}
    {incident.maintenanceUntil !== null && (
      <>
        {" until "}
        <ExactTime at={incident.maintenanceUntil} />
      </>
    )}
    {incident.noticesSuppressed ? ": no notices are sent" : ": no tickets are opened"}
  </>
);

/** What happened, newest first, with the form for a comment. */
export const IncidentTimeline = ({ entries, mayWrite }: Pick<Detail, "entries"> & { mayWrite: boolean }) => (
  <Card>
    <CardHeader title="Timeline" />
    {mayWrite && (
      <PostForm intent="comment" asksBeforeLeaving className="grid gap-2 px-4 pb-3" stored={entries.length}>
        <Field label="Comment">
          <Textarea name="text" rows={2} required maxLength={4_000} />
        </Field>
        <SubmitButton intent="comment" variant="secondary" size="sm" className="justify-self-end">
          Add comment
        </SubmitButton>
      </PostForm>
    )}
    {entries.length === 0 ? (
      <CardBody className="text-sm text-ink-muted">Nothing yet.</CardBody>
    ) : (
      <ol>
        {entries.map((entry) => (
          <li key={entry.id} className="flex items-start gap-3 border-t border-line px-4 py-2.5 text-sm">
            <div className="min-w-0 flex-1 wrap-anywhere">
              <p>
                {entry.actor !== null && <span className="font-medium">{entry.actor} </span>}
                {(entryTexts[entry.kind] ?? (() => entry.kind.replaceAll("_", " ")))(entry.details)}
                {typeof entry.details["until"] === "string" && (
                  <>
                    {" until "}
                    <ExactTime at={entry.details["until"]} />
                  </>
                )}
              </p>
              {entry.text !== null && <p className="mt-1 whitespace-pre-line text-ink-muted">{entry.text}</p>}
            </div>
            <RelativeTime at={entry.at} className="w-24 text-right text-xs text-ink-muted" />
          </li>
        ))}
      </ol>
    )}
  </Card>
);

/** The alerts of the incident. */
export const IncidentAlerts = ({ alerts, incident }: Pick<Detail, "alerts" | "incident">) => (
  <Card>
    <CardHeader title="Alerts" description="Each leads to its page, where it can be resolved in the RMM." />
    <ul>
      {alerts.map((alert) => (
        <li key={alert.id} className="flex items-start gap-3 border-t border-line px-4 py-2.5 text-sm">
          <div className="min-w-0 flex-1 wrap-anywhere">
            <Link to={`/alerts/${alert.id}`} className="font-medium hover:underline">
              {alert.asset ?? alert.deviceHostname ?? "Unknown device"}
            </Link>
            {alert.description !== null && (
              <p className="line-clamp-2 text-xs text-ink-muted">{alert.description}</p>
            )}
            <p className="mt-1 flex flex-wrap items-center gap-2 text-xs text-ink-faint">
              <AlertSeverity alert={alert} />
              <AlertState alert={alert} />
              {alert.assetId !== null && (
                <Link to={`/assets/${alert.assetId}`} className="text-accent hover:underline">
                  Asset
                </Link>
              )}
            </p>
          </div>
          <RelativeTime
            at={alert.startedAt ?? alert.observedAt}
            className="w-24 text-right text-xs text-ink-muted"
          />
        </li>
      ))}
    </ul>
    {incident.alerts > alerts.length && (
      <CardFooter className="text-xs text-ink-muted">
        The {formatNumber(alerts.length)} latest of {count(incident.alerts, "alert")}.
      </CardFooter>
    )}
  </Card>
);

/** The incidents of a storm. */
export const StormMembers = ({ members }: Pick<Detail, "members">) => (
  <Card>
    <CardHeader
      title="Incidents"
      description="More incidents began within ten minutes than the inbox lists one by one. What you do to the storm is done to all of them."
    />
    <ul>
      {members.map((one) => (
        <li key={one.id} className="flex items-start gap-3 border-t border-line px-4 py-2.5 text-sm">
          <div className="min-w-0 flex-1 wrap-anywhere">
            <Link to={`/alerts/incidents/${one.id}`} className="font-medium hover:underline">
              {one.name}
            </Link>
            <p className="text-xs text-ink-muted">
              {one.devices === 1 ? (one.device ?? "Unknown device") : count(one.devices, "device")}
              {one.client !== null && ` · ${one.client}`}
            </p>
            <p className="mt-1 flex flex-wrap gap-2">
              <IncidentSeverityBadge {...one} />
              <IncidentStateBadge {...one} />
            </p>
          </div>
          <RelativeTime at={one.openedAt} className="w-24 text-right text-xs text-ink-muted" />
        </li>
      ))}
    </ul>
  </Card>
);
