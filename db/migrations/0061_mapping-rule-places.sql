ALTER TABLE "rmm_organization_mappings" ADD COLUMN "rule_place" text;--> statement-breakpoint
ALTER TABLE "mapping_rules" ADD COLUMN "site" text;--> statement-breakpoint
ALTER TABLE "mapping_rules" ADD COLUMN "contact" text;