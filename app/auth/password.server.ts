import { hash, verify } from "@node-rs/argon2";

/** Argon2id (the library's default) with OWASP's second recommended cost: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

export const MIN_PASSWORD_LENGTH = 10;
/** Longer ones only cost time: a request may not make the server hash a megabyte. */
export const MAX_PASSWORD_LENGTH = 200;

export const hashPassword = (password: string): Promise<string> => hash(password.normalize("NFKC"), COST);

let decoy: Promise<string> | undefined;

/**
 * Whether the password is the one behind `hashed`. With no hash (unknown e-mail, invitation not accepted yet) it
 * takes as long and answers false, so that time does not tell which e-mails exist.
 */
export async function verifyPassword(hashed: string | null, password: string): Promise<boolean> {
  if (password.length > MAX_PASSWORD_LENGTH) return false;
  decoy ??= hashPassword(crypto.randomUUID());
  const matches = await verify(hashed ?? (await decoy), password.normalize("NFKC"));
  return matches && hashed !== null;
}

/** What is wrong with a new password, in a sentence, or null. */
export function passwordProblem(password: string, about: { email: string }): string | null {
  if (password.length < MIN_PASSWORD_LENGTH) return `Use at least ${MIN_PASSWORD_LENGTH} characters.`;
  if (password.length > MAX_PASSWORD_LENGTH) return `Use at most ${MAX_PASSWORD_LENGTH} characters.`;
  if (new Set(password).size < 4) return "Use more different characters.";
  const lower = password.toLowerCase();
  const mailbox = about.email.toLowerCase().split("@")[0] ?? "";
  if (
    lower === about.email.toLowerCase() ||
    (mailbox.length > 3 && lower.startsWith(mailbox) && lower.length < mailbox.length + 5)
  ) {
    return "Do not use your e-mail address as a password.";
  }
  if (/^(password|passwort|letmein|welcome|qwerty|123456)/.test(lower) && password.length < 16) {
    return "This password is among the first that are guessed.";
  }
  return null;
}
