CREATE TABLE "channel_posts" (
	"tenant_id" uuid NOT NULL,
	"subscription_id" uuid NOT NULL,
	"incident_id" uuid NOT NULL,
	"state" text NOT NULL,
	"severity" text NOT NULL,
	"update_posted_at" timestamp (3) with time zone,
	CONSTRAINT "channel_posts_subscription_id_incident_id_pk" PRIMARY KEY("subscription_id","incident_id")
);
--> statement-breakpoint
ALTER TABLE "channel_posts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "outgoing_subscriptions" ADD COLUMN "format" text DEFAULT 'json' NOT NULL;--> statement-breakpoint
ALTER TABLE "channel_posts" ADD CONSTRAINT "channel_posts_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "channel_posts" ADD CONSTRAINT "channel_posts_subscription_id_outgoing_subscriptions_id_fk" FOREIGN KEY ("subscription_id") REFERENCES "public"."outgoing_subscriptions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "channel_posts" ADD CONSTRAINT "channel_posts_incident_id_incidents_id_fk" FOREIGN KEY ("incident_id") REFERENCES "public"."incidents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "channel_posts_incident_idx" ON "channel_posts" USING btree ("incident_id");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "channel_posts" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);