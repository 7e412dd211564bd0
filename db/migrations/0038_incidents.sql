CREATE TABLE "incident_entries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"incident_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"actor_user_id" uuid,
	"actor" text,
	"text" text,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "incident_entries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "incidents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"integration_id" uuid NOT NULL,
	"client_id" uuid,
	"kind" text DEFAULT 'condition' NOT NULL,
	"name" text NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"severity" text NOT NULL,
	"severity_rank" integer NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"last_alert_at" timestamp (3) with time zone NOT NULL,
	"quiet_since" timestamp (3) with time zone,
	"resolved_at" timestamp (3) with time zone,
	"closed_by_person_at" timestamp (3) with time zone,
	"snoozed_until" timestamp (3) with time zone,
	"owner_id" uuid,
	"acknowledged_at" timestamp (3) with time zone,
	"acknowledged_by" uuid,
	"alert_count" integer DEFAULT 0 NOT NULL,
	"active_count" integer DEFAULT 0 NOT NULL,
	"device_count" integer DEFAULT 0 NOT NULL,
	"device" text,
	"storm_id" uuid,
	"merged_into_id" uuid,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "incidents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rmm_alerts" ADD COLUMN "incident_id" uuid;--> statement-breakpoint
ALTER TABLE "rmm_alerts" ADD COLUMN "grouped_from" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_alerts" ADD COLUMN "grouping_due" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "incident_entries" ADD CONSTRAINT "incident_entries_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incident_entries" ADD CONSTRAINT "incident_entries_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_integration_id_rmm_integrations_id_fk" FOREIGN KEY ("integration_id") REFERENCES "public"."rmm_integrations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_acknowledged_by_users_id_fk" FOREIGN KEY ("acknowledged_by") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_storm_id_incidents_id_fk" FOREIGN KEY ("storm_id") REFERENCES "public"."incidents"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "incidents" ADD CONSTRAINT "incidents_merged_into_id_incidents_id_fk" FOREIGN KEY ("merged_into_id") REFERENCES "public"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "incident_entries_timeline_idx" ON "incident_entries" USING btree ("incident_id","at","id");--> statement-breakpoint
CREATE INDEX "incidents_inbox_idx" ON "incidents" USING btree ("tenant_id","severity_rank","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE state <> 'resolved' and storm_id is null and merged_into_id is null;--> statement-breakpoint
CREATE INDEX "incidents_list_idx" ON "incidents" USING btree ("tenant_id","opened_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "incidents_condition_idx" ON "incidents" USING btree ("tenant_id","integration_id",md5("name"));--> statement-breakpoint
CREATE INDEX "incidents_client_idx" ON "incidents" USING btree ("tenant_id","client_id","opened_at");--> statement-breakpoint
CREATE INDEX "incidents_storm_idx" ON "incidents" USING btree ("storm_id");--> statement-breakpoint
CREATE INDEX "incidents_quiet_idx" ON "incidents" USING btree ("tenant_id","quiet_since") WHERE state <> 'resolved';--> statement-breakpoint
CREATE INDEX "incidents_snoozed_idx" ON "incidents" USING btree ("tenant_id","snoozed_until") WHERE state = 'snoozed';--> statement-breakpoint
ALTER TABLE "rmm_alerts" ADD CONSTRAINT "rmm_alerts_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rmm_alerts_condition_idx" ON "rmm_alerts" USING btree ("tenant_id","integration_id",md5("name"),coalesce("started_at", "created_at"));--> statement-breakpoint
CREATE INDEX "rmm_alerts_incident_idx" ON "rmm_alerts" USING btree ("incident_id");--> statement-breakpoint
CREATE INDEX "rmm_alerts_to_group_idx" ON "rmm_alerts" USING btree ("tenant_id","integration_id") WHERE grouping_due > 0;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "incident_entries" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "incidents" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
-- Whoever changes what grouping looks at has the alert grouped anew; no writer can forget it.
CREATE FUNCTION "count_grouping_due"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.grouping_due := OLD.grouping_due + 1;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "rmm_alerts_grouping_due" BEFORE UPDATE ON "rmm_alerts" FOR EACH ROW
  WHEN ((OLD.name, OLD.status, OLD.severity) IS DISTINCT FROM (NEW.name, NEW.status, NEW.severity)
    OR (OLD.external_device_id, OLD.device_hostname, OLD.asset_id)
      IS DISTINCT FROM (NEW.external_device_id, NEW.device_hostname, NEW.asset_id)
    OR (OLD.started_at, OLD.resolved_at) IS DISTINCT FROM (NEW.started_at, NEW.resolved_at))
  EXECUTE FUNCTION count_grouping_due();
