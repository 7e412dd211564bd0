-- The text that a search reads stands beside the columns that lists filter by, so that a search with a filter is one pass;
-- each of its lines once. Findings are bits of the traits, which asset_list_rows works out.
CREATE TABLE "asset_list_with_text" (
	"asset_id" uuid NOT NULL,
	"tenant_id" uuid NOT NULL,
	"status" text NOT NULL,
	"agent_status" text,
	"last_seen_at" timestamp (3) with time zone,
	"has_device" boolean NOT NULL,
	"is_overridden" boolean NOT NULL,
	"needs_no_agent" boolean NOT NULL,
	"client_id" uuid,
	"asset_type" text NOT NULL,
	"pending_patches" integer,
	"pending_since" timestamp (3) with time zone,
	"disk_percent" smallint,
	"security_score" smallint,
	"traits" integer NOT NULL,
	"platform" text NOT NULL,
	"name_key" text NOT NULL,
	"search_text" text NOT NULL,
	"integration_id" uuid,
	"external_group_id" text,
	"site_id" uuid,
	"contact_id" uuid,
	"system_key" text,
	"model_key" text,
	"user_key" text,
	"serial_key" text,
	"address_key" text,
	"pending_categories" jsonb
) WITH (fillfactor = 70);
--> statement-breakpoint
INSERT INTO "asset_list_with_text" (asset_id, tenant_id, status, agent_status, last_seen_at, has_device, is_overridden,
  needs_no_agent, client_id, asset_type, pending_patches, pending_since, disk_percent, security_score, traits, platform,
  name_key, search_text, integration_id, external_group_id, site_id, contact_id, system_key, model_key, user_key,
  serial_key, address_key, pending_categories)
SELECT l.asset_id, l.tenant_id, l.status, l.agent_status, l.last_seen_at, l.has_device, l.is_overridden,
  l.needs_no_agent, l.client_id, l.asset_type, l.pending_patches, l.pending_since, l.disk_percent, l.security_score,
  l.traits, l.platform, l.name_key, (
    SELECT coalesce(string_agg(line, E'\n' ORDER BY place), '') FROM (
      SELECT line, min(place) AS place
      FROM unnest(string_to_array(x.search_text, E'\n')) WITH ORDINALITY AS line(line, place)
      GROUP BY line) lines),
  l.integration_id, l.external_group_id, l.site_id, l.contact_id, l.system_key, l.model_key, l.user_key, l.serial_key,
  l.address_key, l.pending_categories
