import { json } from "@remix-run/node";
import type * as z from "zod";

import { count } from "@domain/format";
import { notFound, type Context } from "~/auth/guard.server";
import {
  connectionOf,
  noSuchConnection,
  type ConnectionContext,
} from "~/features/connections/context.server";
import { groupForm, mappingForm } from "~/features/connections/forms.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";

import { listPlace } from "./list-place";
import { readLastMappingChange } from "./mapping.page.server";
import { saveMapping, type MappingEdit } from "./mapping.server";
import { previewEdits } from "./preview-edits.server";

const manage = { permission: "integrations:manage", provider: "levelio" } as const;

const unknownGroups = "Some of these groups are not known any more. Load the page again.";
const unknownClient =
  "A client, site or contact that was chosen does not exist any more. Choose another one.";
async function stale(
  { app }: Context,
  { tenantId, connectionId }: ConnectionContext["ref"],
): Promise<string> {
  const by = await readLastMappingChange(app.db, tenantId, connectionId);
  return `${by ?? "Somebody else"} changed the mapping meanwhile. Nothing was overwritten; look at theirs first.`;
}

type SaveOutcome = Awaited<ReturnType<typeof saveMapping>>;

/** Why a mapping could not be saved; undefined if it was saved. */
async function mappingRefusal(
  context: Context,
  ref: ConnectionContext["ref"],
  outcome: SaveOutcome,
): Promise<{ field: "version" | "form"; text: string; status: number } | undefined> {
  switch (outcome.state) {
    case "saved":
      return undefined;
    case "unknown_integration":
      throw noSuchConnection();
    case "stale":
      return { field: "version", text: await stale(context, ref), status: 409 };
    case "unknown_groups":
      return { field: "form", text: unknownGroups, status: 422 };
    case "unknown_client":
      return { field: "form", text: unknownClient, status: 422 };
  }
}

export const mappingIntents = {
  /** Previews the changes. Writes nothing. */
  preview: {
    ...manage,
    run: async (context: Context) => {
      const { ref } = await connectionOf(context, "levelio");
      const parsed = parseForm(mappingForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await previewEdits(context.app.sync, ref, parsed.data.changes);
      switch (outcome.state) {
        case "unknown_integration":
          throw noSuchConnection();
        case "unknown_groups":
          return refused(problem(context.form, { changes: unknownGroups }));
        case "unknown_client":
          return refused(problem(context.form, { changes: unknownClient }));
        case "previewed":
          if (outcome.version !== parsed.data.version)
            return refused(problem(context.form, { version: await stale(context, ref) }), 409);
          return json({ preview: outcome.preview });
      }
    },
  },

  save: {
    ...manage,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(mappingForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const { changes, version } = parsed.data;
      const outcome = await saveMapping(context.app.sync, ref, changes, actor, version);
      const refusal = await mappingRefusal(context, ref, outcome);
      if (refusal !== undefined)
        return refused(problem(new FormData(), { version: refusal.text }), refusal.status);
      if (outcome.state !== "saved") throw notFound();
      return done(
        `${path}/mapping${outcome.changed > 0 ? "?saved" : ""}`,
        `${count(outcome.changed, "group")} changed. The next full sync carries it out.`,
      );
    },
  },
};

/** One group at a time, for the plain list. */
export const groupIntents = {
  "preview-group": {
    ...manage,
    run: async (context: Context) => {
      const { ref } = await connectionOf(context, "levelio");
      const parsed = parseForm(groupForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await previewEdits(context.app.sync, ref, [wantedOf(parsed.data)]);
      if (outcome.state === "unknown_integration") throw noSuchConnection();
      if (outcome.state === "previewed") {
        if (outcome.version !== parsed.data.version)
          return refused(problem(context.form, { version: await stale(context, ref) }), 409);
        return json({ preview: outcome.preview, values: problem(context.form, {}).values });
      }
      const text = outcome.state === "unknown_client" ? unknownClient : unknownGroups;
      return refused(problem(context.form, { form: text }));
    },
  },

  "save-group": {
    ...manage,
    run: async (context: Context) => {
      const { ref, actor, path } = await connectionOf(context, "levelio");
      const parsed = parseForm(groupForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await saveMapping(
        context.app.sync,
        ref,
        [wantedOf(parsed.data)],
        actor,
        parsed.data.version,
      );
      const refusal = await mappingRefusal(context, ref, outcome);
      if (refusal !== undefined)
        return refused(problem(context.form, { [refusal.field]: refusal.text }), refusal.status);
      const isSame = outcome.state === "saved" && outcome.changed === 0;
      const place = `${path}/groups${listPlace(context.url.searchParams)}`;
      return done(
        isSame ? place : `${place}${place.includes("?") ? "&" : "?"}saved`,
        isSame ? "Nothing was different." : "The group is saved. The next full sync carries it out.",
      );
    },
  },
};

function wantedOf({ externalId, choice, clientId, clientName }: z.infer<typeof groupForm>): MappingEdit {
  switch (choice) {
    case "client":
      return { externalId, state: "mapped", clientId: clientId ?? null };
    case "new":
      return { externalId, state: "mapped", clientName: clientName ?? "" };
    case "inherit":
    case "excluded":
      return { externalId, state: choice };
  }
}
