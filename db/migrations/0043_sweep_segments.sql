CREATE TABLE "rmm_sync_run_segments" (
	"tenant_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"resource" text NOT NULL,
	"walk" integer NOT NULL,
	"start_cursor" text,
	"state" text DEFAULT 'planned' NOT NULL,
	"next_walk" integer,
	CONSTRAINT "rmm_sync_run_segments_run_id_resource_walk_pk" PRIMARY KEY("run_id","resource","walk")
);
--> statement-breakpoint
ALTER TABLE "rmm_sync_run_segments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rmm_sync_run_segments" ADD CONSTRAINT "rmm_sync_run_segments_run_id_rmm_sync_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."rmm_sync_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_sync_run_segments" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);