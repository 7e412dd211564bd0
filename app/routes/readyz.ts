import { open } from "~/auth/guard.server";
import { checkReadiness } from "~/features/operations/readiness.server";

/** 200 when this process can do its work, 503 with what is missing when it cannot. */
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
