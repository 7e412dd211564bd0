DROP INDEX "rmm_events_unrelayed_idx";--> statement-breakpoint
ALTER TABLE "rmm_webhook_deliveries" ADD COLUMN "is_repaired" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "rmm_events_to_relay_idx" ON "rmm_events" USING btree ("attempts","id") WHERE "rmm_events"."relayed_at" is null;--> statement-breakpoint
-- What was done is written down once: nobody who acts for a tenant changes or removes it.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'plumbline_tenant') THEN
    REVOKE UPDATE, DELETE, TRUNCATE ON "audit_log" FROM plumbline_tenant;
  END IF;
END
$$;