FROM "asset_list" l JOIN "asset_texts" x USING (asset_id);
--> statement-breakpoint
DROP TABLE "asset_list";--> statement-breakpoint
ALTER TABLE "asset_list_with_text" RENAME TO "asset_list";--> statement-breakpoint
ALTER TABLE "asset_list" ADD CONSTRAINT "asset_list_pkey" PRIMARY KEY ("asset_id");--> statement-breakpoint
ALTER TABLE "asset_list" ADD CONSTRAINT "asset_list_asset_id_assets_id_fk" FOREIGN KEY ("asset_id") REFERENCES "public"."assets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "asset_list_name_idx" ON "asset_list" USING btree ("tenant_id","name_key" collate "C","asset_id");--> statement-breakpoint
CREATE INDEX "asset_list_client_idx" ON "asset_list" USING btree ("tenant_id","client_id","name_key" collate "C","asset_id");--> statement-breakpoint
CREATE INDEX "asset_list_status_idx" ON "asset_list" USING btree ("tenant_id","status","agent_status");--> statement-breakpoint
CREATE INDEX "asset_list_system_idx" ON "asset_list" USING btree ("tenant_id","system_key" collate "C","asset_id");--> statement-breakpoint
CREATE INDEX "asset_list_oldest_idx" ON "asset_list" USING btree ("tenant_id","pending_since","pending_patches" desc,"asset_id") WHERE status = 'active' and pending_patches > 0 and pending_since is not null;--> statement-breakpoint
CREATE INDEX "asset_list_patched_idx" ON "asset_list" USING btree ("tenant_id","pending_patches","asset_id") WHERE status = 'active' and pending_patches > 0 and pending_since is not null;--> statement-breakpoint
CREATE INDEX "asset_list_unmanaged_idx" ON "asset_list" USING btree ("tenant_id","asset_id") WHERE status = 'active' and not has_device and not needs_no_agent;--> statement-breakpoint
ALTER TABLE "asset_list" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "asset_list" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
TRUNCATE "asset_texts";--> statement-breakpoint
INSERT INTO "asset_texts" SELECT asset_id, tenant_id, status = 'active', name_key, search_text FROM "asset_list";
--> statement-breakpoint
DROP FUNCTION "asset_list_rows";--> statement-breakpoint
CREATE FUNCTION "asset_list_rows"(ids uuid[]) RETURNS TABLE (asset_id uuid, tenant_id uuid, client_id uuid, asset_type text,
  status text, is_overridden boolean, needs_no_agent boolean, name_key text, system_key text, model_key text, user_key text,
  serial_key text, platform text, address_key text, pending_patches integer, pending_since timestamp (3) with time zone,
  traits integer, disk_percent smallint, security_score smallint, search_text text, has_device boolean, agent_status text,
  last_seen_at timestamp (3) with time zone, integration_id uuid, external_group_id text, site_id uuid, contact_id uuid,
  pending_categories jsonb) LANGUAGE sql STABLE AS $$
  SELECT r.id, r.tenant_id, r.client_id, r.asset_type, r.status, r.is_overridden, r.needs_no_agent,
    natural_key(r.name), natural_key(r.system), fold_text(r.model), fold_text(r.user), fold_text(r.serial),
    r.platform, r.address, r.pending_os_patches, r.pending_since,
    (r.asset_type = 'server')::int + array_position('{windows,macos,linux,other}', r.platform) * 2 - 2
      + ('endOfLife' = any(r.findings))::int * 8 + ('antivirus' = any(r.findings))::int * 16
      + ('firewallOff' = any(r.findings))::int * 32 + ('notEncrypted' = any(r.findings))::int * 64
      + ('diskFull' = any(r.findings))::int * 128 + ('highRisk' = any(r.findings))::int * 256
      + ('maintenance' = any(r.findings))::int * 512,
    r.disk_percent, r.security_score,
    -- The asset and its device report most addresses both.
    (SELECT coalesce(string_agg(line, E'\n' ORDER BY place), '') FROM (
       SELECT line, min(place) AS place
       FROM unnest(string_to_array(fold_text(r.search), E'\n')) WITH ORDINALITY AS line(line, place)
       GROUP BY line) lines),
    r.has_device, r.agent_status, r.last_seen_at, r.integration_id, r.external_group_id, r.site_id, r.contact_id,
    r.pending_categories
  FROM (
    SELECT a.id, a.tenant_id, a.client_id, a.asset_type, a.status, cardinality(a.held_fields) > 0 AS is_overridden,
      a.needs_no_agent, a.name, nullif(concat_ws(' ', d.os_type, d.os_version), '') AS system,
      nullif(left(concat_ws(' ', i.manufacturer, i.model), 200), '') AS model,
      left(d.last_logged_in_user, 200) AS user, left(a.serial_number, 200) AS serial, asset_platform(d.os_type) AS platform,
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
CREATE OR REPLACE FUNCTION "refresh_asset_list"(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH due AS MATERIALIZED (SELECT * FROM asset_list_rows(ids)), texts AS (
    INSERT INTO asset_texts AS x SELECT asset_id, tenant_id, status = 'active', name_key, search_text FROM due
    ON CONFLICT (asset_id) DO UPDATE SET is_current = excluded.is_current, name_key = excluded.name_key,
      search_text = excluded.search_text
    WHERE x.* IS DISTINCT FROM excluded.*
  )
  INSERT INTO asset_list AS l (asset_id, tenant_id, client_id, asset_type, status, is_overridden, needs_no_agent, name_key,
    search_text, system_key, model_key, user_key, serial_key, platform, address_key, pending_patches, pending_since,
    traits, disk_percent, security_score, has_device, agent_status, last_seen_at, integration_id, external_group_id,
    site_id, contact_id, pending_categories)
  SELECT asset_id, tenant_id, client_id, asset_type, status, is_overridden, needs_no_agent, name_key, search_text,
    system_key, model_key, user_key, serial_key, platform, address_key, pending_patches, pending_since, traits,
    disk_percent, security_score, has_device, agent_status, last_seen_at, integration_id, external_group_id, site_id,
    contact_id, pending_categories
  FROM due
  ON CONFLICT (asset_id) DO UPDATE SET client_id = excluded.client_id, asset_type = excluded.asset_type,
    status = excluded.status, is_overridden = excluded.is_overridden, needs_no_agent = excluded.needs_no_agent,
    name_key = excluded.name_key, search_text = excluded.search_text, system_key = excluded.system_key,
    model_key = excluded.model_key, user_key = excluded.user_key, serial_key = excluded.serial_key,
    platform = excluded.platform, address_key = excluded.address_key, pending_patches = excluded.pending_patches,
    pending_since = excluded.pending_since, traits = excluded.traits, disk_percent = excluded.disk_percent,
    security_score = excluded.security_score, has_device = excluded.has_device,
    agent_status = excluded.agent_status, last_seen_at = excluded.last_seen_at,
    integration_id = excluded.integration_id, external_group_id = excluded.external_group_id,
    site_id = excluded.site_id, contact_id = excluded.contact_id, pending_categories = excluded.pending_categories
  WHERE l.* IS DISTINCT FROM excluded.*;
END
$$;
--> statement-breakpoint
ANALYZE "asset_list";
