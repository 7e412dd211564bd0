import { createHmac, timingSafeEqual } from "node:crypto";

import * as z from "zod";

interface Person {
  tenantId: string;
  userId: string;
}

const sign = (key: string, { tenantId, userId }: Person): string =>
  createHmac("sha256", key).update(`unsubscribe ${tenantId} ${userId}`).digest("base64url");

/** The address at which a person unsubscribes without signing in; its signature authorizes that. */
export const unsubscribeUrl = (
  { publicUrl, linkKeys }: { publicUrl: string; linkKeys: readonly string[] },
  person: Person,
): string => `${publicUrl}/unsubscribe/${person.tenantId}.${person.userId}.${sign(linkKeys[0]!, person)}`;

const token = z.tuple([z.uuid(), z.uuid(), z.string().max(100)]);

/** The person in a token that one of the keys signed; null for any other text. */
export function personOfToken(linkKeys: readonly string[], text: string | undefined): Person | null {
  const parsed = token.safeParse((text ?? "").split("."));
  if (!parsed.success) return null;
  const [tenantId, userId, given] = parsed.data;
  const isSigned = linkKeys.some((key) => isEqual(sign(key, { tenantId, userId }), given));
  return isSigned ? { tenantId, userId } : null;
}

function isEqual(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
