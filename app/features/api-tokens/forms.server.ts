import * as z from "zod";

import { apiScopes, apiTokenDays, apiTokenKinds } from "@domain/api-scopes";
import { onOneLine } from "@domain/text";

export const newTokenForm = z.object({
  name: z
    .string()
    .transform(onOneLine)
    .pipe(z.string().min(1, "Enter what the token is for.").max(100, "Use at most 100 characters.")),
  kind: z.enum(apiTokenKinds, "Choose whose token it is."),
  days: z.coerce
    .number()
    .refine((days) => apiTokenDays.some((choice) => choice === days), "Choose when it expires."),
});

/** The scopes whose boxes were ticked. */
export const tokenScopes = z.array(z.enum(apiScopes, "Choose what the token may do."));

export const tokenForm = z.object({ token: z.uuid() });

export const mcpForm = z.object({ to: z.enum(["on", "off"]) });
