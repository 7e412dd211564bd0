/** The owner of a secret. */
export interface SecretOwner {
  tenantId: string;
  connectionId: string | null;
  name: string;
}

/** Seals and opens secrets. The wiring binds the installation's key. */
export interface Vault {
  keyId: string;
  seal(plain: string, owner: SecretOwner): { keyId: string; sealed: string };
  /**
   * Opens a sealed secret.
   * @throws UnopenableSecretError
   */
  open(secret: { keyId: string; sealed: string }, owner: SecretOwner): string;
}

/** Why a secret cannot be opened. */
const unopenable = {
  unknown_key: {
    userMessage: "A stored secret was sealed with another APP_SECRET.",
    hint: "Put the former one behind the new one, separated by a comma, and run `npm run cli -- secrets rotate`.",
  },
  damaged: {
    userMessage: "A stored secret is damaged and cannot be opened.",
    hint: "Put the database back from a backup, or enter or make this secret again.",
  },
} as const;

/** A secret cannot be opened: its key is not in APP_SECRET, or the stored text was altered. */
export class UnopenableSecretError extends Error {
  override readonly name = "UnopenableSecretError";
  readonly userMessage: string;
  readonly hint: string;
  constructor(
    readonly why: keyof typeof unopenable,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    ({ userMessage: this.userMessage, hint: this.hint } = unopenable[why]);
  }
}

/** Compares names, not classes, because the bundle and the sources may both be loaded. */
const isUnopenable = (error: unknown): error is UnopenableSecretError =>
  error instanceof Error && error.name === "UnopenableSecretError";

export type Opened = { state: "open"; plain: string } | { state: "lost"; error: UnopenableSecretError };

/** Opens a secret whose key may be lost, or whose text may be damaged. */
export function openUnlessLost(
  vault: Vault,
  secret: { keyId: string; sealed: string },
  owner: SecretOwner,
): Opened {
  try {
    return { state: "open", plain: vault.open(secret, owner) };
  } catch (error) {
    if (isUnopenable(error)) return { state: "lost", error };
    throw error;
  }
}
