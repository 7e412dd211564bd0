import { json } from "@remix-run/node";

import { matchingRulesSchema, type MatchingRules } from "@domain/matching-rules";
import type { Context } from "~/auth/guard.server";
import { connectionOf, noSuchConnection } from "~/features/connections/context.server";
import { done } from "~/platform/http/form.server";

import { changeMatchingRules, problemsOf, type RulesProblem } from "./change-rules.server";
import { previewRules, type RulesPreview } from "./preview-rules.server";
import { readRulesPage } from "./rules.page.server";

/** The answer to the form: the sent values, with the errors in them or what the rules would do. */
export interface RulesAnswer {
  rules: MatchingRules;
  errors: Partial<Record<string, string>>;
  preview?: RulesPreview;
}

/**
 * Parses rules from a form. Errors are reported by field, also those that the page's form cannot cause, such as a list
 * that is too long.
 */
function rulesOf(form: FormData, before: MatchingRules): RulesAnswer {
  const all = (name: string) => form.getAll(name).map(String);
  const lines = (name: string) =>
    String(form.get(name) ?? "")
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== "");
  const mode = all("mode")[0];
  const parsed = matchingRulesSchema.safeParse({
    ...before,
    approval: { mode, groups: all("group"), types: all("type") },
    keys: all("key").filter((key) => key !== ""),
    junk: { serials: lines("serials"), macs: lines("macs"), hostnames: lines("hostnames") },
    differences: standing(form),
    priority: Number(form.get("priority")),
  });
  if (parsed.success) return { rules: parsed.data, errors: {} };
  const errors: RulesAnswer["errors"] = {};
  for (const { path, message } of parsed.error.issues)
    errors[path.slice(0, path[0] === "junk" ? 2 : 1).join(".")] ??= message;
  return { rules: before, errors };
}

/** The rows of standing rules, without those whose choice is blank, which are thereby removed. */
function standing(form: FormData) {
  const column = (name: string) => form.getAll(name).map(String);
  const [fields, clients, keeps] = [column("field"), column("client"), column("keep")];
  return fields.flatMap((field, row) =>
    keeps[row] === undefined || keeps[row] === ""
      ? []
      : [{ field, clientId: clients[row] === "" ? null : clients[row], keep: keeps[row] }],
  );
}

const byField = (problems: readonly RulesProblem[]): RulesAnswer["errors"] =>
  Object.fromEntries(problems.map(({ field, message }) => [field, message]));

const refusal = (answer: RulesAnswer, status = 422) => json<RulesAnswer>(answer, { status });

/** Answers what the rules in a form would do. Saves nothing. */
export async function answerRulesPreview(context: Context) {
  const { ref } = await connectionOf(context, "levelio");
  return context.inTenant(async (tx) => {
    const page = await readRulesPage(tx, ref);
    if (page === null) throw noSuchConnection();
    const { rules, errors } = rulesOf(context.form, page.rules);
    if (Object.keys(errors).length > 0) return refusal({ rules, errors });
    const problems = byField(await problemsOf(tx, ref, rules));
    if (Object.keys(problems).length > 0) return refusal({ rules, errors: problems });
    const preview = await previewRules(tx, ref, rules, context.app.clock());
    return json<RulesAnswer>({ rules, errors: {}, preview });
  });
}

/** Saves the rules in a form. */
export async function answerRulesSave(context: Context) {
  const { ref, actor, path } = await connectionOf(context, "levelio");
  const page = await context.inTenant((tx) => readRulesPage(tx, ref));
  if (page === null) throw noSuchConnection();
  const { rules, errors } = rulesOf(context.form, page.rules);
  if (Object.keys(errors).length > 0) return refusal({ rules, errors });
  const seen = Number(context.form.get("version"));
  const outcome = await changeMatchingRules(context.app.sync, ref, rules, actor, seen);
  switch (outcome.state) {
    case "unknown_integration":
      throw noSuchConnection();
    case "invalid":
      return refusal({ rules, errors: byField(outcome.problems) });
    case "stale":
      return refusal(
        {
          rules,
          errors: {
            form: "Somebody changed these rules meanwhile. Nothing of yours was saved: reload, look, and save again.",
          },
        },
        409,
      );
    case "saved":
      return done(
        `${path}/matching`,
        outcome.isChanged ? "The rules are saved. The next sync follows them." : "Nothing changed.",
      );
  }
}
