import Mustache from "mustache";

/** Logic-less templates of addresses, headers and JSON bodies. */

export type TemplateView = Readonly<Record<string, unknown>>;

type Spans = ReturnType<typeof Mustache.parse>;

/** Values in a template are escaped for their place. Syntax that would bypass that is refused. */
const escapes = {
  json: (value: unknown) => JSON.stringify(String(value)).slice(1, -1),
  address: (value: unknown) => encodeURIComponent(String(value)),
  plain: (value: unknown) => String(value).replace(/[\r\n\0]+/g, " "),
} as const;

export type TemplatePlace = keyof typeof escapes;

const findForbidden = (spans: Spans): string | undefined => {
  for (const [type, value, , , children] of spans) {
    if (type === "&") return `{{{${value}}}} and {{&${value}}} put text in as it is: write {{${value}}}.`;
    if (type === ">") return `{{>${value}}}: there are no partials.`;
    if (type === "=") return "The delimiters {{ and }} cannot be changed.";
    const within = Array.isArray(children) ? findForbidden(children as Spans) : undefined;
    if (within !== undefined) return within;
  }
  return undefined;
};

/** Why a template is refused; undefined if it is accepted. */
export function refusalOfTemplate(template: string): string | undefined {
  try {
    return findForbidden(Mustache.parse(template));
  } catch (error) {
    return `This template cannot be read: ${(error as Error).message.slice(0, 200)}.`;
  }
}

export const render = (template: string, view: TemplateView, place: TemplatePlace): string =>
  Mustache.render(template, view, undefined, { escape: escapes[place] });

/** The value at a path such as `items.0.id` of an answer; undefined if there is none. */
export function valueAt(answer: unknown, path: string): unknown {
  let value = answer;
  for (const part of path === "" ? [] : path.split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** An id or a name as text; undefined for any other value. */
export const textAt = (answer: unknown, path: string): string | undefined => {
  const value = valueAt(answer, path);
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
};
