DROP INDEX "rmm_planned_changes_list_idx";--> statement-breakpoint
DROP INDEX "rmm_sync_runs_list_idx";--> statement-breakpoint
ALTER TABLE "rmm_held_changes" ADD COLUMN "name_key" text GENERATED ALWAYS AS (natural_key(name)) STORED;--> statement-breakpoint
ALTER TABLE "rmm_identity_reviews" ADD COLUMN "name_key" text GENERATED ALWAYS AS (natural_key(name)) STORED;--> statement-breakpoint
ALTER TABLE "rmm_planned_changes" ADD COLUMN "name_key" text GENERATED ALWAYS AS (natural_key(name)) STORED;--> statement-breakpoint
CREATE INDEX "rmm_sync_runs_newest_idx" ON "rmm_sync_runs" USING btree ("tenant_id","requested_at","id");--> statement-breakpoint
CREATE INDEX "rmm_planned_changes_list_idx" ON "rmm_planned_changes" USING btree ("tenant_id","run_id","action","name_key" collate "C");--> statement-breakpoint
CREATE INDEX "rmm_sync_runs_list_idx" ON "rmm_sync_runs" USING btree ("tenant_id","integration_id","requested_at","id");