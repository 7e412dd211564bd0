CREATE TABLE "rmm_ignored_records" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"resource" text NOT NULL,
	"fingerprint" text NOT NULL,
	"external_id" text,
	"name" text,
	"reason" text NOT NULL,
	"note" text NOT NULL,
	"actor" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rmm_ignored_records" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rmm_sync_run_errors" ADD COLUMN "fingerprint" text;--> statement-breakpoint
ALTER TABLE "rmm_sync_run_errors" ADD COLUMN "is_ignored" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_sync_run_pages" ADD COLUMN "ignored" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD COLUMN "items_ignored" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_ignored_records" ADD CONSTRAINT "rmm_ignored_records_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_ignored_records" ADD CONSTRAINT "rmm_ignored_records_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_ignored_records_key" ON "rmm_ignored_records" USING btree ("tenant_id","integration_id","resource","fingerprint");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_ignored_records" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);