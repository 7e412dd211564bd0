import * as z from "zod";

import { alertSeverities } from "@domain/alert-words";
import { assetTypes } from "@domain/asset-words";
import type { AlertConditions } from "@domain/alert-conditions";
import { weekdays } from "@domain/repeat";
import { conditionFields } from "~/features/alert-conditions/conditions.server";

import { ApiProblem } from "./problem";

const about = "Which incidents: every kind that has values must hold, and one of its values is enough.";

/** Conditions as a caller sends them. A kind that is left out matches everything. */
export const conditionsBody = z
  .strictObject({
    severities: conditionFields.severities.default([]),
    name: z
      .string()
      .max(1000)
      .default("")
      .meta({ description: "A part of the alert's name, or with `*` or `?` a pattern for all of it." }),
    clientIds: conditionFields.clientIds.default([]),
    groupIds: conditionFields.groupIds
      .default([])
      .meta({ description: "Groups of the RMM with everything below." }),
    assetIds: conditionFields.assetIds.default([]),
    tags: conditionFields.tags.default([]),
    assetTypes: conditionFields.assetTypes.default([]),
    platforms: conditionFields.platforms.default([]),
  })
  .meta({ description: about });

/** Conditions as the API returns them. */
export const conditionsShown = z
  .object({
    severities: z.array(z.enum(alertSeverities)),
    name: z.string(),
    clientIds: z.array(z.string()),
    groupIds: z.array(z.string()),
    assetIds: z.array(z.string()),
    tags: z.array(z.string()),
    assetTypes: z.array(z.enum(assetTypes)),
    platforms: z.array(z.string()),
  })
  .meta({ id: "AlertConditions", description: about });

export const weekdayList = z.array(z.enum(weekdays)).max(7);

/** Adds conditions to a form, as the page's form sends them. */
export function appendConditions(form: FormData, conditions: AlertConditions): void {
  const lists = {
    severity: conditions.severities,
    client: conditions.clientIds,
    group: conditions.groupIds,
    asset: conditions.assetIds,
    tag: conditions.tags,
    assetType: conditions.assetTypes,
    platform: conditions.platforms,
  };
  form.set("pattern", conditions.name);
  for (const [name, values] of Object.entries(lists)) for (const value of values) form.append(name, value);
}

/**
 * Refuses a body that the parser of a page's form refused.
 * @param fields the names in the body of those form fields that have another name there
 * @throws ApiProblem if there are errors
 */
export function refuseErrors(
  errors: Partial<Record<string, string>>,
  fields: Readonly<Record<string, string>>,
): void {
  const problems = Object.entries({ ...errors }).map(([field, message = ""]) => ({
    field: `body.${fields[field] ?? field}`,
    message,
  }));
  const [first] = problems;
  if (first === undefined) return;
  throw new ApiProblem("invalid_request", `${first.field}: ${first.message}`, { errors: problems });
}
