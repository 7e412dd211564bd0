-- "Acme 2" before "Acme 10", on every database: digits are filled up to twenty, letters lose their case and accents.
-- Bounded, so that an entry of an index never grows beyond what Postgres takes (about 2,700 bytes). The body in the
-- SQL standard's form is bound when it is made, so that a restored dump finds `fold_text` in every search_path.
CREATE FUNCTION "natural_key"(given text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(
  regexp_replace(
    regexp_replace(
      CASE WHEN octet_length(given) = length(given) THEN lower(left(given, 200))
      ELSE regexp_replace(normalize(fold_text(left(given, 200)), NFD), '[\u0300-\u036f]', '', 'g') END,
      '([0-9]+)', '0000000000000000000\1', 'g'),
    '0+([0-9]{20})', '\1', 'g'),
  500);
--> statement-breakpoint
DROP INDEX "assets_list_idx";--> statement-breakpoint
DROP INDEX "assets_client_idx";--> statement-breakpoint
DROP INDEX "clients_tenant_name_idx";--> statement-breakpoint
DROP INDEX "rmm_planned_changes_list_idx";--> statement-breakpoint
CREATE INDEX "assets_list_idx" ON "assets" USING btree ("tenant_id",natural_key("name") collate "C","id");--> statement-breakpoint
CREATE INDEX "assets_client_idx" ON "assets" USING btree ("tenant_id","client_id",natural_key("name") collate "C");--> statement-breakpoint
CREATE INDEX "clients_tenant_name_idx" ON "clients" USING btree ("tenant_id",natural_key("name") collate "C","id");--> statement-breakpoint
CREATE INDEX "rmm_planned_changes_list_idx" ON "rmm_planned_changes" USING btree ("tenant_id","run_id","action",natural_key("name") collate "C");