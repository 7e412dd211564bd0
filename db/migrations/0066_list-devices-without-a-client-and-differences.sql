CREATE TABLE "rmm_run_divergences" (
	"tenant_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"name_key" text GENERATED ALWAYS AS (natural_key(name)) STORED,
	CONSTRAINT "rmm_run_divergences_run_id_external_id_pk" PRIMARY KEY("run_id","external_id")
);
--> statement-breakpoint
ALTER TABLE "rmm_run_divergences" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "tenant_external_entity_mappings" ADD COLUMN "unassigned_key" text GENERATED ALWAYS AS (case when skip_reason is not null or asset_id is null then natural_key(display_name) end) STORED;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD COLUMN "divergences" integer;--> statement-breakpoint
ALTER TABLE "rmm_run_divergences" ADD CONSTRAINT "rmm_run_divergences_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_run_divergences" ADD CONSTRAINT "rmm_run_divergences_run_id_rmm_sync_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."rmm_sync_runs"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "rmm_run_divergences_list_idx" ON "rmm_run_divergences" USING btree ("tenant_id","run_id","name_key" collate "C");--> statement-breakpoint
CREATE INDEX "external_entity_unassigned_idx" ON "tenant_external_entity_mappings" USING btree ("tenant_id","unassigned_key" collate "C","id") WHERE "tenant_external_entity_mappings"."external_type" = 'device' and "tenant_external_entity_mappings"."gone_at" is null and "tenant_external_entity_mappings"."unassigned_key" is not null;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rmm_run_divergences" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
-- Runs that have ended, if the details of both the run and its dry run are still there.
WITH compared AS (
  SELECT r.tenant_id, r.id, r.applies_run_id FROM rmm_sync_runs r
  WHERE r.applies_run_id IS NOT NULL AND r.status IN ('completed', 'completed_with_errors')
    AND EXISTS (SELECT FROM rmm_planned_changes p WHERE p.run_id = r.id)
    AND EXISTS (SELECT FROM rmm_planned_changes p WHERE p.run_id = r.applies_run_id)
), planned AS (
  SELECT r.id, x.external_id, x.name, x.action, x.from_client_id, x.content_hash,
    coalesce(c.id, x.to_client_id) AS to_client_id,
    CASE WHEN c.id IS NULL THEN x.changes
      ELSE replace(x.changes::text, x.to_client_id::text, c.id::text)::jsonb END AS changes
  FROM compared r
  JOIN rmm_planned_changes x ON x.run_id = r.applies_run_id AND x.action <> 'group'
  LEFT JOIN rmm_planned_changes made ON made.run_id = x.run_id AND made.external_id = 'client:' || x.to_client_id
  LEFT JOIN clients c ON c.tenant_id = r.tenant_id AND c.archived_at IS NULL AND fold_text(c.name) = fold_text(made.name)
), done AS (
  SELECT d.* FROM compared r JOIN rmm_planned_changes d ON d.run_id = r.id AND d.action <> 'group'
), found AS (
  INSERT INTO rmm_run_divergences (tenant_id, run_id, external_id, name)
  SELECT r.tenant_id, r.id, coalesce(p.external_id, d.external_id), coalesce(d.name, p.name)
  FROM planned p
  FULL JOIN done d ON d.run_id = p.id AND d.external_id = p.external_id
  JOIN compared r ON r.id = coalesce(p.id, d.run_id)
  WHERE (p.action, p.from_client_id, p.to_client_id, p.changes, p.content_hash)
    IS DISTINCT FROM (d.action, d.from_client_id, d.to_client_id, d.changes, d.content_hash)
  RETURNING run_id
)
UPDATE rmm_sync_runs r SET divergences = (SELECT count(*) FROM found f WHERE f.run_id = r.id)
FROM compared WHERE compared.id = r.id;
