-- One update has one key on every device: its name and its KBs. The generated column needs an immutable function.
CREATE FUNCTION "patch_key"(name text, kb_ids text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN md5(name || chr(31) || array_to_string(kb_ids, ','));
--> statement-breakpoint
CREATE TABLE "rmm_update_intervals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"update_id" uuid NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "rmm_update_intervals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rmm_device_updates" ADD COLUMN "patch_key" text GENERATED ALWAYS AS (patch_key(name, kb_ids)) STORED;--> statement-breakpoint
ALTER TABLE "rmm_device_updates" ADD COLUMN "available_since" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_device_updates" ADD COLUMN "ended_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_update_intervals" ADD CONSTRAINT "rmm_update_intervals_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_update_intervals" ADD CONSTRAINT "rmm_update_intervals_update_id_rmm_device_updates_id_fk" FOREIGN KEY ("update_id") REFERENCES "public"."rmm_device_updates"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rmm_update_intervals_update_idx" ON "rmm_update_intervals" USING btree ("tenant_id","update_id","started_at");--> statement-breakpoint
CREATE INDEX "rmm_device_updates_patch_idx" ON "rmm_device_updates" USING btree ("tenant_id","patch_key","created_at");--> statement-breakpoint
CREATE INDEX "rmm_device_updates_category_idx" ON "rmm_device_updates" USING btree ("tenant_id","category");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_update_intervals" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
UPDATE "rmm_device_updates" SET "available_since" = "created_at",
  "ended_at" = CASE WHEN "is_available" THEN NULL ELSE "observed_at" END;
