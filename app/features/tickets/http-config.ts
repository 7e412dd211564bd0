import * as z from "zod";

import { refusalOfTemplate } from "./templates";

/** The settings of a ticket system that is called over HTTP. They contain no secrets. */

const MAX_TEMPLATE = 20_000;
const template = z
  .string()
  .max(MAX_TEMPLATE)
  .superRefine((text, context) => {
    const refusal = refusalOfTemplate(text);
    if (refusal !== undefined) context.addIssue({ code: "custom", message: refusal });
  });
const path = z.string().max(300);
const name = z.string().max(100);

const request = z.object({
  method: z.enum(["GET", "POST", "PUT", "PATCH"]),
  /** Appended to the system's address; a template. */
  path: template,
  /** A template of JSON; empty for no body. */
  body: template.default(""),
});
export type TicketRequest = z.infer<typeof request>;

export const httpConfig = z.object({
  preset: z.string().max(40).default("custom"),
  /** The address to which the paths of the requests are appended. */
  address: z.string().max(2_000),
  /** Values for the templates that are not secret: a board, a company, a queue. */
  fields: z.record(name, z.string().max(1_000)).default({}),
  /** Templates. Besides these, only path and body may contain secrets. */
  headers: z.record(name, template).default({}),
  auth: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("none") }),
      z.object({ kind: z.literal("basic"), user: template, password: template }),
      z.object({
        kind: z.literal("oauth2"),
        tokenAddress: template,
        clientId: template,
        scope: z.string().max(500),
      }),
    ])
    .default({ kind: "none" }),
  /** The header by which the system recognises a repetition; empty if it does not. */
  keyHeader: z.string().max(100).default(""),
  open: request,
  /** Where the answer has the new ticket's id, and its number if it has one. */
  idPath: path,
  numberPath: path.default(""),
  /** The address of the ticket's page for people: a template with `id` and `number`. */
  link: template.default(""),
  /** Finds a ticket by its mark. `listPath`: where the answer has the list; if empty, the answer is the list. */
  find: request
    .extend({
      listPath: path,
      idPath: path,
      numberPath: path.default(""),
      /**
       * The most tickets that a list has: if it is full, a ticket that it lacks may still exist. 0 if lists have no
       * limit.
       */
      pageSize: z.number().int().min(0).max(1_000).default(0),
    })
    .nullable()
    .default(null),
  comment: request.nullable().default(null),
  close: request.nullable().default(null),
  test: request.nullable().default(null),
  /**
   * Lists the companies that clients can be matched with. Absent in settings that were saved before this request
   * existed.
   */
  companies: request.extend({ listPath: path, idPath: path, namePath: path }).nullable().optional(),
});
export type HttpConfig = z.infer<typeof httpConfig>;

/** Secrets by name; sealed together. */
export const httpSecrets = z.record(z.string(), z.string());
export type HttpSecrets = z.infer<typeof httpSecrets>;
