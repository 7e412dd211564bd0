CREATE TABLE "ticket_attempts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"ticket_id" uuid NOT NULL,
	"action" text NOT NULL,
	"outcome" text NOT NULL,
	"error" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "ticket_attempts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "ticket_systems" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"label" text NOT NULL,
	"kind" text NOT NULL,
	"config" jsonb NOT NULL,
	"automatic_from" text,
	"automatic_since" timestamp (3) with time zone NOT NULL,
	"wait_minutes" integer DEFAULT 2 NOT NULL,
	"on_resolve" text DEFAULT 'comment' NOT NULL,
	"is_enabled" boolean DEFAULT true NOT NULL,
	"last_error" text,
	"last_succeeded_at" timestamp (3) with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"rests_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "ticket_systems" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tickets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"incident_id" uuid NOT NULL,
	"system_id" uuid,
	"status" text DEFAULT 'pending' NOT NULL,
	"external_id" text,
	"number" text,
	"url" text,
	"requested_by" text,
	"action" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone NOT NULL,
	"is_unsettled" boolean DEFAULT false NOT NULL,
	"is_given_up" boolean DEFAULT false NOT NULL,
	"last_error" text,
	"said_state" text,
	"said_severity" text,
	"said_devices" integer,
	"said_at" timestamp (3) with time zone,
	"opened_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "tickets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "ticket_attempts" ADD CONSTRAINT "ticket_attempts_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ticket_attempts" ADD CONSTRAINT "ticket_attempts_ticket_id_tickets_id_fk" FOREIGN KEY ("ticket_id") REFERENCES "public"."tickets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "ticket_systems" ADD CONSTRAINT "ticket_systems_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_system_id_ticket_systems_id_fk" FOREIGN KEY ("system_id") REFERENCES "public"."ticket_systems"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ticket_attempts_ticket_idx" ON "ticket_attempts" USING btree ("ticket_id","id");--> statement-breakpoint
CREATE INDEX "ticket_attempts_list_idx" ON "ticket_attempts" USING btree ("tenant_id","id");--> statement-breakpoint
CREATE INDEX "ticket_systems_tenant_idx" ON "ticket_systems" USING btree ("tenant_id");--> statement-breakpoint
CREATE UNIQUE INDEX "tickets_incident_key" ON "tickets" USING btree ("incident_id");--> statement-breakpoint
CREATE INDEX "tickets_due_idx" ON "tickets" USING btree ("system_id","next_attempt_at") WHERE action is not null and not is_given_up;--> statement-breakpoint
CREATE INDEX "tickets_to_follow_idx" ON "tickets" USING btree ("tenant_id") WHERE status = 'open' and action is null;--> statement-breakpoint
CREATE INDEX "tickets_troubled_idx" ON "tickets" USING btree ("tenant_id") WHERE status = 'unknown' or is_given_up;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "ticket_attempts" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "ticket_systems" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "tickets" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);