CREATE TABLE "client_merges" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"from_client_id" uuid NOT NULL,
	"into_client_id" uuid NOT NULL,
	"asset_ids" uuid[] NOT NULL,
	"group_ids" uuid[] NOT NULL,
	"kept_over_ids" uuid[] NOT NULL,
	"device_row_ids" uuid[] NOT NULL,
	"moves_from_ids" uuid[] NOT NULL,
	"moves_to_ids" uuid[] NOT NULL,
	"archived_before" timestamp (3) with time zone,
	"merged_by" text NOT NULL,
	"merged_at" timestamp (3) with time zone NOT NULL,
	"undone_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "client_merges" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "client_merges" ADD CONSTRAINT "client_merges_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "client_merges" ADD CONSTRAINT "client_merges_from_client_id_clients_id_fk" FOREIGN KEY ("from_client_id") REFERENCES "public"."clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "client_merges" ADD CONSTRAINT "client_merges_into_client_id_clients_id_fk" FOREIGN KEY ("into_client_id") REFERENCES "public"."clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "client_merges_tenant_idx" ON "client_merges" USING btree ("tenant_id","merged_at");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "client_merges" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);