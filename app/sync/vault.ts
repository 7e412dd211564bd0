/** What a secret belongs to. */
export interface SecretOwner {
  tenantId: string;
  integrationId: string | null;
  name: string;
}

/** Seals and opens: bound to the installation's key by the composition root. */
export interface Vault {
  keyId: string;
  seal(plain: string, owner: SecretOwner): { keyId: string; sealed: string };
  /** @throws UnknownKeyError */
  open(secret: { keyId: string; sealed: string }, owner: SecretOwner): string;
}

/** A secret cannot be opened: it was sealed under a key that this installation does not have. */
export class UnknownKeyError extends Error {
  override readonly name = "UnknownKeyError";
  readonly userMessage = "A stored secret was sealed with another APP_SECRET.";
  readonly hint =
    "Put the former one behind the new one, separated by a comma, and run `npm run cli -- secrets rotate`.";
}

/** By name, not by class: the bundle and the sources may be loaded side by side. */
export const isUnknownKeyError = (error: unknown): error is UnknownKeyError =>
  error instanceof Error && error.name === "UnknownKeyError";

export type Opened = { state: "open"; plain: string } | { state: "lost"; error: UnknownKeyError };

/** Opens a secret that may have been sealed under a key which is lost. */
export function openUnlessLost(
  vault: Vault,
  secret: { keyId: string; sealed: string },
  owner: SecretOwner,
): Opened {
  try {
    return { state: "open", plain: vault.open(secret, owner) };
  } catch (error) {
    if (isUnknownKeyError(error)) return { state: "lost", error };
    throw error;
  }
}
