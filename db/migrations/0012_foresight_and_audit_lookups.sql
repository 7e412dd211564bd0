DROP INDEX "audit_log_list_idx";--> statement-breakpoint
ALTER TABLE "tenant_external_entity_mappings" ADD COLUMN "identity" jsonb;--> statement-breakpoint
CREATE INDEX "audit_log_action_idx" ON "audit_log" USING btree ("tenant_id","action","id");--> statement-breakpoint
CREATE INDEX "audit_log_time_idx" ON "audit_log" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE INDEX "audit_log_list_idx" ON "audit_log" USING btree ("tenant_id","id");--> statement-breakpoint
-- What devices without an asset are known by is learned when they are written: let the next sweep write them once.
UPDATE "tenant_external_entity_mappings" SET "content_hash" = '' WHERE "asset_id" IS NULL;
