CREATE TABLE "client_contacts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"name" text NOT NULL,
	"email" text,
	"phone" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "client_contacts_tenant_key" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "client_contacts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "client_sites" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"name" text NOT NULL,
	"address" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "client_sites_tenant_key" UNIQUE("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "client_sites" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "asset_list" ADD COLUMN "site_id" uuid;--> statement-breakpoint
ALTER TABLE "asset_list" ADD COLUMN "contact_id" uuid;--> statement-breakpoint
ALTER TABLE "assets" ADD COLUMN "site_id" uuid;--> statement-breakpoint
ALTER TABLE "assets" ADD COLUMN "contact_id" uuid;--> statement-breakpoint
ALTER TABLE "client_merges" ADD COLUMN "site_ids" uuid[];--> statement-breakpoint
ALTER TABLE "client_merges" ADD COLUMN "contact_ids" uuid[];--> statement-breakpoint
ALTER TABLE "rmm_organization_mappings" ADD COLUMN "site_id" uuid;--> statement-breakpoint
ALTER TABLE "rmm_organization_mappings" ADD COLUMN "contact_id" uuid;--> statement-breakpoint
ALTER TABLE "clients" ADD CONSTRAINT "clients_tenant_key" UNIQUE("tenant_id","id");--> statement-breakpoint
ALTER TABLE "client_contacts" ADD CONSTRAINT "client_contacts_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "client_contacts" ADD CONSTRAINT "client_contacts_tenant_id_client_id_clients_tenant_id_id_fk" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "client_sites" ADD CONSTRAINT "client_sites_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "client_sites" ADD CONSTRAINT "client_sites_tenant_id_client_id_clients_tenant_id_id_fk" FOREIGN KEY ("tenant_id","client_id") REFERENCES "public"."clients"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "client_contacts_name_key" ON "client_contacts" USING btree ("tenant_id","client_id",fold_text("name"));
--> statement-breakpoint
CREATE UNIQUE INDEX "client_sites_name_key" ON "client_sites" USING btree ("tenant_id","client_id",fold_text("name"));
--> statement-breakpoint
ALTER TABLE "assets" ADD CONSTRAINT "assets_tenant_id_site_id_client_sites_tenant_id_id_fk" FOREIGN KEY ("tenant_id","site_id") REFERENCES "public"."client_sites"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assets" ADD CONSTRAINT "assets_tenant_id_contact_id_client_contacts_tenant_id_id_fk" FOREIGN KEY ("tenant_id","contact_id") REFERENCES "public"."client_contacts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_organization_mappings" ADD CONSTRAINT "rmm_organization_mappings_site_fk" FOREIGN KEY ("tenant_id","site_id") REFERENCES "public"."client_sites"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rmm_organization_mappings" ADD CONSTRAINT "rmm_organization_mappings_contact_fk" FOREIGN KEY ("tenant_id","contact_id") REFERENCES "public"."client_contacts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "assets_site_idx" ON "assets" USING btree ("tenant_id","site_id") WHERE "assets"."site_id" is not null;--> statement-breakpoint
CREATE INDEX "assets_contact_idx" ON "assets" USING btree ("tenant_id","contact_id") WHERE "assets"."contact_id" is not null;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "client_contacts" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "client_sites" AS PERMISSIVE FOR ALL TO "plumbline_tenant" USING (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
--> statement-breakpoint
-- An asset that moves to another client leaves the site and the contact of the one before, whoever moves it.
CREATE FUNCTION "leave_site_and_contact"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.site_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM client_sites s WHERE s.tenant_id = new.tenant_id AND s.id = new.site_id AND s.client_id = new.client_id)
  THEN
    new.site_id := NULL;
    new.held_fields := array_remove(new.held_fields, 'site');
  END IF;
  IF new.contact_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM client_contacts c
    WHERE c.tenant_id = new.tenant_id AND c.id = new.contact_id AND c.client_id = new.client_id)
  THEN
    new.contact_id := NULL;
    new.held_fields := array_remove(new.held_fields, 'contact');
  END IF;
  RETURN new;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "assets_leave_site_and_contact" BEFORE UPDATE OF client_id ON "assets" FOR EACH ROW
  WHEN (old.client_id IS DISTINCT FROM new.client_id AND (new.site_id IS NOT NULL OR new.contact_id IS NOT NULL))
  EXECUTE FUNCTION leave_site_and_contact();
