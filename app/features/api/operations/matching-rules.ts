import * as z from "zod";

import { getIntegration } from "@db/queries/connections/connections";
import { readMatchingRules } from "@db/queries/matching-rules/rules";
import { matchKeys } from "@domain/identity";
import { junkKinds, matchingRulesSchema } from "@domain/matching-rules";
import {
  changeMatchingRules,
  problemsOf,
  type RulesProblem,
} from "~/features/matching-rules/change-rules.server";
import { previewRules } from "~/features/matching-rules/preview-rules.server";

import { operation } from "../base/operation";
import { ApiProblem, noSuch, stale } from "../base/problem";
import { connectionParams } from "./connections";

const path = "/connections/{connectionId}/matching-rules";
const version = z.int().meta({ description: "Rises with each change of the rules; good as `If-Match`." });

const stored = z.object({ version, rules: matchingRulesSchema }).meta({ id: "StoredMatchingRules" });

const effect = z
  .object({
    approval: z.object({
      lately: z.int().meta({ description: "Devices that got an asset in the last 30 days." }),
      wouldWait: z.int().meta({ description: "Those of them that would have waited." }),
      waiting: z.int().meta({ description: "Devices that wait for approval now." }),
      released: z.int().meta({ description: "Those of them that the next sync would create." }),
    }),
    unused: z
      .array(z.object({ by: z.enum(matchKeys), devices: z.int() }))
      .meta({ description: "Keys that are not used, and how many devices joined an asset by them so far." }),
    junk: z.array(
      z.object({
        kind: z.enum(junkKinds),
        value: z.string(),
        assets: z.int().meta({ description: "Assets that are no longer found by it." }),
        isKnown: z.boolean().meta({ description: "It is ignored without being listed." }),
      }),
    ),
    differences: z.array(z.int()).meta({
      description:
        "Differences that are there now and that each standing rule would resolve, in their order.",
    }),
    shared: z.int().meta({ description: "Assets that another connection knows too." }),
  })
  .meta({ id: "MatchingRulesEffect" });

function refuse(problems: readonly RulesProblem[]): ApiProblem {
  const errors = problems.map(({ field, message }) => ({ field: `body.${field}`, message }));
  return new ApiProblem("invalid_request", `${errors[0]!.field}: ${errors[0]!.message}`, { errors });
}

export const matchingRulesOperations = [
  operation({
    id: "getMatchingRules",
    method: "GET",
    path,
    tag: "Connections",
    summary: "How new devices of a connection find their asset or get one",
    scope: "read",
    permission: "integrations:read",
    params: connectionParams,
    success: { status: 200, description: "The rules", schema: stored },
    run: async ({ inTenant, tenantId }, { params: { connectionId } }) => {
      const ref = { tenantId, connectionId };
      const found = await inTenant(async (tx) =>
        (await getIntegration(tx, tenantId, connectionId)) === undefined ? null : readMatchingRules(tx, ref),
      );
      if (found === null) throw noSuch("connection");
      return { body: found, version: String(found.version) };
    },
  }),
  operation({
    id: "planMatchingRules",
    method: "POST",
    path: `${path}/plan`,
    tag: "Connections",
    summary: "What matching rules would have done, and what they would do with what waits",
    description: "Writes nothing. As the preview of the page.",
    scope: "read",
    permission: "integrations:read",
    writesNothing: true,
    params: connectionParams,
    body: matchingRulesSchema,
    example: { keys: ["serial"] },
    success: { status: 200, description: "The effect", schema: effect },
    run: async ({ app, inTenant, tenantId }, { params: { connectionId }, body }) =>
      inTenant(async (tx) => {
        const ref = { tenantId, connectionId };
        if ((await getIntegration(tx, tenantId, connectionId)) === undefined) throw noSuch("connection");
        const problems = await problemsOf(tx, ref, body);
        if (problems.length > 0) throw refuse(problems);
        return { body: await previewRules(tx, ref, body, app.clock()) };
      }),
  }),
  operation({
    id: "putMatchingRules",
    method: "PUT",
    path,
    tag: "Connections",
    summary: "Change the matching rules of a connection",
    description:
      "All of them at once; a part that is left out goes back to the default. The next run follows them.",
    scope: "admin",
    permission: "integrations:manage",
    isVersioned: true,
    params: connectionParams,
    body: matchingRulesSchema,
    example: { keys: ["serial"] },
    success: { status: 200, description: "The rules as they are stored", schema: stored },
    run: async ({ app, tenantId, actor, ifMatch }, { params: { connectionId }, body }) => {
      const ref = { tenantId, connectionId };
      const seen = ifMatch === undefined ? undefined : Number(ifMatch);
      const outcome = await changeMatchingRules(app.sync, ref, body, actor, seen);
      switch (outcome.state) {
        case "unknown_integration":
          throw noSuch("connection");
        case "invalid":
          throw refuse(outcome.problems);
        case "stale":
          throw stale("matching rules");
        case "saved":
          return { body: { version: outcome.version, rules: body }, version: String(outcome.version) };
      }
    },
  }),
];
