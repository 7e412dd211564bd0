CREATE TABLE "connection_calls" (
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"is_scheduled" boolean NOT NULL,
	"requests" integer NOT NULL,
	"rate_limits" integer NOT NULL,
	CONSTRAINT "connection_calls_integration_id_hour_is_scheduled_pk" PRIMARY KEY("integration_id","hour","is_scheduled")
);
--> statement-breakpoint
ALTER TABLE "connection_calls" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "connection_calls" ADD CONSTRAINT "connection_calls_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connection_calls" ADD CONSTRAINT "connection_calls_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "connection_calls" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);