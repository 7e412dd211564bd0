import * as z from "zod";

import { roles } from "./permissions";

/** The forms of people and sign-in. What is said here stands beside the field. */

const name = z.string().trim().min(1, "Enter a name.").max(120, "Use at most 120 characters.");
const email = z
  .string()
  .trim()
  .max(254, "This address is too long.")
  .pipe(z.email("Enter an e-mail address."));
const role = z.enum(roles, "Choose a role.");
/** Its strength is judged by `passwordProblem`. */
const newPassword = z.string().min(1, "Enter a password.");

export const signInForm = z.object({
  email: z.string().trim().min(1, "Enter your e-mail address.").max(254, "This address is too long."),
  password: z.string().min(1, "Enter your password.").max(1000, "This password is too long."),
  next: z.string().optional(),
});

export const setupForm = z.object({
  company: z
    .string()
    .trim()
    .min(1, "Enter the name of your company.")
    .max(120, "Use at most 120 characters."),
  name,
  email,
  password: newPassword,
});

export const invitationForm = z.object({ name, password: newPassword });

export const inviteForm = z.object({ name, email, role });

export const roleForm = z.object({ userId: z.uuid(), role });

export const personForm = z.object({ userId: z.uuid() });

export const passwordForm = z.object({
  current: z.string().min(1, "Enter your present password."),
  password: newPassword,
});
