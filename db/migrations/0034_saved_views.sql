CREATE TABLE "saved_views" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"list" text NOT NULL,
	"name" text NOT NULL,
	"query" text NOT NULL,
	"is_shared" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "saved_views" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "saved_views" ADD CONSTRAINT "saved_views_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saved_views" ADD CONSTRAINT "saved_views_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "saved_views_list_idx" ON "saved_views" USING btree ("tenant_id","list","user_id");--> statement-breakpoint
CREATE INDEX "asset_list_system_idx" ON "asset_list" USING btree ("tenant_id","system_key" collate "C","asset_id");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "saved_views" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
-- The rows of these assets as they should be, in the order of the table's columns; some 60 µs each. Expressions stand
-- here and not in functions of their own: a call of one costs more than what it works out.
CREATE OR REPLACE FUNCTION "asset_list_rows"(ids uuid[]) RETURNS SETOF "asset_list" LANGUAGE sql STABLE AS $$
  SELECT a.id, a.tenant_id, a.client_id, a.asset_type, a.status, cardinality(a.held_fields) > 0, a.needs_no_agent,
    natural_key(a.name),
    natural_key(nullif(concat_ws(' ', d.os_type, d.os_version), '')),
    fold_text(nullif(left(concat_ws(' ', d.system_info ->> 'manufacturer', d.system_info ->> 'model'), 200), '')),
    fold_text(left(d.last_logged_in_user, 200)), fold_text(left(a.serial_number, 200)), asset_platform(d.os_type),
    CASE WHEN d.lan_ip LIKE '%.%.%.%' THEN concat(
      lpad(split_part(d.lan_ip, '.', 1), 3, '0'), lpad(split_part(d.lan_ip, '.', 2), 3, '0'),
      lpad(split_part(d.lan_ip, '.', 3), 3, '0'), lpad(split_part(d.lan_ip, '.', 4), 3, '0'))
    ELSE left(d.lan_ip, 100) END,
    d.pending_os_patches, d.pending_since, coalesce(d.findings, '{}'),
    (SELECT least(greatest(max((disk ->> 'utilizationPercent')::numeric), 0), 100)::smallint
     FROM jsonb_array_elements(d.disks) disk),
    CASE WHEN jsonb_typeof(d.system_info -> 'securityScore') = 'number'
      THEN least(greatest((d.system_info ->> 'securityScore')::numeric, 0), 100)::smallint END,
    fold_text(concat_ws(E'\n',
      left(a.name, 300), left(a.serial_number, 100), left(d.system_info ->> 'hostname', 200),
      left(d.last_logged_in_user, 200),
      left(concat_ws(' ', d.system_info ->> 'manufacturer', d.system_info ->> 'model'), 200),
      left(concat_ws(' ', d.os_type, d.os_version), 200),
      CASE WHEN jsonb_typeof(d.system_info -> 'tags') = 'array' THEN left((
        SELECT string_agg(tag, E'\n') FROM jsonb_array_elements_text(d.system_info -> 'tags') tag), 500) END,
      d.lan_ip,
      array_to_string(a.mac_keys[1:16], E'\n'),
      -- Their MAC addresses without separators, as the asset's.
      CASE WHEN jsonb_typeof(d.system_info -> 'networkInterfaces') = 'array' THEN left((
        SELECT string_agg(concat_ws(E'\n', translate(nic ->> 'macAddress', ':-. ', ''),
          translate(nic ->> 'addresses', '[]", ', E'\n')), E'\n')
        FROM jsonb_array_elements(d.system_info -> 'networkInterfaces') nic), 500) END)),
    m.of_asset IS NOT NULL, m.agent_status, m.last_seen_at, m.integration_id, m.external_group_id
  FROM unnest(ids) wanted(id)
  JOIN assets a ON a.id = wanted.id
  LEFT JOIN asset_details d ON d.asset_id = a.id
  LEFT JOIN LATERAL (SELECT a.id AS of_asset, * FROM asset_device(a.tenant_id, a.id)) m ON true
$$;
--> statement-breakpoint
DROP FUNCTION "asset_search_text";
--> statement-breakpoint
-- An asset and its details that one statement adds are listed with the details, once.
CREATE OR REPLACE FUNCTION "list_assets"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_asset_list(ARRAY(
    SELECT id FROM latest n WHERE NOT EXISTS (SELECT FROM asset_details d WHERE d.asset_id = n.id)));
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE FUNCTION "relist_assets"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed uuid[] := ARRAY(
    SELECT n.id FROM former o JOIN latest n ON n.id = o.id
    WHERE (o.client_id, o.asset_type, o.status, o.name, o.serial_number, o.mac_keys, o.held_fields, o.needs_no_agent)
      IS DISTINCT FROM
      (n.client_id, n.asset_type, n.status, n.name, n.serial_number, n.mac_keys, n.held_fields, n.needs_no_agent));
BEGIN
  IF changed <> '{}' THEN PERFORM refresh_asset_list(changed); END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
DROP TRIGGER "assets_relist" ON "assets";
--> statement-breakpoint
CREATE TRIGGER "assets_relist" AFTER UPDATE ON "assets"
  REFERENCING OLD TABLE AS former NEW TABLE AS latest FOR EACH STATEMENT EXECUTE FUNCTION relist_assets();
--> statement-breakpoint
-- Counts of pending updates change for every asset at once at the end of a first sync: they are copied as they are.
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
  UPDATE asset_list l SET pending_patches = n.pending_os_patches, pending_since = n.pending_since
  FROM latest n
  WHERE l.asset_id = n.asset_id
    AND (l.pending_patches, l.pending_since) IS DISTINCT FROM (n.pending_os_patches, n.pending_since);
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
CREATE OR REPLACE FUNCTION "refresh_asset_liveness"(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE asset_list l SET has_device = m.of_asset IS NOT NULL, agent_status = m.agent_status,
    last_seen_at = m.last_seen_at, integration_id = m.integration_id, external_group_id = m.external_group_id
  FROM unnest(ids) wanted(id)
  JOIN asset_list k ON k.asset_id = wanted.id
  LEFT JOIN LATERAL (SELECT k.asset_id AS of_asset, * FROM asset_device(k.tenant_id, k.asset_id)) m ON true
  WHERE l.asset_id = k.asset_id
    AND (l.has_device, l.agent_status, l.last_seen_at, l.integration_id, l.external_group_id) IS DISTINCT FROM
      (m.of_asset IS NOT NULL, m.agent_status, m.last_seen_at, m.integration_id, m.external_group_id);
END
$$;
--> statement-breakpoint
SELECT refresh_asset_list(ARRAY(SELECT id FROM assets));