--> statement-breakpoint
-- As before, with site and contact.
CREATE OR REPLACE FUNCTION "record_asset_changes"() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off SET jit = off AS $$
BEGIN
  INSERT INTO asset_changes (tenant_id, asset_id, field, before, after, run_id, actor, changed_at)
  SELECT n.tenant_id, n.id, f.field, nullif(f.before, 'null'), nullif(f.after, 'null'),
    nullif(current_setting('plumbline.run_id', true), '')::uuid, nullif(current_setting('plumbline.actor', true), ''),
    CASE WHEN n.updated_at IS DISTINCT FROM o.updated_at THEN n.updated_at ELSE now() END
  FROM former o JOIN latest n ON n.id = o.id
  CROSS JOIN LATERAL (VALUES
    ('name', to_jsonb(o.name), to_jsonb(n.name)),
    ('type', to_jsonb(o.asset_type), to_jsonb(n.asset_type)),
    ('client', to_jsonb(o.client_id), to_jsonb(n.client_id)),
    ('site', to_jsonb(o.site_id), to_jsonb(n.site_id)),
    ('contact', to_jsonb(o.contact_id), to_jsonb(n.contact_id)),
    ('location', to_jsonb(o.location), to_jsonb(n.location)),
    ('notes', to_jsonb(o.notes), to_jsonb(n.notes)),
    ('serialNumber', to_jsonb(o.serial_number), to_jsonb(n.serial_number)),
    ('status', to_jsonb(o.status), to_jsonb(n.status)),
    ('overrides', to_jsonb(o.held_fields), to_jsonb(n.held_fields)),
    ('_serialKey', to_jsonb(o.serial_key), to_jsonb(n.serial_key)),
    ('_macKeys', to_jsonb(o.mac_keys), to_jsonb(n.mac_keys)),
    ('_hostnameKey', to_jsonb(o.hostname_key), to_jsonb(n.hostname_key)),
    ('_absence',
      jsonb_build_array(o.gone_at AT TIME ZONE 'UTC', o.gone_reason, o.retired_at AT TIME ZONE 'UTC'),
      jsonb_build_array(n.gone_at AT TIME ZONE 'UTC', n.gone_reason, n.retired_at AT TIME ZONE 'UTC'))
  ) f(field, before, after)
  WHERE f.before IS DISTINCT FROM f.after
  ORDER BY n.id, f.field;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- As before, with site and contact.
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
    m.of_asset IS NOT NULL, m.agent_status, m.last_seen_at, m.integration_id, m.external_group_id,
    a.site_id, a.contact_id
  FROM unnest(ids) wanted(id)
  JOIN assets a ON a.id = wanted.id
  LEFT JOIN asset_details d ON d.asset_id = a.id
  LEFT JOIN LATERAL (SELECT a.id AS of_asset, * FROM asset_device(a.tenant_id, a.id)) m ON true
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "refresh_asset_list"(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
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
    integration_id = excluded.integration_id, external_group_id = excluded.external_group_id,
    site_id = excluded.site_id, contact_id = excluded.contact_id
  WHERE l.* IS DISTINCT FROM excluded.*;
END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION "relist_assets"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  changed uuid[] := ARRAY(
    SELECT n.id FROM former o JOIN latest n ON n.id = o.id
    WHERE (o.client_id, o.asset_type, o.status, o.name, o.serial_number, o.mac_keys, o.held_fields, o.needs_no_agent,
        o.site_id, o.contact_id)
      IS DISTINCT FROM
      (n.client_id, n.asset_type, n.status, n.name, n.serial_number, n.mac_keys, n.held_fields, n.needs_no_agent,
        n.site_id, n.contact_id));
BEGIN
  IF changed <> '{}' THEN PERFORM refresh_asset_list(changed); END IF;
  RETURN NULL;
END
$$;
