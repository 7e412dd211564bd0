import { hash, verify } from "@node-rs/argon2";

import { MAX_PASSWORD_LENGTH } from "@domain/password";

/** Argon2id (the library's default) with OWASP's second recommended cost: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes a password with Argon2id, after Unicode normalization (NFKC), so that any keyboard gives the same hash. */
export const hashPassword = (password: string): Promise<string> => hash(password.normalize("NFKC"), COST);

let decoy: Promise<string> | undefined;

/**
 * Each sign-in compares at least this many passwords, so that its duration reveals neither whether an e-mail has an
 * account nor, up to this number, at how many companies.
 */
const MIN_COMPARED = 4;

/** The accounts with this password. An account without a hash (an invitation not accepted yet) never matches. */
export async function verifyPasswords<A extends { passwordHash: string | null }>(
  accounts: A[],
  password: string,
): Promise<A[]> {
  const slots = Array.from(
    { length: Math.max(MIN_COMPARED, accounts.length) },
    (_, i) => accounts[i]?.passwordHash ?? null,
  );
  const matches = await Promise.all(slots.map((hashed) => verifyPassword(hashed, password)));
  return accounts.filter((_, i) => matches[i]);
}

/** Whether `hashed` is the hash of the password. Without a hash the answer is false and takes as long. */
export async function verifyPassword(hashed: string | null, password: string): Promise<boolean> {
  if (password.length > MAX_PASSWORD_LENGTH) return false;
  decoy ??= hashPassword(crypto.randomUUID());
  const matches = await verify(hashed ?? (await decoy), password.normalize("NFKC"));
  return matches && hashed !== null;
}
