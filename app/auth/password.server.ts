import { hash, verify } from "@node-rs/argon2";

import { MAX_PASSWORD_LENGTH } from "~/domain/password";

/** Argon2id (the library's default) with OWASP's second recommended cost: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

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
