import { withTenant, type Db } from "@db/client";
import { getChannelPost } from "@db/queries/event-subscriptions/channel-posts";
import type { ClaimedDelivery } from "@db/queries/event-subscriptions/outgoing";
import { getIncident } from "@db/queries/incidents/incident-page";
import { listOpenNames } from "@db/queries/incidents/maintenance";
import { getWindow } from "@db/queries/maintenance/windows";
import {
  chatMessage,
  chatSummary,
  nextChatPost,
  type ChatFormat,
  type ChatNews,
} from "@domain/chat-messages";
import { eventSchemas } from "@domain/events";
import { count } from "@domain/format";
import { incidentTitle } from "~/features/incidents/labels";

export type ChannelStep =
  /** `told`: the incident that the message is about; null if it is about none. */
  | { state: "post"; body: string; told: { incidentId: string; news: ChatNews } | null }
  /** The channel is up to date, or the incident no longer exists. */
  | { state: "nothing_new" }
  | { state: "wait"; until: Date };

/** What an event leads to in a channel: a message about the incident as it is now, no message, or a message later. */
export async function nextChannelStep(
  { db, publicUrl = "" }: { db: Db; publicUrl?: string },
  format: ChatFormat,
  { tenantId, subscriptionId, eventName, data, eventNames }: ClaimedDelivery,
  now: Date,
): Promise<ChannelStep> {
  if (eventName === "MAINTENANCE_ENDED") return endOfMaintenance({ db, publicUrl }, format, tenantId, data);
  const { incidentId } = data;
  if (typeof incidentId !== "string") return { state: "nothing_new" };
  const { incident, posted } = await withTenant(db, tenantId, async (tx) => ({
    incident: await getIncident(tx, tenantId, incidentId),
    posted: await getChannelPost(tx, { tenantId, subscriptionId, incidentId }),
  }));
  if (incident === undefined || incident.mergedIntoId !== null) return { state: "nothing_new" };
  const { severity, client, devices, device } = incident;
  const news: ChatNews = { state: incident.state === "resolved" ? "resolved" : "open", severity };
  const wantsResolved = eventNames.includes("INCIDENT_RESOLVED");
  const next = nextChatPost(posted, news, { wantsResolved, now });
  if (next.state !== "post") return next;
  const message = chatMessage(format, {
    ...news,
    title: incidentTitle(incident),
    client,
    where: devices === 1 ? (device ?? "Unknown device") : count(devices, "device"),
    link: `${publicUrl}/alerts/incidents/${incidentId}`,
  });
  return { state: "post", body: JSON.stringify(message), told: { incidentId, news } };
}

const endedData = eventSchemas.MAINTENANCE_ENDED;

/** One message about the incidents that maintenance leaves open, as they are when it is sent. */
async function endOfMaintenance(
  { db, publicUrl }: { db: Db; publicUrl: string },
  format: ChatFormat,
  tenantId: string,
  data: ClaimedDelivery["data"],
): Promise<ChannelStep> {
  const { windowId, incidentIds } = endedData.parse(data);
  const { open, window } = await withTenant(db, tenantId, async (tx) => ({
    open: await listOpenNames(tx, tenantId, incidentIds),
    window: windowId === null ? undefined : await getWindow(tx, tenantId, windowId),
  }));
  if (open.length === 0) return { state: "nothing_new" };
  const summary = {
    window: window?.name ?? null,
    incidents: open.map(({ name, severity, client, device, devices }) => ({
      title: name,
      severity,
      client,
      where: devices === 1 ? (device ?? "Unknown device") : count(devices, "device"),
    })),
    link: `${publicUrl}/alerts`,
  };
  return { state: "post", body: JSON.stringify(chatSummary(format, summary)), told: null };
}
