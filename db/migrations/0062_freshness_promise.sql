CREATE TABLE "freshness_promise_days" (
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"day" date NOT NULL,
	"samples" integer NOT NULL,
	"missed" double precision NOT NULL,
	"allowed" double precision NOT NULL,
	CONSTRAINT "freshness_promise_days_tenant_id_integration_id_day_pk" PRIMARY KEY("tenant_id","integration_id","day")
);
--> statement-breakpoint
ALTER TABLE "freshness_promise_days" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "freshness_promises" (
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid PRIMARY KEY NOT NULL,
	"sampled_at" timestamp (3) with time zone NOT NULL,
	"broken_since" timestamp (3) with time zone,
	"held_since" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "freshness_promises" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "promised_percent" integer DEFAULT 95;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "promised_hours" integer;--> statement-breakpoint
ALTER TABLE "freshness_promise_days" ADD CONSTRAINT "freshness_promise_days_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freshness_promise_days" ADD CONSTRAINT "freshness_promise_days_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freshness_promises" ADD CONSTRAINT "freshness_promises_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freshness_promises" ADD CONSTRAINT "freshness_promises_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "freshness_promise_days" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "freshness_promises" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);