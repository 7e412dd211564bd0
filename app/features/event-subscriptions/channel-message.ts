import { withTenant, type Db } from "@db/client";
import { getChannelPost } from "@db/queries/event-subscriptions/channel-posts";
import type { ClaimedDelivery } from "@db/queries/event-subscriptions/outgoing";
import { getIncident } from "@db/queries/incidents/incident-page";
import { chatMessage, nextChatPost, type ChatFormat, type ChatNews } from "@domain/chat-messages";
import { count } from "@domain/format";
import { incidentTitle } from "~/features/incidents/labels";

export type ChannelStep =
  | { state: "post"; body: string; incidentId: string; news: ChatNews }
  /** The channel has been told, or there is no such incident any more. */
  | { state: "nothing_new" }
  | { state: "wait"; until: Date };

/** What an event leads to in a channel: a message about the incident as it is now, none, or one later. */
export async function nextChannelStep(
  { db, publicUrl = "" }: { db: Db; publicUrl?: string },
  format: ChatFormat,
  { tenantId, subscriptionId, data, eventNames }: ClaimedDelivery,
  now: Date,
): Promise<ChannelStep> {
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
  return { state: "post", body: JSON.stringify(message), incidentId, news };
}
