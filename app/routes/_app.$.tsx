import { guarded, notFound } from "~/auth/guard.server";

/** Every address that no other route knows. */
export const loader = guarded({ permission: "account:self" }, async () => {
  throw notFound();
});

export const action = guarded({ permission: "account:self" }, async () => {
  throw notFound();
});

export default function NotFound() {
  return null;
}
