CREATE TABLE "outgoing_deliveries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"subscription_id" uuid NOT NULL,
	"event_id" uuid NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"next_attempt_at" timestamp (3) with time zone NOT NULL,
	"response_status" integer,
	"last_error" text,
	"delivered_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "outgoing_deliveries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "outgoing_subscriptions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"url" text NOT NULL,
	"event_names" text[] NOT NULL,
	"is_enabled" boolean DEFAULT true NOT NULL,
	"last_delivered_at" timestamp (3) with time zone,
	"last_error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "outgoing_subscriptions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "outgoing_deliveries" ADD CONSTRAINT "outgoing_deliveries_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outgoing_deliveries" ADD CONSTRAINT "outgoing_deliveries_subscription_id_outgoing_subscriptions_id_fk" FOREIGN KEY ("subscription_id") REFERENCES "public"."outgoing_subscriptions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outgoing_deliveries" ADD CONSTRAINT "outgoing_deliveries_event_id_rmm_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."rmm_events"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "outgoing_subscriptions" ADD CONSTRAINT "outgoing_subscriptions_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "outgoing_deliveries_event_key" ON "outgoing_deliveries" USING btree ("subscription_id","event_id");--> statement-breakpoint
CREATE INDEX "outgoing_deliveries_event_idx" ON "outgoing_deliveries" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "outgoing_deliveries_due_idx" ON "outgoing_deliveries" USING btree ("next_attempt_at") WHERE "outgoing_deliveries"."status" = 'pending';--> statement-breakpoint
CREATE INDEX "outgoing_deliveries_list_idx" ON "outgoing_deliveries" USING btree ("tenant_id","status","id");--> statement-breakpoint
CREATE INDEX "outgoing_subscriptions_tenant_idx" ON "outgoing_subscriptions" USING btree ("tenant_id");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "outgoing_deliveries" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "outgoing_subscriptions" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);