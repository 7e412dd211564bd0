ALTER TABLE "rmm_sync_runs" ADD COLUMN "waiting_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD COLUMN "waiting_reason" text;