ALTER TABLE "outgoing_subscriptions" ADD COLUMN "includes_record" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "outgoing_subscriptions" ADD COLUMN "has_legacy_signature" boolean DEFAULT false NOT NULL;--> statement-breakpoint
-- Receivers of subscriptions that exist check the signature that they know.
UPDATE "outgoing_subscriptions" SET "has_legacy_signature" = true WHERE "format" = 'json';
