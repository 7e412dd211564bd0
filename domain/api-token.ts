import { createHash } from "node:crypto";

import type { ApiTokenKind } from "./api-scopes";

/** What scanners for leaked secrets look for. */
const prefixes: Record<ApiTokenKind, string> = { personal: "plumbline_pat_", service: "plumbline_svc_" };

/**
 * A token as it is shown once: a prefix that identifies it, 256 random bits, and a checksum over both, by which
 * scanners, and the app without a query, recognize a token.
 * @param secret 256 random bits in base64url: 43 characters
 */
export const formatApiToken = (kind: ApiTokenKind, secret: string): string => {
  const body = prefixes[kind] + secret;
  return body + checksumOf(body);
};

const form = /^plumbline_(?:pat|svc)_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/;

/** Whether a text has the form and the checksum of a token. */
export const isApiToken = (text: string): boolean =>
  form.test(text) && checksumOf(text.slice(0, -8)) === text.slice(-8);

/** The first characters, by which a person recognizes a token in a list. */
export const apiTokenHint = (token: string): string => token.slice(0, "plumbline_pat_".length + 4);

const checksumOf = (body: string): string => createHash("sha256").update(body).digest("hex").slice(0, 8);
