import { and, eq } from "drizzle-orm";

import type { ChatNews } from "@domain/chat-messages";

import type { TenantDb } from "../../client";
import { channelPosts } from "../../schema";

interface PostRef {
  tenantId: string;
  subscriptionId: string;
  incidentId: string;
}

/** The state of an incident that a channel last received; undefined if it received none. */
export async function getChannelPost(
  tx: TenantDb,
  { tenantId, subscriptionId, incidentId }: PostRef,
): Promise<(ChatNews & { updatePostedAt: Date | null }) | undefined> {
  const [row] = await tx
    .select({
      state: channelPosts.state,
      severity: channelPosts.severity,
      updatePostedAt: channelPosts.updatePostedAt,
    })
    .from(channelPosts)
    .where(
      and(
        eq(channelPosts.tenantId, tenantId),
        eq(channelPosts.subscriptionId, subscriptionId),
        eq(channelPosts.incidentId, incidentId),
      ),
    );
  return row;
}

/** Stores the state of an incident that a channel's last message gave. */
export async function putChannelPost(tx: TenantDb, ref: PostRef, news: ChatNews, now: Date): Promise<void> {
  await tx
    .insert(channelPosts)
    .values({ ...ref, ...news })
    .onConflictDoUpdate({
      target: [channelPosts.subscriptionId, channelPosts.incidentId],
      set: { ...news, updatePostedAt: now },
    });
}
