CREATE TABLE "rmm_webhook_rejections" (
	"tenant_id" uuid NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"way" text NOT NULL,
	"reason" text NOT NULL,
	"count" integer DEFAULT 1 NOT NULL,
	"first_at" timestamp (3) with time zone NOT NULL,
	"last_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "rmm_webhook_rejections_tenant_id_hour_way_reason_pk" PRIMARY KEY("tenant_id","hour","way","reason")
);
--> statement-breakpoint
ALTER TABLE "rmm_webhook_rejections" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD COLUMN "secret_used" text;--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD COLUMN "occurred_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD COLUMN "external_device_id" text;--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD COLUMN "body_is_cut" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD COLUMN "duplicates" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD COLUMN "last_duplicate_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD COLUMN "replays" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD COLUMN "replayed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_webhook_rejections" ADD CONSTRAINT "rmm_webhook_rejections_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rmm_webhook_deliveries_alert_idx" ON "rmm_webhook_deliveries" USING btree ("tenant_id","alert_id");--> statement-breakpoint
CREATE INDEX "rmm_webhook_deliveries_way_idx" ON "rmm_webhook_deliveries" USING btree ("tenant_id","integration_id","way","received_at");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_webhook_rejections" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);