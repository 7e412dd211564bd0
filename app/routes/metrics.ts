import { open } from "~/auth/guard.server";
import { mayReadMetrics } from "~/features/operations/readiness.server";

/** The metrics that Prometheus reads. */
export const loader = /* @__PURE__ */ open(
  "Prometheus reads here: from this machine itself, or with METRICS_TOKEN",
  async ({ app, request, ip }) => {
    if (!mayReadMetrics(app.config.metricsToken, request, ip)) {
      return new Response("Send METRICS_TOKEN as a bearer token.\n", {
        status: 401,
        headers: { "WWW-Authenticate": "Bearer", "Cache-Control": "no-store" },
      });
    }
    const text = await app.metrics.read({ db: app.db, now: app.clock(), isLeader: app.jobs.isLeader() });
    return new Response(text, {
      headers: { "Content-Type": app.metrics.contentType, "Cache-Control": "no-store" },
    });
  },
);
