import { apiScopeTitles, type ApiScope } from "@domain/api-scopes";

import { createApiDocument } from "./document.server";
import type { Sample } from "./samples";

/** A field of a request or an answer. The name of a nested field includes those of the fields around it. */
export interface ReferenceField {
  name: string;
  type: string;
  isRequired: boolean;
  description: string;
}

export interface ReferenceEntry {
  id: string;
  method: string;
  path: string;
  summary: string;
  scope: string;
}

export interface ReferencePage extends ReferenceEntry {
  tag: string;
  description: string;
  /** The parameters in the path, the query and the headers. */
  parameters: (ReferenceField & { place: string })[];
  body: ReferenceField[];
  answer: { status: string; description: string; fields: ReferenceField[]; isCsvToo: boolean };
  refusals: { status: string; description: string }[];
  samples: Sample[];
}

/** The part of a schema of the document that the pages read. */
interface Schema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  format?: string;
}

interface Content {
  content?: Record<string, { schema: Schema }>;
}

interface Described {
  operationId: string;
  tags: [string];
  summary: string;
  description: string;
  parameters?: { in: string; name: string; required?: boolean; description?: string; schema: Schema }[];
  requestBody?: Content;
  responses: Record<string, Content & { description: string }>;
  "x-codeSamples": Sample[];
  "x-scope": ApiScope;
}

interface Described31 {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
}

const read = (serverUrl: string) => createApiDocument(serverUrl) as unknown as Described31;

function entriesOf({ paths }: Described31): { entry: ReferenceEntry; described: Described }[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      described,
      entry: {
        id: described.operationId,
        method: method.toUpperCase(),
        path,
        summary: described.summary,
        scope: apiScopeTitles[described["x-scope"]].title,
      },
    })),
  );
}

/** Every operation of the API under its heading, in the order of the document. */
export function readReferenceIndex(serverUrl: string): { tag: string; entries: ReferenceEntry[] }[] {
  const byTag = new Map<string, ReferenceEntry[]>();
  for (const { entry, described } of entriesOf(read(serverUrl))) {
    const [tag] = described.tags;
    byTag.set(tag, [...(byTag.get(tag) ?? []), entry]);
  }
  return [...byTag].map(([tag, entries]) => ({ tag, entries }));
}

/** One operation as its page shows it; undefined if there is no such operation. */
export function readReferencePage(serverUrl: string, id: string): ReferencePage | undefined {
  const document = read(serverUrl);
  const found = entriesOf(document).find(({ entry }) => entry.id === id);
  if (found === undefined) return undefined;
  const { entry, described } = found;
  const fields = (part: Content | undefined) =>
    fieldsOf(document, part?.content?.["application/json"]?.schema);
  const answers = Object.entries(described.responses);
  const [status, answer] = answers.find(([code]) => code.startsWith("2"))!;
  return {
    ...entry,
    tag: described.tags[0],
    description: described.description,
    parameters: (described.parameters ?? []).map(
      ({ in: place, name, required = false, description, schema }) => ({
        place,
        name,
        type: typeOf(document, schema),
        isRequired: required,
        description: description ?? schema.description ?? "",
      }),
    ),
    body: fields(described.requestBody),
    answer: {
      status,
      description: answer.description,
      fields: fields(answer),
      isCsvToo: answer.content?.["text/csv"] !== undefined,
    },
    refusals: answers
      .filter(([code]) => !code.startsWith("2"))
      .map(([code, { description }]) => ({ status: code, description })),
    samples: described["x-codeSamples"],
  };
}

/** The referenced schema, without the alternatives for null and for answers with fewer fields. */
function plain({ components }: Described31, schema: Schema): Schema {
  let current = schema;
  for (;;) {
    const next: Schema | undefined =
      current.$ref === undefined
        ? current.anyOf?.find(({ type }) => type !== "null")
        : components.schemas[current.$ref.replace("#/components/schemas/", "")];
    if (next === undefined) return current;
    current = next;
  }
}

function fieldsOf(document: Described31, schema: Schema | undefined, above = ""): ReferenceField[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = plain(document, schema);
  return Object.entries(properties).flatMap(([key, value]) => {
    const name = `${above}${key}`;
    const field: ReferenceField = {
      name,
      type: typeOf(document, value),
      isRequired: required.includes(key),
      description: value.description ?? plain(document, value).description ?? "",
    };
    const inner = plain(document, value);
    const isList = inner.items !== undefined;
    return [field, ...fieldsOf(document, inner.items ?? inner, `${name}${isList ? "[]" : ""}.`)];
  });
}

function typeOf(document: Described31, schema: Schema): string {
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts !== undefined) return [...new Set(parts.map((part) => typeOf(document, part)))].join(" or ");
  const { type, enum: words, const: word, format, items } = plain(document, schema);
  if (word !== undefined) return JSON.stringify(word);
  if (words !== undefined) return words.map((one) => JSON.stringify(one)).join(", ");
  if (items !== undefined) return `list of ${typeOf(document, items)}`;
  const name = Array.isArray(type) ? type.join(" or ") : (type ?? "anything");
  return format === undefined ? name : `${name} (${format})`;
}
