ALTER TABLE "tenant_external_entity_mappings" ADD COLUMN "sync_failed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "tenant_external_entity_mappings" ADD COLUMN "sync_error" text;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "instance_url" text DEFAULT 'https://api.level.io' NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ALTER COLUMN "instance_url" DROP DEFAULT;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "full_sync_status" text DEFAULT 'never' NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "groups_sync_status" text DEFAULT 'never' NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "alerts_sync_status" text DEFAULT 'never' NOT NULL;--> statement-breakpoint
CREATE INDEX "external_entity_sync_failed_idx" ON "tenant_external_entity_mappings" USING btree ("tenant_id","integration_id") WHERE "tenant_external_entity_mappings"."sync_failed_at" is not null;--> statement-breakpoint
UPDATE "rmm_integrations" i SET
  "full_sync_status" = i."sync_status",
  "groups_sync_status" = coalesce((
    SELECT r."status" FROM "rmm_sync_runs" r
    WHERE r."tenant_id" = i."tenant_id" AND r."integration_id" = i."id" AND r."ended_at" IS NOT NULL
      AND (r."type" = 'organizations' AND r."status" <> 'cancelled'
        OR r."type" = 'full' AND r."status" IN ('completed', 'completed_with_errors'))
    ORDER BY r."ended_at" DESC LIMIT 1), 'never'),
  "alerts_sync_status" = coalesce((
    SELECT r."status" FROM "rmm_sync_runs" r
    WHERE r."tenant_id" = i."tenant_id" AND r."integration_id" = i."id" AND r."ended_at" IS NOT NULL
      AND r."type" = 'alerts' AND r."target_external_id" IN ('', 'active') AND r."status" <> 'cancelled'
    ORDER BY r."ended_at" DESC LIMIT 1), 'never');--> statement-breakpoint
UPDATE "rmm_integrations" SET "sync_status" = 'failed'
WHERE "sync_status" <> 'syncing' AND 'failed' IN ("groups_sync_status", "alerts_sync_status");
