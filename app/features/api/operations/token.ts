import * as z from "zod";

import { apiScopes, apiTokenKinds } from "@domain/api-scopes";
import { roles } from "@domain/permissions";

import { operation } from "../base/operation";
import { instantText } from "../base/shapes";

export const tokenOperations = [
  operation({
    id: "getToken",
    method: "GET",
    path: "/token",
    tag: "Token",
    summary: "The token of this request",
    description: "Whose it is, what it may do and until when: a first request to try.",
    scope: "read",
    permission: "account:self",
    success: {
      status: 200,
      description: "The token",
      schema: z
        .object({
          id: z.uuid(),
          name: z.string(),
          kind: z.enum(apiTokenKinds),
          scopes: z.array(z.enum(apiScopes)),
          expiresAt: instantText,
          owner: z.object({ email: z.string(), role: z.enum(roles) }),
          company: z.string(),
        })
        .meta({ id: "Token" }),
    },
    run: ({ token, user, tenant }) =>
      Promise.resolve({
        body: {
          id: token.id,
          name: token.name,
          kind: token.kind,
          scopes: token.scopes,
          expiresAt: token.expiresAt.toISOString(),
          owner: { email: user.email, role: user.role },
          company: tenant.name,
        },
      }),
  }),
];
