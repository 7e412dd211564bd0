import { json, redirect, type TypedResponse } from "@remix-run/node";
import type * as z from "zod";

import { formatDuration } from "@domain/format";

import { flash } from "./preferences.server";

/** The answer to a refused form: a message per field, `form` for the form as a whole, and the typed values. */
export interface FormProblem {
  errors: Partial<Record<string, string>>;
  values: Record<string, string>;
}

export type ParsedForm<T> = { ok: true; data: T } | { ok: false; problem: FormProblem };

/** Names of fields whose values are never sent back to the browser. */
const SECRET_FIELD = /password|token|secret|key/i;

/** The text fields of a form, without files. Of a repeated name, the last value counts. */
function formFieldsOf(form: FormData): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of form) {
    if (typeof value === "string") fields[name] = value;
  }
  return fields;
}

/**
 * Parses a form by its schema.
 * @returns the data, or the errors by field with the values to show again
 */
export function parseForm<S extends z.ZodType>(schema: S, form: FormData): ParsedForm<z.infer<S>> {
  const fields = formFieldsOf(form);
  const result = schema.safeParse(fields);
  if (result.success) return { ok: true, data: result.data };
  const errors: FormProblem["errors"] = {};
  for (const issue of result.error.issues) errors[String(issue.path[0] ?? "form")] ??= issue.message;
  return { ok: false, problem: problem(form, errors) };
}

/** The refusal of a form: its errors by field, and its values to show again, without secrets. */
export function problem(form: FormData, errors: FormProblem["errors"]): FormProblem {
  const values = Object.fromEntries(
    Object.entries(formFieldsOf(form)).filter(([name]) => !SECRET_FIELD.test(name) && name !== "csrf"),
  );
  return { errors, values };
}

/** The answer to a form that was refused. */
export const refused = (refusal: FormProblem, status = 422): TypedResponse<FormProblem> =>
  json(refusal, { status });

/** The answer after too many attempts, with its message at the given field. */
export function tooManyAttempts(
  form: FormData,
  field: string,
  retryAfterS: number,
): TypedResponse<FormProblem> {
  const wait = formatDuration(Math.ceil(retryAfterS / 60) * 60_000);
  const refusal = problem(form, { [field]: `Too many attempts. Try again in ${wait}.` });
  return json(refusal, { status: 429, headers: { "Retry-After": String(retryAfterS) } });
}

/** Redirects to `to`, which shows `text`. */
export async function done(
  to: string,
  text: string,
  init: { cookies?: string[] } = {},
): Promise<TypedResponse<never>> {
  const headers = new Headers();
  headers.append("Set-Cookie", await flash(text));
  for (const cookie of init.cookies ?? []) headers.append("Set-Cookie", cookie);
  return redirect(to, { status: 303, headers });
}

/**
 * The text if it is a path of this app, otherwise the fallback, so that a crafted link cannot redirect to another site.
 */
export function safePath(path: string | null | undefined, fallback = "/"): string {
  if (!path || !/^\/(?![/\\])[^\\\u0000-\u001f]*$/.test(path)) return fallback;
  return path;
}
