import { json } from "@remix-run/node";
import * as z from "zod";

import { count } from "@domain/format";
import { problemsOfRules } from "@domain/mapping-code";
import { mappingRuleLimits, type MappingRuleInput } from "@domain/mapping-rules";
import { notFound, type Context } from "~/auth/guard.server";
import {
  connectionOf,
  noSuchConnection,
  type ConnectionContext,
} from "~/features/connections/context.server";
import { mappingForm, parseJson } from "~/features/connections/forms.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";

import { mappingRule } from "./mapping-code.server";
import { readLastMappingChange } from "./mapping.page.server";
import { saveMapping } from "./mapping.server";
import { previewEdits } from "./preview-edits.server";

const manage = { permission: "integrations:manage", provider: "levelio" } as const;

/**
 * The form of the mapping, which may also hold all rules by path as JSON. If they are absent, the rules stay as they
 * are.
 */
const editForm = mappingForm
  .extend({
    rules: z
      .string()
      .transform((text) => parseJson(text))
      .pipe(z.array(mappingRule).max(mappingRuleLimits.rules))
      .refine((rules) => problemsOfRules(rules).length === 0, {
        error: ({ input }) => problemsOfRules(input as MappingRuleInput[])[0]?.message ?? "",
      })
      .optional(),
  })
  .refine(({ changes, rules }) => changes.length > 0 || rules !== undefined, {
    path: ["changes"],
    message: "Nothing was changed.",
  });

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
): Promise<{ text: string; status: number } | undefined> {
  switch (outcome.state) {
    case "saved":
      return undefined;
    case "unknown_integration":
      throw noSuchConnection();
    case "stale":
      return { text: await stale(context, ref), status: 409 };
    case "unknown_groups":
      return { text: unknownGroups, status: 422 };
    case "unknown_client":
      return { text: unknownClient, status: 422 };
  }
}

export const mappingIntents = {
  /** Previews the changes. Writes nothing. */
  preview: {
    ...manage,
    run: async (context: Context) => {
      const { ref } = await connectionOf(context, "levelio");
      const parsed = parseForm(editForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await previewEdits(context.app.sync, ref, parsed.data.changes, parsed.data.rules);
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
      const parsed = parseForm(editForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const { changes, version, rules } = parsed.data;
      const outcome = await saveMapping(context.app.sync, ref, changes, actor, version, rules);
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
