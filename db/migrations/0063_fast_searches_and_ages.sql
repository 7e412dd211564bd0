CREATE TABLE "asset_texts" (
	"asset_id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"is_current" boolean NOT NULL,
	"name_key" text NOT NULL,
	"search_text" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "asset_texts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rmm_alerts" ADD COLUMN "asset_name" text;--> statement-breakpoint
ALTER TABLE "asset_list" ADD COLUMN "pending_categories" jsonb;--> statement-breakpoint
ALTER TABLE "asset_list" ADD COLUMN "traits" integer GENERATED ALWAYS AS ((asset_type = 'server')::int + case platform when 'windows' then 0 when 'macos' then 1 when 'linux' then 2 when 'other' then 3 end * 2 + ('endOfLife' = any(findings))::int * 8 + ('antivirus' = any(findings))::int * 16 + ('firewallOff' = any(findings))::int * 32 + ('notEncrypted' = any(findings))::int * 64 + ('diskFull' = any(findings))::int * 128 + ('highRisk' = any(findings))::int * 256 + ('maintenance' = any(findings))::int * 512) STORED;--> statement-breakpoint
ALTER TABLE "asset_details" ADD COLUMN "pending_categories" jsonb;--> statement-breakpoint
ALTER TABLE "patch_totals" ADD COLUMN "hours" integer[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "patch_totals" ADD COLUMN "hour_devices" integer[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "asset_texts" ADD CONSTRAINT "asset_texts_asset_id_assets_id_fk" FOREIGN KEY ("asset_id") REFERENCES "public"."assets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ledger_entries_counts_idx" ON "ledger_entries" USING btree ("tenant_id","day","client_id","asset_type","change");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "asset_texts" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "asset_tags" TO plumbline_tenant USING (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "custom_field_values" TO plumbline_tenant USING (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "ledger_days" TO plumbline_tenant USING (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "ledger_entries" TO plumbline_tenant USING (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "incidents" TO plumbline_tenant USING (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
ALTER POLICY "tenant_isolation" ON "rmm_device_updates" TO plumbline_tenant USING (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
ALTER TABLE "rmm_alerts" DISABLE TRIGGER USER;
--> statement-breakpoint
UPDATE "rmm_alerts" r SET asset_name = a.name FROM assets a WHERE a.id = r.asset_id;
--> statement-breakpoint
ALTER TABLE "rmm_alerts" ENABLE TRIGGER USER;
--> statement-breakpoint
ALTER TABLE "rmm_alerts" ADD COLUMN "search_text" text GENERATED ALWAYS AS (fold_text(name || E'\n' || coalesce(asset_name, '') || E'\n' || coalesce(device_hostname, '') || E'\n' || coalesce(description, ''))) STORED;--> statement-breakpoint
-- The name of an alert's asset stands in the alert, so that a search reads no other table.
CREATE FUNCTION "name_asset_of_alert"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.asset_name := (SELECT name FROM assets WHERE tenant_id = NEW.tenant_id AND id = NEW.asset_id);
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "rmm_alerts_name_asset" BEFORE INSERT OR UPDATE OF asset_id ON "rmm_alerts"
  FOR EACH ROW EXECUTE FUNCTION name_asset_of_alert();
--> statement-breakpoint
CREATE FUNCTION "rename_asset_of_alerts"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  renamed uuid[] := ARRAY(SELECT n.id FROM former o JOIN latest n ON n.id = o.id WHERE n.name <> o.name);
BEGIN
  IF renamed = '{}' THEN RETURN NULL; END IF;
  UPDATE rmm_alerts r SET asset_name = n.name FROM latest n
  WHERE n.id = ANY (renamed) AND r.tenant_id = n.tenant_id AND r.asset_id = n.id;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "assets_rename_alerts" AFTER UPDATE ON "assets"
  REFERENCING OLD TABLE AS former NEW TABLE AS latest FOR EACH STATEMENT EXECUTE FUNCTION rename_asset_of_alerts();
--> statement-breakpoint
-- With the categories of pending updates. A search no longer matches across two addresses of an interface.
CREATE OR REPLACE FUNCTION "asset_list_rows"(ids uuid[]) RETURNS SETOF "asset_list" LANGUAGE sql STABLE AS $$
  SELECT r.id, r.tenant_id, r.client_id, r.asset_type, r.status, r.is_overridden, r.needs_no_agent,
    natural_key(r.name), natural_key(r.system), fold_text(r.model), fold_text(r.user), fold_text(r.serial),
    asset_platform(r.os_type), r.address, r.pending_os_patches, r.pending_since, r.findings, r.disk_percent,
    r.security_score, fold_text(r.search),
    r.has_device, r.agent_status, r.last_seen_at, r.integration_id, r.external_group_id, r.site_id, r.contact_id,
    r.pending_categories, null::integer
  FROM (
    SELECT a.id, a.tenant_id, a.client_id, a.asset_type, a.status, cardinality(a.held_fields) > 0 AS is_overridden,
      a.needs_no_agent, a.name, nullif(concat_ws(' ', d.os_type, d.os_version), '') AS system,
      nullif(left(concat_ws(' ', i.manufacturer, i.model), 200), '') AS model,
      left(d.last_logged_in_user, 200) AS user, left(a.serial_number, 200) AS serial, d.os_type,
      CASE WHEN d.lan_ip LIKE '%.%.%.%' THEN concat(
        lpad(split_part(d.lan_ip, '.', 1), 3, '0'), lpad(split_part(d.lan_ip, '.', 2), 3, '0'),
        lpad(split_part(d.lan_ip, '.', 3), 3, '0'), lpad(split_part(d.lan_ip, '.', 4), 3, '0'))
      ELSE left(d.lan_ip, 100) END AS address,
      d.pending_os_patches, d.pending_since, d.pending_categories, coalesce(d.findings, '{}') AS findings,
      (SELECT least(greatest(max((disk ->> 'utilizationPercent')::numeric), 0), 100)::smallint
       FROM jsonb_array_elements(d.disks) disk) AS disk_percent,
      CASE WHEN jsonb_typeof(i."securityScore") = 'number'
        THEN least(greatest((i."securityScore")::numeric, 0), 100)::smallint END AS security_score,
      concat_ws(E'\n',
        left(a.name, 300), left(a.serial_number, 100), left(i.hostname, 200), left(d.last_logged_in_user, 200),
        left(concat_ws(' ', i.manufacturer, i.model), 200), left(concat_ws(' ', d.os_type, d.os_version), 200),
        CASE WHEN jsonb_typeof(i.tags) = 'array' THEN left((
          SELECT string_agg(tag, E'\n') FROM jsonb_array_elements_text(i.tags) tag), 500) END,
        d.lan_ip,
        array_to_string(a.mac_keys[1:16], E'\n'),
        -- Their MAC addresses without separators, as the asset's; a line for each address.
        CASE WHEN jsonb_typeof(i."networkInterfaces") = 'array' THEN left((
          SELECT string_agg(concat_ws(E'\n', translate(nic ->> 'macAddress', ':-. ', ''),
            replace(translate(nic ->> 'addresses', '[]" ', ''), ',', E'\n')), E'\n')
          FROM jsonb_array_elements(i."networkInterfaces") nic), 500) END) AS search,
      m.of_asset IS NOT NULL AS has_device, m.agent_status, m.last_seen_at, m.integration_id, m.external_group_id,
      a.site_id, a.contact_id
    FROM unnest(ids) wanted(id)
    JOIN assets a ON a.id = wanted.id
    LEFT JOIN asset_details d ON d.asset_id = a.id
    LEFT JOIN LATERAL jsonb_to_record(d.system_info) AS i(
      hostname text, manufacturer text, model text, tags jsonb, "networkInterfaces" jsonb, "securityScore" jsonb) ON true
    LEFT JOIN LATERAL (SELECT a.id AS of_asset, * FROM asset_device(a.tenant_id, a.id)) m ON true
    OFFSET 0
  ) r
$$;
--> statement-breakpoint
-- The text that is searched goes to a table of its own.
CREATE OR REPLACE FUNCTION "refresh_asset_list"(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH due AS MATERIALIZED (SELECT * FROM asset_list_rows(ids)), texts AS (
    INSERT INTO asset_texts AS x SELECT asset_id, tenant_id, status = 'active', name_key, search_text FROM due
    ON CONFLICT (asset_id) DO UPDATE SET is_current = excluded.is_current, name_key = excluded.name_key,
      search_text = excluded.search_text
    WHERE x.* IS DISTINCT FROM excluded.*
  )
  INSERT INTO asset_list AS l
  SELECT asset_id, tenant_id, client_id, asset_type, status, is_overridden, needs_no_agent, name_key, system_key,
    model_key, user_key, serial_key, platform, address_key, pending_patches, pending_since, findings, disk_percent,
    security_score, '', has_device, agent_status, last_seen_at, integration_id, external_group_id, site_id, contact_id,
    pending_categories
  FROM due
  ON CONFLICT (asset_id) DO UPDATE SET client_id = excluded.client_id, asset_type = excluded.asset_type,
    status = excluded.status, is_overridden = excluded.is_overridden, needs_no_agent = excluded.needs_no_agent,
    name_key = excluded.name_key, system_key = excluded.system_key, model_key = excluded.model_key,
    user_key = excluded.user_key, serial_key = excluded.serial_key, platform = excluded.platform,
    address_key = excluded.address_key, pending_patches = excluded.pending_patches,
    pending_since = excluded.pending_since, findings = excluded.findings, disk_percent = excluded.disk_percent,
    security_score = excluded.security_score, has_device = excluded.has_device,
    agent_status = excluded.agent_status, last_seen_at = excluded.last_seen_at,
    integration_id = excluded.integration_id, external_group_id = excluded.external_group_id,
    site_id = excluded.site_id, contact_id = excluded.contact_id, pending_categories = excluded.pending_categories
  WHERE l.* IS DISTINCT FROM excluded.*;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "relist_asset_details"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed uuid[] := ARRAY(
    SELECT u.id FROM former o FULL JOIN latest n ON n.asset_id = o.asset_id
    CROSS JOIN LATERAL (VALUES (o.asset_id), (n.asset_id)) u(id)
    WHERE u.id IS NOT NULL AND (o.asset_id, o.os_type, o.os_version, o.lan_ip, o.last_logged_in_user, o.disks, o.system_info)
      IS DISTINCT FROM (n.asset_id, n.os_type, n.os_version, n.lan_ip, n.last_logged_in_user, n.disks, n.system_info)
    GROUP BY u.id);
  retagged uuid[];
BEGIN
  UPDATE asset_list l SET pending_patches = n.pending_os_patches, pending_since = n.pending_since,
    pending_categories = n.pending_categories
  FROM latest n
  WHERE l.asset_id = n.asset_id
    AND (l.pending_patches, l.pending_since, l.pending_categories)
      IS DISTINCT FROM (n.pending_os_patches, n.pending_since, n.pending_categories);
  IF changed = '{}' THEN RETURN NULL; END IF;
  PERFORM refresh_asset_list(changed);
  retagged := ARRAY(SELECT coalesce(n.asset_id, o.asset_id)
    FROM former o FULL JOIN latest n ON n.asset_id = o.asset_id
    WHERE o.system_info -> 'tags' IS DISTINCT FROM n.system_info -> 'tags');
  IF retagged <> '{}' THEN
    DELETE FROM asset_tags WHERE asset_id = ANY (retagged);
    INSERT INTO asset_tags (tenant_id, tag, asset_id)
    SELECT n.tenant_id, left(tag, 200), n.asset_id
    FROM latest n CROSS JOIN LATERAL jsonb_array_elements_text(n.system_info -> 'tags') tag
    WHERE n.asset_id = ANY (retagged) AND jsonb_typeof(n.system_info -> 'tags') = 'array'
    ON CONFLICT DO NOTHING;
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
ALTER TABLE "asset_details" DISABLE TRIGGER USER;
--> statement-breakpoint
UPDATE "asset_details" d SET pending_categories = u.categories
FROM (
  SELECT asset_id, jsonb_object_agg(category, (extract(epoch FROM since) * 1000)::bigint) AS categories
  FROM (
    SELECT m.asset_id, left(coalesce(u.category, ''), 200) AS category, min(u.available_since) AS since
    FROM rmm_device_updates u JOIN tenant_external_entity_mappings m ON m.tenant_id = u.tenant_id
      AND m.integration_id = u.integration_id AND m.external_type = 'device' AND m.external_id = u.external_device_id
    WHERE u.is_available AND m.gone_at IS NULL AND m.asset_id IS NOT NULL
    GROUP BY 1, 2
  ) c GROUP BY asset_id
) u
WHERE u.asset_id = d.asset_id AND d.pending_os_patches > 0;
--> statement-breakpoint
ALTER TABLE "asset_details" ENABLE TRIGGER USER;
--> statement-breakpoint
-- Written anew, without room for the texts.
TRUNCATE "asset_list";
--> statement-breakpoint
SELECT refresh_asset_list(ARRAY(SELECT id FROM assets));
--> statement-breakpoint
-- The hours are counted with the totals.
INSERT INTO "stale_patches" (tenant_id, patch_key) SELECT DISTINCT tenant_id, patch_key FROM patch_totals;
