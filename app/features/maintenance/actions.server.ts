import { json } from "@remix-run/node";

import { getWindow } from "@db/queries/maintenance/windows";
import { isId, notFound, type Context } from "~/auth/guard.server";
import { actorOf } from "~/platform/actor";
import { done } from "~/platform/http/form.server";

import { changeWindow, createWindow } from "./change-window.server";
import { parseWindow } from "./window-form.server";
import type { WindowAnswer } from "./window-form";
import { previewWindow } from "./windows.page.server";

export const WINDOWS = "/settings/maintenance";

/** A 404 response for a maintenance window that is missing or another tenant's. */
export const noSuchWindow = () => notFound("This window does not exist or was removed.");

/**
 * Answers what the window in a form would have done. Saves nothing.
 * @param windowId undefined for a new window
 */
export async function answerPreview(
  { form, tenantId, inTenant, app }: Context,
  windowId: string | undefined,
) {
  return inTenant(async (tx) => {
    if (windowId !== undefined && (await getWindow(tx, tenantId, windowId)) === undefined)
      throw noSuchWindow();
    const { values, errors, write } = await parseWindow(tx, tenantId, form);
    if (Object.keys(errors).length > 0) return refusedWindow({ values, errors });
    const answer = { values, errors, preview: await previewWindow(tx, tenantId, write, app.clock()) };
    return json<WindowAnswer>(JSON.parse(JSON.stringify(answer)) as WindowAnswer);
  });
}

/**
 * Saves the window in a form.
 * @param windowId undefined for a new window
 */
export async function answerSave(context: Context, windowId: string | undefined) {
  const { form, tenantId, inTenant, app } = context;
  const { values, errors, write } = await inTenant((tx) => parseWindow(tx, tenantId, form));
  if (Object.keys(errors).length > 0) return refusedWindow({ values, errors });
  const actor = actorOf(context);
  if (windowId !== undefined) {
    if ((await changeWindow(app.sync, { tenantId, windowId }, write, actor)) !== "changed")
      throw noSuchWindow();
    return done(WINDOWS, `“${values.name}” is changed.`);
  }
  if ((await createWindow(app.sync, tenantId, write, actor)) === null)
    return refusedWindow({
      values,
      errors: { form: "There are 200 windows already. Delete those that are over." },
    });
  return done(WINDOWS, `“${values.name}” is planned.`);
}

const refusedWindow = (answer: WindowAnswer) => json<WindowAnswer>(answer, { status: 422 });

/** The window that a form of the list names. */
export function windowOf({ form, tenantId }: Context): { tenantId: string; windowId: string } {
  const windowId = form.get("window");
  if (!isId(windowId)) throw noSuchWindow();
  return { tenantId, windowId };
}
