CREATE TABLE "rmm_sync_run_days" (
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"type" text NOT NULL,
	"day" date NOT NULL,
	"runs" integer NOT NULL,
	"failed" integer NOT NULL,
	"cancelled" integer NOT NULL,
	"started" integer NOT NULL,
	"duration_ms" bigint NOT NULL,
	"items_seen" bigint NOT NULL,
	"items_created" bigint NOT NULL,
	"items_updated" bigint NOT NULL,
	"items_gone" bigint NOT NULL,
	"items_failed" bigint NOT NULL,
	"pages" bigint NOT NULL,
	"requests" bigint NOT NULL,
	CONSTRAINT "rmm_sync_run_days_tenant_id_integration_id_type_day_pk" PRIMARY KEY("tenant_id","integration_id","type","day")
);
--> statement-breakpoint
ALTER TABLE "rmm_sync_run_days" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP INDEX "outgoing_deliveries_due_idx";--> statement-breakpoint
DROP INDEX "rmm_sync_run_errors_run_idx";--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "alerts_failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "alerts_paused_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "alerts_paused_reason" text;--> statement-breakpoint
ALTER TABLE "outgoing_subscriptions" ADD COLUMN "failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "outgoing_subscriptions" ADD COLUMN "rests_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_sync_run_days" ADD CONSTRAINT "rmm_sync_run_days_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_sync_run_days" ADD CONSTRAINT "rmm_sync_run_days_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rmm_sync_runs_type_idx" ON "rmm_sync_runs" USING btree ("tenant_id","integration_id","type","requested_at");--> statement-breakpoint
CREATE INDEX "outgoing_deliveries_due_idx" ON "outgoing_deliveries" USING btree ("subscription_id","next_attempt_at") WHERE "outgoing_deliveries"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "rmm_sync_run_errors_run_idx" ON "rmm_sync_run_errors" USING btree ("run_id","id");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_sync_run_days" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);