CREATE TABLE "freshness_days" (
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"day" date NOT NULL,
	"devices" integer NOT NULL,
	"device_seconds" bigint NOT NULL,
	"fresh_seconds" bigint NOT NULL,
	CONSTRAINT "freshness_days_tenant_id_integration_id_day_client_id_pk" PRIMARY KEY("tenant_id","integration_id","day","client_id")
);
--> statement-breakpoint
ALTER TABLE "freshness_days" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "freshness_days" ADD CONSTRAINT "freshness_days_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freshness_days" ADD CONSTRAINT "freshness_days_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "freshness_days" ADD CONSTRAINT "freshness_days_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "freshness_days" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);