import { guarded, notFound } from "~/auth/guard.server";

/** Answers every address that no other route matches with 404. */
export const loader = /* @__PURE__ */ guarded({ permission: "account:self" }, async () => {
  throw notFound();
});

export const action = /* @__PURE__ */ guarded({ permission: "account:self" }, async () => {
  throw notFound();
});

export default function NotFound() {
  return null;
}
