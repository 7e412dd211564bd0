import * as z from "zod";

import { ApiProblem } from "./problem";

const PARAMETER = "fields";

type Shape = Record<string, z.ZodType>;

/** The schema of an answer's record: the rows of a page, or the answer itself. Undefined if it has no fields. */
function recordOf(answer: z.ZodType): { record: z.ZodObject<Shape>; isPage: boolean } | undefined {
  if (!(answer instanceof z.ZodObject)) return undefined;
  const { data } = answer.shape as Shape;
  if (data === undefined) return { record: answer as z.ZodObject<Shape>, isPage: false };
  const row = data instanceof z.ZodArray ? (data.element as z.ZodType) : undefined;
  return row instanceof z.ZodObject ? { record: row as z.ZodObject<Shape>, isPage: true } : undefined;
}

/** The parameter `fields` of a read, for the API document. */
export function fieldsParameter(answer: z.ZodType): z.ZodObject | undefined {
  const found = recordOf(answer);
  if (found === undefined) return undefined;
  const [first, second = first] = Object.keys(found.record.shape);
  return z.object({
    [PARAMETER]: z
      .string()
      .max(1000)
      .optional()
      .meta({ description: "Only these fields, with commas between them.", example: `${first},${second}` }),
  });
}

/** The schema of an answer that has only some of its fields. */
export function sparse(answer: z.ZodType): z.ZodType {
  const found = recordOf(answer);
  if (found === undefined) return answer;
  const some = found.record.partial();
  return found.isPage ? (answer as z.ZodObject).extend({ data: z.array(some) }) : some;
}

export interface Picked {
  has: (field: string) => boolean;
  /** Returns an answer with these fields alone. */
  pick: (body: unknown) => unknown;
}

/**
 * Removes `fields` from a query.
 * @returns undefined if the caller asks for all fields
 * @throws ApiProblem if one of the fields does not exist
 */
export function takeFields(answer: z.ZodType, query: Record<string, unknown>): Picked | undefined {
  const found = recordOf(answer);
  const text = query[PARAMETER];
  if (found === undefined || typeof text !== "string") return undefined;
  delete query[PARAMETER];
  const names = new Set(text.split(",").map((name) => name.trim()));
  const unknown = [...names].find((name) => !Object.hasOwn(found.record.shape, name));
  if (unknown !== undefined) {
    const message = `There is no field “${unknown}”, but ${Object.keys(found.record.shape).join(", ")}.`;
    const field = `query.${PARAMETER}`;
    throw new ApiProblem("invalid_request", `${field}: ${message}`, { errors: [{ field, message }] });
  }
  const pick = (record: object) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
  return {
    has: (field) => names.has(field),
    pick: found.isPage
      ? (body) => ({ ...(body as object), data: (body as { data: object[] }).data.map(pick) })
      : (body) => pick(body as object),
  };
}
