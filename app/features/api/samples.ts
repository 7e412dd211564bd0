import * as z from "zod";

import { isList } from "./base/csv";
import type { Operation } from "./base/operation";

/** An example as the document carries it (`x-codeSamples`). */
export interface Sample {
  lang: "Shell";
  label: "curl" | "Command line";
  source: string;
}

const AUTHORIZATION = '-H "Authorization: Bearer $PLUMBLINE_TOKEN"';

/** `clientId` as the name of a shell variable: `CLIENT_ID`. */
const variable = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** Calls of an operation from a shell, with ids as variables. A test runs each of them. */
export function samplesOf(operation: Operation, serverUrl: string): Sample[] {
  const { cli } = operation;
  const curl: Sample = { lang: "Shell", label: "curl", source: curlOf(operation, serverUrl) };
  if (cli === undefined) return [curl];
  return [curl, { lang: "Shell", label: "Command line", source: `npm run cli -- ${cli} --url ${serverUrl}` }];
}

function curlOf(operation: Operation, serverUrl: string): string {
  const { method, path, params, example, success } = operation;
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => valueOf(params, name));
  const query = method === "GET" && isList(success.schema) && isPaged(operation) ? "?limit=20" : "";
  const url = `"${serverUrl}/api/v1${address}${query}"`;
  if (method === "GET") return `curl ${AUTHORIZATION} \\\n  ${url}`;
  const start = `curl -X ${method} ${AUTHORIZATION}`;
  if (example === undefined) return `${start} \\\n  ${url}`;
  return [
    `${start} \\`,
    '  -H "Content-Type: application/json" -d @- \\',
    `  ${url} <<JSON`,
    JSON.stringify(example, null, 2),
    "JSON",
  ].join("\n");
}

const isPaged = ({ query }: Operation): boolean => query instanceof z.ZodObject && "limit" in query.shape;

/** The first of several allowed values, or a variable. */
function valueOf(params: z.ZodType | undefined, name: string): string {
  const schema =
    params instanceof z.ZodObject ? (params.shape as Record<string, z.ZodType>)[name] : undefined;
  return schema instanceof z.ZodEnum ? String(schema.options[0]) : `$${variable(name)}`;
}
