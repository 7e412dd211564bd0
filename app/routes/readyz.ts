import { open } from "~/auth/guard.server";
import { checkReadiness } from "~/features/operations/readiness.server";

/** 200 if this process can do its work; otherwise 503, with what is missing. */
export const loader = /* @__PURE__ */ open(
  "Load balancers and watchdogs look here; it says only what works",
  async ({ app }) => {
    const readiness = await checkReadiness(app);
    return Response.json(readiness, {
      status: readiness.ready ? 200 : 503,
      headers: { "Cache-Control": "no-store" },
    });
  },
);
