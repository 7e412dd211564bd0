import { bulkActions, type BulkAction } from "@domain/bulk-assets";
import { count } from "@domain/format";
import { isId, type Context } from "~/auth/guard.server";
import { actorOf } from "~/platform/actor";
import { done, problem, refused } from "~/platform/http/form.server";

import { assetSearch } from "./asset-list.page.server";
import { mayReadAdminOnly } from "./custom-fields.page.server";
import { previewBulk, runBulk, undoBulk, type BulkRequest } from "./bulk.server";

/** The actions of the asset list's forms: preview a bulk change, carry it out, undo it. */

export async function previewChosen(context: Context) {
  const request = requestOf(context);
  const outcome = await previewBulk(context.app.sync, request);
  if (outcome.state !== "preview") return refuse(context, outcome);
  const { choice } = request;
  return { preview: { ...outcome.preview, rows: "ids" in choice ? choice.ids : null } };
}

const verbs: Record<BulkAction, string> = {
  move: "moved",
  exempt: "marked as needing no agent",
  unexempt: "marked as needing an agent",
  retire: "retired",
  remove: "removed",
  refresh: "being read again",
};

/**
 * Carries a bulk change out.
 * @param intent the form's intent: a refresh has a permission of its own
 */
export async function changeChosen(context: Context, intent: "change" | "refresh") {
  const request = requestOf(context);
  if ((request.action === "refresh") !== (intent === "refresh")) throw unknownForm();
  const expected = Number(context.form.get("expected"));
  const outcome = await runBulk(context.app.sync, request, expected, actorOf(context));
  if (outcome.state === "changed")
    return refuse(context, {
      ...outcome,
      text: `${count(outcome.assets, "asset")} would change by now, which is not what you were shown. Nothing was changed.`,
    });
  if (outcome.state !== "done") return refuse(context, outcome);
  const isUndoable = ["move", "retire"].includes(request.action) && outcome.assets > 0;
  const what = `${count(outcome.assets, "asset")} ${verbs[request.action]}.`;
  return done(listPath(context, isUndoable ? outcome.at : undefined), what);
}

/** Undoes the bulk change of the form's time, and returns to the list with the number of assets restored. */
export async function undoChosen(context: Context) {
  const { app, tenantId, form } = context;
  const { assets } = await undoBulk(app.sync, tenantId, actorOf(context), String(form.get("at")));
  return done(listPath(context), `${count(assets, "asset")} ${assets === 1 ? "is" : "are"} as before.`);
}

const unknownForm = () => new Response("This form is not recognised. Load the page again.", { status: 400 });

function requestOf({ tenantId, form, url, user }: Context): BulkRequest {
  const action = bulkActions.find((one) => one === form.get("do"));
  if (action === undefined) throw unknownForm();
  const to = form.get("to");
  const choice =
    form.get("all") === "on"
      ? { filter: assetSearch(url.searchParams, undefined, mayReadAdminOnly(user.role)).filter }
      : { ids: [...new Set(form.getAll("row").filter(isId))] };
  return { tenantId, choice, action, clientId: action === "move" && isId(to) ? to : null };
}

type Refused =
  Exclude<Awaited<ReturnType<typeof previewBulk>>, { state: "preview" }> | { state: "changed"; text: string };

function refuse({ form }: Context, refusal: Refused) {
  const text = () => {
    switch (refusal.state) {
      case "too_many":
        return `${count(refusal.chosen, "asset")} are chosen, and ${refusal.atMost} can be done at once. Narrow the filters.`;
      case "unknown_client":
        return "This client does not exist or was removed.";
      case "archived_client":
        return "This client is archived. Choose another.";
      case "changed":
        return refusal.text;
    }
  };
  return refused(problem(form, { form: text() }), refusal.state === "unknown_client" ? 404 : 409);
}

/** The address of the list with its filter and place. `undo` names the bulk change that can be undone. */
function listPath({ url }: Context, undo?: Date): string {
  const params = new URLSearchParams(url.searchParams);
  for (const name of ["index", "_data", "undo"]) params.delete(name);
  if (undo !== undefined) params.set("undo", undo.toISOString());
  return params.size > 0 ? `/assets?${params}` : "/assets";
}
