import * as z from "zod";

import { roles } from "@domain/permissions";
import { onOneLine } from "@domain/text";
import { versionField } from "~/platform/http/stale.server";

/** The forms of people and sign-in. The pages show each message beside its field. */

const line = z.string().transform(onOneLine);
const lineUpTo120 = (missing: string) =>
  line.pipe(z.string().min(1, missing).max(120, "Use at most 120 characters."));

const name = lineUpTo120("Enter a name.");
const email = line
  .pipe(z.string().max(254, "This address is too long."))
  .pipe(z.email("Enter an e-mail address."));
const role = z.enum(roles, "Choose a role.");
/** `passwordProblem` checks its strength. */
const newPassword = z.string().min(1, "Enter a password.");

export const signInForm = z.object({
  email: line.pipe(z.string().min(1, "Enter your e-mail address.").max(254, "This address is too long.")),
  password: z.string().min(1, "Enter your password.").max(1000, "This password is too long."),
  next: z.string().optional(),
});

export const setupForm = z.object({
  company: lineUpTo120("Enter the name of your company."),
  name,
  email,
  password: newPassword,
});

export const invitationForm = z.object({ name, password: newPassword });

export const inviteForm = z.object({ name, email, role });

export const roleForm = z.object({ userId: z.uuid(), role, version: versionField });

export const personForm = z.object({ userId: z.uuid() });

/** The hash that identifies a session. */
export const sessionForm = z.object({ session: z.string().regex(/^[0-9a-f]{64}$/) });

export const passwordForm = z.object({
  current: z.string().min(1, "Enter your current password."),
  password: newPassword,
});
