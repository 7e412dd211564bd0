CREATE TABLE "custom_field_reads" (
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"asset_id" uuid NOT NULL,
	"read_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "custom_field_reads_asset_id_integration_id_pk" PRIMARY KEY("asset_id","integration_id")
);
--> statement-breakpoint
ALTER TABLE "custom_field_reads" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "custom_field_schedules" (
	"integration_id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"interval" text NOT NULL,
	"next_due_at" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone,
	"cursor" text,
	"total" integer DEFAULT 0 NOT NULL,
	"read" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"wait_until" timestamp (3) with time zone,
	"faults" integer DEFAULT 0 NOT NULL,
	"worked_at" timestamp (3) with time zone,
	"ended_at" timestamp (3) with time zone,
	"last_total" integer,
	"last_read" integer,
	"last_failed" integer,
	"error" text,
	"hint" text
);
--> statement-breakpoint
ALTER TABLE "custom_field_schedules" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "custom_field_values" (
	"tenant_id" uuid NOT NULL,
	"field_id" uuid NOT NULL,
	"asset_id" uuid NOT NULL,
	"value" text NOT NULL,
	CONSTRAINT "custom_field_values_field_id_asset_id_pk" PRIMARY KEY("field_id","asset_id")
);
--> statement-breakpoint
ALTER TABLE "custom_field_values" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "custom_fields" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"reference" text,
	"is_admin_only" boolean NOT NULL,
	"missing_since" timestamp (3) with time zone,
	CONSTRAINT "custom_fields_external_key" UNIQUE("tenant_id","integration_id","external_id"),
	CONSTRAINT "custom_fields_tenant_key" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "custom_fields" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "custom_field_reads" ADD CONSTRAINT "custom_field_reads_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "custom_field_reads" ADD CONSTRAINT "custom_field_reads_asset_id_assets_id_fk" FOREIGN KEY ("asset_id") REFERENCES "public"."assets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "custom_field_schedules" ADD CONSTRAINT "custom_field_schedules_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "custom_field_schedules" ADD CONSTRAINT "custom_field_schedules_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "custom_field_values" ADD CONSTRAINT "custom_field_values_asset_id_assets_id_fk" FOREIGN KEY ("asset_id") REFERENCES "public"."assets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "custom_field_values" ADD CONSTRAINT "custom_field_values_field_fk" FOREIGN KEY ("tenant_id","field_id") REFERENCES "public"."custom_fields"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "custom_fields" ADD CONSTRAINT "custom_fields_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "custom_fields" ADD CONSTRAINT "custom_fields_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "custom_field_reads_age_idx" ON "custom_field_reads" USING btree ("integration_id","read_at");--> statement-breakpoint
CREATE INDEX "custom_field_schedules_due_idx" ON "custom_field_schedules" USING btree ("next_due_at");--> statement-breakpoint
CREATE INDEX "custom_field_values_asset_idx" ON "custom_field_values" USING btree ("asset_id");--> statement-breakpoint
CREATE INDEX "custom_field_values_value_idx" ON "custom_field_values" USING btree ("field_id",left(fold_text("value"), 128) collate "C");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "custom_field_reads" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "custom_field_schedules" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "custom_field_values" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "custom_fields" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);