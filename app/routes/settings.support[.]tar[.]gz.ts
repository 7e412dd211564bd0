import { guarded } from "~/auth/guard.server";
import { companySupportBundle } from "~/features/operations/support-bundle";
import { secretsIn } from "~/platform/env.server";
import { gzipDownload } from "~/platform/http/gzip.server";
import { redactedJson } from "~/platform/logger.server";
import { productVersion } from "~/platform/version.server";

/**
 * The support bundle for a helper outside the company, without secrets and names. The audit log records who downloaded
 * it.
 */
export const loader = /* @__PURE__ */ guarded(
  { permission: "support:download" },
  async ({ app, tenantId, inTenant, audit }) => {
    await inTenant((tx) => audit(tx, { action: "support.downloaded" }));
    const now = app.clock();
    const files = await companySupportBundle({
      config: app.config,
      version: productVersion(),
      db: app.db,
      now,
      secrets: secretsIn(),
      redactedJson,
      tenantId,
    });
    const time = now.toISOString().slice(0, 16).replace(":", "");
    return gzipDownload(files, `plumbline-support-${time}.tar.gz`, (error) =>
      app.sync.log.warn({ tenantId, err: error }, "a support bundle ended early"),
    );
  },
);
