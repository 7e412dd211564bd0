import { and, eq, or, sql } from "drizzle-orm";

import type { TenantDb } from "../../client";
import { savedViews, users } from "../../schema";
import { byName } from "../shared/by-name";

export interface SavedView {
  id: string;
  name: string;
  query: string;
  isShared: boolean;
  isOwn: boolean;
  /** The name of the person who saved it. */
  owner: string;
}

/** A person's own views of the asset list and those that others share, ordered by name. */
export async function listSavedViews(tx: TenantDb, tenantId: string, userId: string): Promise<SavedView[]> {
  return tx
    .select({
      id: savedViews.id,
      name: savedViews.name,
      query: savedViews.query,
      isShared: savedViews.isShared,
      isOwn: sql<boolean>`${savedViews.userId} = ${userId}`,
      owner: users.name,
    })
    .from(savedViews)
    .innerJoin(users, eq(users.id, savedViews.userId))
    .where(
      and(
        eq(savedViews.tenantId, tenantId),
        eq(savedViews.list, "assets"),
        or(eq(savedViews.userId, userId), savedViews.isShared),
      ),
    )
    .orderBy(byName(savedViews.name), savedViews.id);
}

/** Saves a view. Replaces the same person's view of the same name. */
export async function saveView(
  tx: TenantDb,
  tenantId: string,
  userId: string,
  view: { name: string; query: string; isShared: boolean },
): Promise<void> {
  await tx
    .delete(savedViews)
    .where(
      and(
        eq(savedViews.tenantId, tenantId),
        eq(savedViews.userId, userId),
        eq(savedViews.list, "assets"),
        eq(savedViews.name, view.name),
      ),
    );
  await tx.insert(savedViews).values({ tenantId, userId, list: "assets", ...view });
}

/** Deletes a person's own view. Returns false if they have none with this id. */
export async function removeView(
  tx: TenantDb,
  tenantId: string,
  userId: string,
  id: string,
): Promise<boolean> {
  const rows = await tx
    .delete(savedViews)
    .where(and(eq(savedViews.tenantId, tenantId), eq(savedViews.userId, userId), eq(savedViews.id, id)))
    .returning({ id: savedViews.id });
  return rows.length > 0;
}
