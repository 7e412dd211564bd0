ALTER TABLE "assets" ADD COLUMN "undone" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD COLUMN "undone_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "rmm_sync_runs" ADD COLUMN "undone_by" text;--> statement-breakpoint
CREATE INDEX "external_entity_joined_idx" ON "tenant_external_entity_mappings" USING btree ("tenant_id",("link" ->> 'runId')) WHERE "tenant_external_entity_mappings"."link" ->> 'runId' is not null;--> statement-breakpoint
-- As before, and what an undo of a run needs beside what people read, in fields that begin with an underscore. Times
-- are written in UTC, whatever the session's zone: an undo compares them.
CREATE OR REPLACE FUNCTION "record_asset_changes"() RETURNS trigger LANGUAGE plpgsql AS $$
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
-- Disks are compared without their free space and kept with it: an undo puts them back.
CREATE OR REPLACE FUNCTION "record_asset_detail_changes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO asset_changes (tenant_id, asset_id, field, before, after, run_id, actor, changed_at)
  SELECT n.tenant_id, n.asset_id, f.field, nullif(f.before, 'null'), nullif(f.after, 'null'),
    nullif(current_setting('plumbline.run_id', true), '')::uuid, nullif(current_setting('plumbline.actor', true), ''),
    CASE WHEN n.updated_at IS DISTINCT FROM o.updated_at THEN n.updated_at ELSE now() END
  FROM former o JOIN latest n ON n.asset_id = o.asset_id
  CROSS JOIN LATERAL (
    VALUES
      ('osType', to_jsonb(o.os_type), to_jsonb(n.os_type)),
      ('osVersion', to_jsonb(o.os_version), to_jsonb(n.os_version)),
      ('lanIp', to_jsonb(o.lan_ip), to_jsonb(n.lan_ip)),
      ('cpuModel', to_jsonb(o.cpu_model), to_jsonb(n.cpu_model)),
      ('cpuCores', to_jsonb(o.cpu_cores), to_jsonb(n.cpu_cores)),
      ('ramGb', to_jsonb(o.ram_gb), to_jsonb(n.ram_gb)),
      ('lastLoggedInUser', to_jsonb(o.last_logged_in_user), to_jsonb(n.last_logged_in_user)),
      ('pendingPatches', to_jsonb(o.pending_os_patches),
        CASE WHEN o.pending_os_patches IS NULL THEN NULL ELSE to_jsonb(n.pending_os_patches) END)
    UNION ALL
    SELECT 'disks', o.disks, n.disks
    WHERE disks_without_free_space(o.disks) IS DISTINCT FROM disks_without_free_space(n.disks)
    UNION ALL
    SELECT key, o.system_info -> key, n.system_info -> key
    FROM jsonb_object_keys(o.system_info || n.system_info) key WHERE o.system_info <> n.system_info
  ) f(field, before, after)
  WHERE f.before IS DISTINCT FROM f.after
  ORDER BY n.asset_id, f.field;
  RETURN NULL;
END
$$;
