import * as z from "zod";

import { withTenant, type Db } from "@db/client";
import { listSavedViews, removeView, saveView, type SavedView } from "@db/queries/assets/saved-views";
import { allows } from "@domain/permissions";
import { isId, notFound, type Context } from "~/auth/guard.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";

import { customFilterParts, rarerFilters } from "./filter-names";

export type { SavedView };

/** The most views of a person, because a longer menu would be unreadable. */
const VIEWS_AT_MOST = 50;

/** The person's own views of the asset list, and those that others share. */
export const readSavedViews = (db: Db, tenantId: string, userId: string): Promise<SavedView[]> =>
  withTenant(db, tenantId, (tx) => listSavedViews(tx, tenantId, userId));

/** The parameters that make up a view: filters, order and columns. */
const kept: readonly string[] = [
  "q",
  "client",
  "type",
  "state",
  ...rarerFilters,
  ...customFilterParts,
  "sort",
  "order",
  "col",
];

/** The part of an address that a view stores. */
export function viewQuery(params: URLSearchParams): string {
  const query = [...params].filter(([name, value]) => kept.includes(name) && value !== "");
  return String(new URLSearchParams(query)).slice(0, 4000);
}

const viewForm = z.object({
  name: z.string().trim().min(1, "Give it a name.").max(60, "At most 60 letters."),
  shared: z.literal("on").optional(),
});

/**
 * Saves the shown filters, order and columns under the name in the form. Only people who may change assets can share a
 * view.
 */
export async function saveShownView(context: Context) {
  const { form, url, tenantId, user, inTenant } = context;
  const parsed = parseForm(viewForm, form);
  if (!parsed.ok) return refused(parsed.problem);
  const { name } = parsed.data;
  // A viewer can change nothing for others, so the view stays private.
  const isShared = parsed.data.shared === "on" && allows(user.role, "devices:refresh");
  const query = viewQuery(url.searchParams);
  const isSaved = await inTenant(async (tx) => {
    const own = (await listSavedViews(tx, tenantId, user.id)).filter((view) => view.isOwn);
    if (own.length >= VIEWS_AT_MOST && !own.some((view) => view.name === name)) return false;
    await saveView(tx, tenantId, user.id, { name, query, isShared });
    return true;
  });
  if (!isSaved)
    return refused(problem(form, { name: `You have ${VIEWS_AT_MOST} views. Remove one first.` }), 409);
  return done(`/assets?${query}`, `The view ${name} is saved.`);
}

/**
 * Removes a view.
 * @throws Response 404 if it does not exist or the person may not remove it
 */
export async function removeShownView({ form, url, tenantId, user, inTenant }: Context) {
  const id = form.get("view");
  const isRemoved = isId(id) && (await inTenant((tx) => removeView(tx, tenantId, user.id, id)));
  if (!isRemoved) throw notFound("This view does not exist or was removed.");
  return done(`/assets?${viewQuery(url.searchParams)}`, "The view is removed.");
}
