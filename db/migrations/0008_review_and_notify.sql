CREATE TABLE "notifications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"recipients" text[] NOT NULL,
	"subject" text NOT NULL,
	"body" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone NOT NULL,
	"last_error" text,
	"sent_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "notifications" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_held_changes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"asset_id" uuid,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"name" text NOT NULL,
	"from_value" text,
	"to_value" text,
	"reason" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rmm_held_changes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_identity_reviews" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"reason" text NOT NULL,
	"candidates" jsonb NOT NULL,
	"device" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rmm_identity_reviews" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rmm_planned_changes" (
	"tenant_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"action" text NOT NULL,
	"name" text NOT NULL,
	"asset_id" uuid,
	"from_client_id" uuid,
	"to_client_id" uuid,
	"changes" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"reason" text,
	"content_hash" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "rmm_planned_changes_run_id_external_id_pk" PRIMARY KEY("run_id","external_id")
);
--> statement-breakpoint
ALTER TABLE "rmm_planned_changes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
DROP INDEX "assets_serial_idx";--> statement-breakpoint
ALTER TABLE "tenants" ADD COLUMN "notify_emails" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "assets" ADD COLUMN "retired_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "assets" ADD COLUMN "serial_key" text;--> statement-breakpoint
ALTER TABLE "assets" ADD COLUMN "mac_keys" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "assets" ADD COLUMN "hostname_key" text;--> statement-breakpoint
ALTER TABLE "tenant_external_entity_mappings" ADD COLUMN "reported" jsonb;--> statement-breakpoint
ALTER TABLE "tenant_external_entity_mappings" ADD COLUMN "link" jsonb;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "gone_grace_days" integer DEFAULT 7 NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "health" text DEFAULT 'ok' NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "health_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_organization_mappings" ADD COLUMN "assigned_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD COLUMN "applies_run_id" uuid;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_held_changes" ADD CONSTRAINT "rmm_held_changes_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_held_changes" ADD CONSTRAINT "rmm_held_changes_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_held_changes" ADD CONSTRAINT "rmm_held_changes_run_id_rmm_sync_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."rmm_sync_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_held_changes" ADD CONSTRAINT "rmm_held_changes_asset_id_assets_id_fk" FOREIGN KEY ("asset_id") REFERENCES "public"."assets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_identity_reviews" ADD CONSTRAINT "rmm_identity_reviews_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_identity_reviews" ADD CONSTRAINT "rmm_identity_reviews_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_planned_changes" ADD CONSTRAINT "rmm_planned_changes_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_planned_changes" ADD CONSTRAINT "rmm_planned_changes_run_id_rmm_sync_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."rmm_sync_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "notifications_due_idx" ON "notifications" USING btree ("next_attempt_at") WHERE "notifications"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "notifications_list_idx" ON "notifications" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_held_changes_key" ON "rmm_held_changes" USING btree ("tenant_id","integration_id","kind","external_id");--> statement-breakpoint
CREATE INDEX "rmm_held_changes_run_idx" ON "rmm_held_changes" USING btree ("run_id","kind");--> statement-breakpoint
CREATE INDEX "rmm_held_changes_list_idx" ON "rmm_held_changes" USING btree ("tenant_id","id") WHERE "rmm_held_changes"."state" = 'held';--> statement-breakpoint
CREATE UNIQUE INDEX "rmm_identity_reviews_external_key" ON "rmm_identity_reviews" USING btree ("tenant_id","integration_id","external_id");--> statement-breakpoint
CREATE INDEX "rmm_identity_reviews_list_idx" ON "rmm_identity_reviews" USING btree ("tenant_id","reason","id");--> statement-breakpoint
CREATE INDEX "rmm_planned_changes_list_idx" ON "rmm_planned_changes" USING btree ("tenant_id","run_id","action","name");--> statement-breakpoint
CREATE INDEX "assets_serial_key_idx" ON "assets" USING btree ("tenant_id","serial_key");--> statement-breakpoint
CREATE INDEX "assets_mac_keys_idx" ON "assets" USING gin ("mac_keys");--> statement-breakpoint
CREATE INDEX "assets_hostname_key_idx" ON "assets" USING btree ("tenant_id","client_id","hostname_key");--> statement-breakpoint
CREATE INDEX "assets_gone_idx" ON "assets" USING btree ("tenant_id","gone_at") WHERE "assets"."status" = 'gone';--> statement-breakpoint
CREATE INDEX "assets_held_fields_idx" ON "assets" USING btree ("tenant_id","name") WHERE cardinality("assets"."held_fields") > 0;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "notifications" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_held_changes" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_identity_reviews" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_planned_changes" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);