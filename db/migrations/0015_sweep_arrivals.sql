CREATE TABLE "rmm_sweep_arrivals" (
	"tenant_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"keys" text[] NOT NULL,
	"bearers" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"device" json,
	"observed_at" timestamp (3) with time zone NOT NULL,
	"match" jsonb,
	"claimants" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "rmm_sweep_arrivals_run_id_external_id_pk" PRIMARY KEY("run_id","external_id")
);
--> statement-breakpoint
ALTER TABLE "rmm_sweep_arrivals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD COLUMN "is_told_gone" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD COLUMN "items_moved" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD COLUMN "items_renamed" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_sweep_arrivals" ADD CONSTRAINT "rmm_sweep_arrivals_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_sweep_arrivals" ADD CONSTRAINT "rmm_sweep_arrivals_run_id_rmm_sync_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."rmm_sync_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_sweep_arrivals" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);