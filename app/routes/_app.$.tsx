import { guarded, notFound } from "~/auth/guard.server";

/** Every address that no other route knows. */
export const loader = /* @__PURE__ */ guarded({ permission: "account:self" }, async () => {
  throw notFound();
});

export const action = /* @__PURE__ */ guarded({ permission: "account:self" }, async () => {
  throw notFound();
});

export default function NotFound() {
  return null;
}
