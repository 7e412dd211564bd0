CREATE TABLE "asset_list" (
	"asset_id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"client_id" uuid,
	"asset_type" text NOT NULL,
	"status" text NOT NULL,
	"is_overridden" boolean NOT NULL,
	"needs_no_agent" boolean NOT NULL,
	"name_key" text NOT NULL,
	"system_key" text,
	"model_key" text,
	"user_key" text,
	"serial_key" text,
	"platform" text NOT NULL,
	"address_key" text,
	"pending_patches" integer,
	"pending_since" timestamp (3) with time zone,
	"findings" text[] NOT NULL,
	"disk_percent" smallint,
	"security_score" smallint,
	"search_text" text NOT NULL,
	"has_device" boolean NOT NULL,
	"agent_status" text,
	"last_seen_at" timestamp (3) with time zone,
	"integration_id" uuid,
	"external_group_id" text
);
--> statement-breakpoint
ALTER TABLE "asset_list" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "asset_tags" (
	"tenant_id" uuid NOT NULL,
	"tag" text NOT NULL,
	"asset_id" uuid NOT NULL,
	CONSTRAINT "asset_tags_tenant_id_tag_asset_id_pk" PRIMARY KEY("tenant_id","tag","asset_id")
);
--> statement-breakpoint
ALTER TABLE "asset_tags" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "asset_details" ADD COLUMN "pending_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "assets" ADD COLUMN "needs_no_agent" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "asset_list" ADD CONSTRAINT "asset_list_asset_id_assets_id_fk" FOREIGN KEY ("asset_id") REFERENCES "public"."assets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "asset_tags" ADD CONSTRAINT "asset_tags_asset_id_assets_id_fk" FOREIGN KEY ("asset_id") REFERENCES "public"."assets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "asset_list_name_idx" ON "asset_list" USING btree ("tenant_id","name_key" collate "C","asset_id");--> statement-breakpoint
CREATE INDEX "asset_list_client_idx" ON "asset_list" USING btree ("tenant_id","client_id","name_key" collate "C","asset_id");--> statement-breakpoint
CREATE INDEX "asset_tags_asset_idx" ON "asset_tags" USING btree ("asset_id");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "asset_list" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = (select nullif(current_setting('app.tenant_id', true), '')::uuid)) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "asset_tags" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
-- Liveness changes each minute: room in each block lets those updates stay in it.
ALTER TABLE "asset_list" SET (fillfactor = 70);--> statement-breakpoint
CREATE FUNCTION "asset_platform"(os_type text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN lower(os_type) LIKE 'win%' THEN 'windows'
    WHEN lower(os_type) ~ '^(mac|darwin|os ?x)' THEN 'macos'
    WHEN lower(os_type) LIKE '%linux%' THEN 'linux'
    ELSE 'other' END
$$;
--> statement-breakpoint
-- The device that represents an asset.
CREATE FUNCTION "asset_device"(of_tenant uuid, of_asset uuid)
RETURNS TABLE (agent_status text, last_seen_at timestamp(3) with time zone, integration_id uuid, external_group_id text)
LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN m.gone_at IS NULL OR m.agent_status IS NULL THEN m.agent_status ELSE 'offline' END,
    m.last_seen_at, m.integration_id, m.external_group_id
  FROM tenant_external_entity_mappings m
  WHERE m.tenant_id = of_tenant AND m.asset_id = of_asset
  ORDER BY m.gone_at IS NOT NULL, m.agent_status = 'online' DESC NULLS LAST, m.last_seen_at DESC NULLS LAST, m.id
  LIMIT 1
$$;
--> statement-breakpoint
-- Bounded, so that a row stays in one block whatever an RMM sends. MAC addresses are written without separators.
CREATE FUNCTION "asset_search_text"(a assets, d asset_details) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT fold_text(concat_ws(E'\n',
    left(a.name, 300), left(a.serial_number, 100), left(d.system_info ->> 'hostname', 200),
    left(d.last_logged_in_user, 200),
    left(concat_ws(' ', d.system_info ->> 'manufacturer', d.system_info ->> 'model'), 200),
    left(concat_ws(' ', d.os_type, d.os_version), 200),
    left((SELECT string_agg(tag, E'\n') FROM jsonb_array_elements_text(
      CASE WHEN jsonb_typeof(d.system_info -> 'tags') = 'array' THEN d.system_info -> 'tags' END) tag), 500),
    d.lan_ip,
    array_to_string(a.mac_keys[1:16], E'\n'),
    left((SELECT string_agg(
      concat_ws(E'\n', regexp_replace(nic ->> 'macAddress', '[^0-9A-Fa-f]', '', 'g'), translate(nic ->> 'addresses', '[]", ', E'\n')),
      E'\n') FROM jsonb_array_elements(
      CASE WHEN jsonb_typeof(d.system_info -> 'networkInterfaces') = 'array' THEN d.system_info -> 'networkInterfaces' END) nic), 500)))
$$;
--> statement-breakpoint
-- The rows of these assets as they should be, in the order of the table's columns.
CREATE FUNCTION "asset_list_rows"(ids uuid[]) RETURNS SETOF "asset_list" LANGUAGE sql STABLE AS $$
  SELECT a.id, a.tenant_id, a.client_id, a.asset_type, a.status, cardinality(a.held_fields) > 0, a.needs_no_agent,
    natural_key(a.name),
    natural_key(nullif(concat_ws(' ', d.os_type, d.os_version), '')),
    natural_key(nullif(concat_ws(' ', d.system_info ->> 'manufacturer', d.system_info ->> 'model'), '')),
    natural_key(d.last_logged_in_user), fold_text(left(a.serial_number, 200)), asset_platform(d.os_type),
    natural_key(d.lan_ip), d.pending_os_patches, d.pending_since, coalesce(d.findings, '{}'),
    (SELECT least(greatest(max((disk ->> 'utilizationPercent')::numeric), 0), 100)::smallint
     FROM jsonb_array_elements(d.disks) disk),
    CASE WHEN jsonb_typeof(d.system_info -> 'securityScore') = 'number'
      THEN least(greatest((d.system_info ->> 'securityScore')::numeric, 0), 100)::smallint END,
    asset_search_text(a, d),
    m.of_asset IS NOT NULL, m.agent_status, m.last_seen_at, m.integration_id, m.external_group_id
  FROM assets a
  LEFT JOIN asset_details d ON d.asset_id = a.id
  LEFT JOIN LATERAL (SELECT a.id AS of_asset, * FROM asset_device(a.tenant_id, a.id)) m ON true
  WHERE a.id = ANY (ids)
$$;
--> statement-breakpoint
-- Writes the rows that differ. In the name of whoever changes the asset: row-level security applies.
CREATE FUNCTION "refresh_asset_list"(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO asset_list AS l SELECT * FROM asset_list_rows(ids)
  ON CONFLICT (asset_id) DO UPDATE SET client_id = excluded.client_id, asset_type = excluded.asset_type,
    status = excluded.status, is_overridden = excluded.is_overridden, needs_no_agent = excluded.needs_no_agent,
    name_key = excluded.name_key, system_key = excluded.system_key, model_key = excluded.model_key,
    user_key = excluded.user_key, serial_key = excluded.serial_key, platform = excluded.platform,
    address_key = excluded.address_key, pending_patches = excluded.pending_patches,
    pending_since = excluded.pending_since, findings = excluded.findings, disk_percent = excluded.disk_percent,
    security_score = excluded.security_score, search_text = excluded.search_text, has_device = excluded.has_device,
    agent_status = excluded.agent_status, last_seen_at = excluded.last_seen_at,
    integration_id = excluded.integration_id, external_group_id = excluded.external_group_id
  WHERE l.* IS DISTINCT FROM excluded.*;
END
$$;
--> statement-breakpoint
CREATE FUNCTION "list_assets"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_asset_list(ARRAY(SELECT id FROM latest));
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE FUNCTION "list_asset_details"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_asset_list(ARRAY(SELECT asset_id FROM latest));
  INSERT INTO asset_tags (tenant_id, tag, asset_id)
  SELECT n.tenant_id, left(tag, 200), n.asset_id
  FROM latest n CROSS JOIN LATERAL jsonb_array_elements_text(n.system_info -> 'tags') tag
  WHERE jsonb_typeof(n.system_info -> 'tags') = 'array'
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE FUNCTION "relist_asset_details"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  retagged uuid[];
BEGIN
  PERFORM refresh_asset_list(ARRAY(SELECT asset_id FROM latest UNION SELECT asset_id FROM former));
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
CREATE FUNCTION "unlist_asset_details"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_asset_list(ARRAY(SELECT asset_id FROM former));
  DELETE FROM asset_tags WHERE asset_id IN (SELECT asset_id FROM former);
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- What changes each minute, without working out the rest of the row.
CREATE FUNCTION "refresh_asset_liveness"(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE asset_list l SET has_device = m.of_asset IS NOT NULL, agent_status = m.agent_status,
    last_seen_at = m.last_seen_at, integration_id = m.integration_id, external_group_id = m.external_group_id
  FROM asset_list k
  LEFT JOIN LATERAL (SELECT k.asset_id AS of_asset, * FROM asset_device(k.tenant_id, k.asset_id)) m ON true
  WHERE k.asset_id = ANY (ids) AND l.asset_id = k.asset_id
    AND (l.has_device, l.agent_status, l.last_seen_at, l.integration_id, l.external_group_id) IS DISTINCT FROM
      (m.of_asset IS NOT NULL, m.agent_status, m.last_seen_at, m.integration_id, m.external_group_id);
END
$$;
--> statement-breakpoint
CREATE FUNCTION "list_asset_devices"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_asset_liveness(ARRAY(SELECT asset_id FROM latest WHERE asset_id IS NOT NULL));
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE FUNCTION "relist_asset_devices"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refresh_asset_liveness(ARRAY(
    SELECT u.linked FROM former o JOIN latest n ON n.id = o.id
    CROSS JOIN LATERAL unnest(ARRAY[o.asset_id, n.asset_id]) u(linked)
    WHERE u.linked IS NOT NULL AND (o.asset_id, o.agent_status, o.last_seen_at, o.gone_at, o.external_group_id)
      IS DISTINCT FROM (n.asset_id, n.agent_status, n.last_seen_at, n.gone_at, n.external_group_id)));
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "assets_list" AFTER INSERT ON "assets"
  REFERENCING NEW TABLE AS latest FOR EACH STATEMENT EXECUTE FUNCTION list_assets();
--> statement-breakpoint
CREATE TRIGGER "assets_relist" AFTER UPDATE ON "assets"
  REFERENCING NEW TABLE AS latest FOR EACH STATEMENT EXECUTE FUNCTION list_assets();
--> statement-breakpoint
CREATE TRIGGER "asset_details_list" AFTER INSERT ON "asset_details"
  REFERENCING NEW TABLE AS latest FOR EACH STATEMENT EXECUTE FUNCTION list_asset_details();
--> statement-breakpoint
CREATE TRIGGER "asset_details_relist" AFTER UPDATE ON "asset_details"
  REFERENCING OLD TABLE AS former NEW TABLE AS latest FOR EACH STATEMENT EXECUTE FUNCTION relist_asset_details();
--> statement-breakpoint
CREATE TRIGGER "asset_details_unlist" AFTER DELETE ON "asset_details"
  REFERENCING OLD TABLE AS former FOR EACH STATEMENT EXECUTE FUNCTION unlist_asset_details();
--> statement-breakpoint
CREATE TRIGGER "external_entity_list" AFTER INSERT ON "tenant_external_entity_mappings"
  REFERENCING NEW TABLE AS latest FOR EACH STATEMENT EXECUTE FUNCTION list_asset_devices();
--> statement-breakpoint
CREATE TRIGGER "external_entity_relist" AFTER UPDATE ON "tenant_external_entity_mappings"
  REFERENCING OLD TABLE AS former NEW TABLE AS latest FOR EACH STATEMENT EXECUTE FUNCTION relist_asset_devices();
--> statement-breakpoint
CREATE TRIGGER "external_entity_unlist" AFTER DELETE ON "tenant_external_entity_mappings"
  REFERENCING OLD TABLE AS latest FOR EACH STATEMENT EXECUTE FUNCTION list_asset_devices();
--> statement-breakpoint
ALTER TABLE "asset_details" DISABLE TRIGGER USER;
--> statement-breakpoint
UPDATE "asset_details" d SET pending_since = u.since
FROM (
  SELECT m.asset_id, min(u.created_at) AS since
  FROM rmm_device_updates u JOIN tenant_external_entity_mappings m ON m.tenant_id = u.tenant_id
    AND m.integration_id = u.integration_id AND m.external_type = 'device' AND m.external_id = u.external_device_id
  WHERE u.is_available AND m.gone_at IS NULL AND m.asset_id IS NOT NULL
  GROUP BY m.asset_id
) u
WHERE u.asset_id = d.asset_id;
--> statement-breakpoint
ALTER TABLE "asset_details" ENABLE TRIGGER USER;
--> statement-breakpoint
INSERT INTO "asset_list" SELECT * FROM asset_list_rows(ARRAY(SELECT id FROM assets));
--> statement-breakpoint
INSERT INTO "asset_tags" (tenant_id, tag, asset_id)
SELECT d.tenant_id, left(tag, 200), d.asset_id
FROM asset_details d CROSS JOIN LATERAL jsonb_array_elements_text(d.system_info -> 'tags') tag
WHERE jsonb_typeof(d.system_info -> 'tags') = 'array'
ON CONFLICT DO NOTHING;
