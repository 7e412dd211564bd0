CREATE TABLE "automation_starts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"incident_id" uuid NOT NULL,
	"device_ids" text[] NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"requested_at" timestamp (3) with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	CONSTRAINT "automation_starts_once_key" UNIQUE("rule_id","incident_id")
);
--> statement-breakpoint
ALTER TABLE "automation_starts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rmm_integrations" ADD COLUMN "rules_start_automations" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "automation_starts" ADD CONSTRAINT "automation_starts_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "automation_starts" ADD CONSTRAINT "automation_starts_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "automation_starts" ADD CONSTRAINT "automation_starts_rule_id_alert_rules_id_fk" FOREIGN KEY ("rule_id") REFERENCES "public"."alert_rules"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "automation_starts" ADD CONSTRAINT "automation_starts_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "automation_starts_incident_idx" ON "automation_starts" USING btree ("incident_id");--> statement-breakpoint
CREATE INDEX "automation_starts_due_idx" ON "automation_starts" USING btree ("next_attempt_at");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "automation_starts" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
UPDATE "alert_rules" SET "actions" = "actions" || '{"automation": null}'::jsonb WHERE NOT "actions" ? 'automation';
