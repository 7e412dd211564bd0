CREATE TABLE "asset_pairs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"former_asset_id" uuid NOT NULL,
	"current_asset_id" uuid NOT NULL,
	"state" text NOT NULL,
	"kept_asset_id" uuid,
	"actor" text,
	"merged_at" timestamp (3) with time zone,
	"undo" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "asset_pairs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "asset_pairs" ADD CONSTRAINT "asset_pairs_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "asset_pairs_key" ON "asset_pairs" USING btree ("tenant_id","former_asset_id","current_asset_id");--> statement-breakpoint
CREATE INDEX "asset_pairs_open_idx" ON "asset_pairs" USING btree ("tenant_id","id") WHERE "asset_pairs"."state" = 'open';--> statement-breakpoint
CREATE INDEX "asset_pairs_kept_idx" ON "asset_pairs" USING btree ("tenant_id","kept_asset_id");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "asset_pairs" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);